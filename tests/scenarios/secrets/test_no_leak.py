"""A canary for a token: the whole program runs at its loudest, and the canary is nowhere after."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from enhance_gui.core.services.profile import profile_from_mapping
from enhance_gui.storage.folders import user_folders
from tests.scenarios.running import profile_of
from tests.scenarios.secrets.searching import Artefacts, own_temporary_folder
from tests.support.keyrings.secret_service import needs_secret_service, secret_service
from tests.support.pictures import picture_bytes
from tests.support.program import Ended, ended, run, start, write_profile
from tests.support.provider import INPUT, RESULT, Provider, ProviderTask
from tests.support.scriptable_service import Reply, ScriptableService, Talk, envelope, redirect

CANARY = "C4n4ry/of+the-whole-run"

LOUD = Path(__file__).parent / "loud"

PARTS_OF_PROCESSES = {f"{part} of processes" for part in ("cmdline", "environ", "comm")}


@dataclass
class Stage:
    """Where the program runs: all its folders, and what is collected of its runs."""

    home: Path
    folder: Path
    artefacts: Artefacts = field(default_factory=Artefacts)

    def keep(self, done: Ended) -> Ended:
        self.artefacts.add("standard output", done.out)
        self.artefacts.add("standard error", done.err)
        return done

    async def enhance(self, *arguments: str | Path, token: str | None = None) -> Ended:
        """Run ``enhance`` and look at its processes while it works."""
        process = await start(
            "--verbose", "enhance", "--json", "--save", self.folder / "out", *arguments, token=token
        )
        watching = asyncio.ensure_future(self._watch(process.pid))
        done = await ended(process)
        watching.cancel()
        return self.keep(done)

    async def _watch(self, number: int) -> None:
        # At first the canary is there to be read, since its caller has put it there. A process
        # that writes a log has taken it away.
        log = user_folders().log
        while sys.platform == "linux":
            await asyncio.sleep(0.05)
            if log.exists() and f" {number} " in log.read_text():
                self.artefacts.add_processes(number)

    def assert_no_leak(self) -> None:
        self.artefacts.add_files(self.home, self.folder)
        names = set(self.artefacts.names())
        log = user_folders().log
        # What is searched is there, and it is loud.
        assert {"standard output", "standard error", "rows of tasks.sqlite3", str(log)} <= names
        assert "DEBUG httpcore" in log.read_text()
        if sys.platform == "linux":
            assert names >= PARTS_OF_PROCESSES
        assert self.artefacts.leaks(CANARY) == []


@pytest.fixture
def stage(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    folder = tmp_path / "stage"
    folder.mkdir()
    for name, value in own_temporary_folder(folder / "tmp").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(LOUD), str(Path.cwd())]))
    return Stage(own_home, folder)


@pytest.fixture
def password_manager(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with secret_service(monkeypatch, tmp_path / "session") as service:
        service.start()
        yield


def _with_hosts(test: Callable[[Provider, ScriptableService], Awaitable[None]]) -> None:
    """Run a test with a provider that quotes tokens, and with a picture host apart from it."""

    async def body() -> None:
        async with asyncio.timeout(200), Provider() as provider, ScriptableService() as host:
            host.on("/a.jpg", Reply(body=INPUT))
            host.on("/b.jpg", Reply(body=INPUT))
            host.on("/c.jpg", Reply(body=INPUT))
            host.on("/result.png", Reply(body=RESULT))
            provider.polls_needed = 3
            provider.record_of_new = lambda task: _record(task, host)
            await test(provider, host)

    asyncio.run(body())


def _record(task: ProviderTask, host: ScriptableService) -> dict[str, object]:
    """Return a record of a provider that is careless with the token it was given."""
    fields: dict[str, object] = {"outputurl": host.url("/result.png"), "errormsg": f"({CANARY})"}
    if task.picurl.endswith("/b.jpg"):
        return {**fields, "errorcode": 7, "status": 9, "outputurl": ""}
    return fields


async def _refuse_and_quote(talk: Talk) -> None:
    await talk.reply(envelope(None, 1001001, f"the token {talk.request.headers['token']} is bad"))


async def _work(stage: Stage, provider: Provider, host: ScriptableService) -> None:
    """Have one picture saved, one failed and one refused, with the token quoted each time."""
    profile = write_profile(stage.folder / "studio.toml", profile_of(provider))
    service = ("--service", profile)
    good = await stage.enhance(*service, host.url("/a.jpg?sig=1"))
    assert good.code == 0, good.err
    failed = await stage.enhance(*service, host.url("/b.jpg"))
    assert failed.code == 1, failed.err
    assert "<hidden>" in failed.out
    provider.on("/createtask", _refuse_and_quote)
    refused = await stage.enhance(*service, host.url("/c.jpg"))
    assert refused.code == 1, refused.err
    assert "<hidden>" in refused.out
    # Led away, the token does not follow.
    provider.on("/createtask", redirect(host.url("/createtask"), 307))
    led_away = await stage.enhance(*service, host.url("/c.jpg?again"))
    assert led_away.code in (3, 4), led_away.err
    for request in provider.requests:
        assert request.headers["token"] == CANARY
    assert len(host.requests) >= 4
    stage.artefacts.add_requests(host.requests, "the picture host")


async def _refuse_and_quote_all(talk: Talk) -> None:
    """Answer as a service does that quotes all it was sent, escaped as PHP does."""
    seen = talk.request
    quoted = json.dumps(f"{seen.target} {seen.headers} {seen.body.decode()}").replace("/", "\\/")
    await talk.reply(Reply(body=f'{{"code": 1001001, "msg": {quoted}}}'.encode()))


@pytest.mark.long
@pytest.mark.parametrize("token_in", ["query", "body"])
def test_a_token_in_the_address_or_the_body_is_in_no_file_and_goes_nowhere_else(
    stage: Stage, token_in: str
) -> None:
    async def test(provider: Provider, host: ScriptableService) -> None:
        studio = replace(profile_of(provider), token_in=token_in, token_header="access_token")
        user_folders().profiles.mkdir(parents=True)
        write_profile(user_folders().profiles / "studio.toml", studio)
        service = ("--service", studio.name)
        good = await stage.enhance(*service, host.url("/a.jpg?sig=1"), token=CANARY)
        assert good.code == 0, good.err
        failed = await stage.enhance(*service, host.url("/b.jpg"), token=CANARY)
        assert failed.code == 1, failed.err
        provider.on("/createtask", _refuse_and_quote_all)
        refused = await stage.enhance(*service, host.url("/c.jpg"), token=CANARY)
        assert refused.code == 1, refused.err
        assert "<hidden>" in refused.out
        provider.on("/createtask", redirect(host.url("/createtask"), 307))
        led_away = await stage.enhance(*service, host.url("/c.jpg?again"), token=CANARY)
        assert led_away.code in (3, 4), led_away.err
        assert stage.keep(await run("--verbose", "doctor", token=CANARY)).out
        for request in provider.requests:
            fields = request.query if token_in == "query" else request.json()
            assert fields["access_token"] == CANARY
            assert CANARY not in str(request.headers)
        stage.artefacts.add_requests(host.requests, "the picture host")

    _with_hosts(test)
    stage.assert_no_leak()


@needs_secret_service
@pytest.mark.usefixtures("password_manager")
def test_a_remote_service_with_its_token_in_the_password_manager(stage: Stage) -> None:
    async def test(provider: Provider, host: ScriptableService) -> None:
        profile = write_profile(stage.folder / "studio.toml", profile_of(provider))
        service = ("--service", str(profile))
        typed = CANARY.encode() + b"\n"
        assert stage.keep(await run("token", "set", *service, typed=typed)).code == 0
        assert stage.keep(await run("token", "status", *service)).code == 0
        await _work(stage, provider, host)
        assert stage.keep(await run("--verbose", "doctor")).out
        assert stage.keep(await run("token", "forget", *service)).code == 0

    _with_hosts(test)
    stage.assert_no_leak()


@pytest.mark.long
def test_a_remote_service_with_the_token_of_one_run(stage: Stage) -> None:
    async def test(provider: Provider, host: ScriptableService) -> None:
        profile = write_profile(stage.folder / "studio.toml", profile_of(provider))
        done = await stage.enhance("--service", profile, host.url("/a.jpg"), token=CANARY)
        assert done.code == 0, done.err
        assert stage.keep(await run("--verbose", "doctor", token=CANARY)).out
        stage.artefacts.add_requests(host.requests, "the picture host")

    _with_hosts(test)
    stage.assert_no_leak()


def test_the_service_of_this_computer_gets_no_token_of_another(stage: Stage) -> None:
    picture = stage.folder / "a.png"
    picture.write_bytes(picture_bytes("png", 200, 100))
    done = asyncio.run(stage.enhance(picture, token=CANARY))
    assert done.code == 0, done.err
    for _ in range(5):
        # A run is over in a moment, and a computer that stands still looks away for longer.
        if sys.platform != "linux" or set(stage.artefacts.names()) >= PARTS_OF_PROCESSES:
            break
        asyncio.run(stage.enhance(picture, token=CANARY))
    stage.assert_no_leak()


@pytest.mark.long
def test_the_service_by_itself_shows_its_token_in_its_first_line_alone(stage: Stage) -> None:
    picture = stage.folder / "a.png"
    picture.write_bytes(picture_bytes("png", 200, 100))

    async def test() -> None:
        data = stage.folder / "service"
        service = await start("serve", "--data", data, token=CANARY)
        assert service.stdout is not None
        first = json.loads(await service.stdout.readline())
        assert first["token"] == CANARY
        known = await run("services", "--json")
        local_service = profile_from_mapping(json.loads(known.out.splitlines()[0]), "services")
        server = replace(local_service, name="Server", base_url=first["base_url"])
        profile = write_profile(stage.folder / "server.toml", server)
        done = await stage.enhance("--service", profile, picture, token=CANARY)
        assert done.code == 0, done.err
        wrong = await stage.enhance("--service", profile, picture, token=f"{CANARY} wrong"[-8:])
        assert wrong.code == 4, wrong.err
        if sys.platform == "linux":
            stage.artefacts.add_processes(service.pid)
        service.terminate()
        stage.keep(await ended(service))

    asyncio.run(test())
    stage.assert_no_leak()
