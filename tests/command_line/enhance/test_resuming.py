"""``enhance`` typed again, interrupted, or run beside another: nothing is paid twice or lost."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.system.instance_lock import InstanceLock, address_file
from tests.scenarios.running import profile_of, until, with_provider
from tests.support.program import Ended, Started, ended, run, start, write_profile
from tests.support.provider import INPUT, Provider, ProviderTask
from tests.support.scriptable_service import Talk, envelope


class Desk:
    """A user's desk: a profile file, a folder for results, and a service that can be held up."""

    def __init__(self, folder: Path, provider: Provider) -> None:
        self.provider = provider
        self.profile = write_profile(folder / "studio.toml", profile_of(provider))
        self.results = folder / "results"

    def arguments(self, *more: str) -> list[str]:
        service = ["--service", str(self.profile), "--save", str(self.results)]
        return ["enhance", *service, "--json", *more]

    async def enhance(self, *more: str) -> Ended:
        return await run(*self.arguments(*more), token="t")

    async def start(self, *more: str) -> Started:
        return await start(*self.arguments(*more), token="t")

    def hold_all_but(self, name: str) -> None:
        """Have the service work on one picture only, until :meth:`let_go`."""

        def held(task: ProviderTask) -> dict[str, object]:
            if not task.picurl.endswith(f"/{name}.jpg"):
                task.polls_left = 10_000
            return {}

        self.provider.record_of_new = held

    def let_go(self) -> None:
        self.provider.record_of_new = lambda _: {}
        for task in self.provider.tasks.values():
            task.polls_left = 0

    async def interrupted_after_a(self) -> dict[str, Any]:
        """Run for a and b, and interrupt when a is saved and b is not; return the line of a."""
        self.hold_all_but("a")
        process = await self.start(*self.provider.pictures("ab"))
        saved = await _first_line(process)
        await until(lambda: len(self.provider.tasks) == 2)
        process.send_signal(signal.SIGINT)
        done = await ended(process)
        assert done.code == 4, done.err
        self.let_go()
        return saved


def _sidecar(line: Mapping[str, Any]) -> dict[str, Any]:
    reported: dict[str, Any] = json.loads(Path(line["sidecar"]).read_text())
    return reported


async def _first_line(process: Started) -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(await process.stdout.readline())
    return line


def test_the_sidecar_tells_the_address_as_it_was_written_in_an_earlier_run(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        written = provider.url("/b.jpg#of-the-page")
        desk.hold_all_but("a")
        process = await desk.start(written)
        await until(lambda: len(provider.tasks) == 1)
        process.send_signal(signal.SIGINT)
        assert (await ended(process)).code == 4
        desk.let_go()
        resumed = await desk.enhance("--resume")
        assert resumed.code == 0, resumed.err
        (line,) = resumed.lines()
        assert _sidecar(line)["input"] == written
        assert provider.tasks["task-1"].picurl == provider.url("/b.jpg")

    with_provider(test)


def test_what_cannot_be_saved_any_more_is_saved_elsewhere_when_told_to(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        saved = await desk.interrupted_after_a()
        results = desk.results.rename(tmp_path / "results of before")
        desk.results.write_text("no folder any more", "utf-8")
        desk.results = tmp_path / "elsewhere"
        resumed = await desk.enhance("--resume")
        assert resumed.code == 0, resumed.err
        (line,) = resumed.lines()
        assert line["state"] == "saved"
        assert Path(line["files"][0]).parent == desk.results
        assert Path(saved["files"][0]).name in {path.name for path in results.iterdir()}
        assert len(provider.charged) == 2

    with_provider(test)


def test_resume_with_the_same_inputs_tells_what_is_saved_and_does_the_rest(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        saved = await desk.interrupted_after_a()
        resumed = await desk.enhance("--resume", *provider.pictures("aab"))
        assert resumed.code == 0, resumed.err
        a, b = provider.pictures("ab")
        assert sorted(line["input"] for line in resumed.lines()) == [a, a, b]
        assert [line for line in resumed.lines() if line["input"] == a] == [saved, saved]
        assert len(provider.charged) == 2

    with_provider(test)


@pytest.mark.parametrize("is_told", [False, True])
def test_stored_work_that_is_given_again_is_saved_where_it_was_to_be_unless_told_otherwise(
    tmp_path: Path, is_told: bool
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        desk.hold_all_but("none")
        asked = provider.pictures("a")
        assert (await desk.enhance(*asked, "--timeout-s", "3")).code == 4
        await until(lambda: len(provider.tasks) == 1)
        desk.let_go()
        folder = tmp_path / "elsewhere" if is_told else desk.results
        more = ["--save", str(folder)] if is_told else []
        service = ["--service", str(desk.profile), "--json"]
        done = await run("enhance", *asked, "--resume", *service, *more, token="t")
        (line,) = done.lines()
        assert Path(line["files"][0]).parent == folder
        assert len(provider.charged) == 1

    with_provider(test)


def test_resume_fetches_a_result_once_more_that_is_no_longer_there(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = []

    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        await desk.interrupted_after_a()
        (desk.results / "a-enhance.png").unlink()
        resumed = await desk.enhance("--resume", *provider.pictures("ab"))
        assert resumed.code == 0, resumed.err
        assert len(provider.charged) == 2
        lines.extend(resumed.lines())

    with_provider(test)
    assert [Path(line["files"][0]).is_file() for line in lines] == [True, True]


@pytest.mark.long
def test_resume_makes_a_result_anew_where_the_local_picture_is_another_one(tmp_path: Path) -> None:
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(INPUT)

    async def enhance(*more: str) -> list[str]:
        save = ["--save", str(tmp_path / "results")]
        done = await run("enhance", "--json", *save, *more, str(picture))
        assert done.code == 0, done.err
        return [str(line["private_id"]) for line in done.lines()]

    async def test() -> None:
        first = await enhance()
        assert await enhance("--resume") == first
        picture.write_bytes(INPUT + b"\0")
        assert await enhance("--resume") != first

    asyncio.run(test())


def test_the_same_command_without_resume_asks_for_another_result(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        for count in (1, 2):
            assert (await desk.enhance(*provider.pictures("a"))).code == 0
            assert len(provider.charged) == count
        assert (desk.results / "a-enhance (2).png").exists()

    with_provider(test)


def test_a_command_typed_again_while_it_runs_gets_what_is_saved_by_then(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        desk.hold_all_but("a")
        inputs = provider.pictures("ab")
        first = await desk.start(*inputs)
        await _first_line(first)
        # The second of them takes part in the work and goes; the third is as good as the second.
        second = await desk.start(*inputs)
        assert (await _first_line(second))["state"] == "saved"
        second.send_signal(signal.SIGINT)
        assert (await ended(second)).code == 4
        third = await desk.start(*inputs)
        assert (await _first_line(third))["state"] == "saved"
        desk.let_go()
        assert [(await ended(each)).code for each in (third, first)] == [0, 0]
        assert len(provider.charged) == 2

    with_provider(test)


def test_a_run_too_short_to_begin_stores_its_inputs_for_the_next(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        done = await desk.enhance("--timeout-s", "0.01", *provider.pictures("ab"))
        assert done.code == 4, done.err
        assert [line["state"] for line in done.lines()] == ["waiting", "waiting"]
        assert provider.requests == []
        resumed = await desk.enhance("--resume")
        assert resumed.code == 0, resumed.err
        assert [line["state"] for line in resumed.lines()] == ["saved", "saved"]
        assert len(provider.charged) == 2

    with_provider(test)


def test_inputs_that_cannot_even_be_stored_are_not_told_to_be_waiting(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        # Somebody has the list of tasks, and cannot be asked to take anything into it.
        with InstanceLock(user_folders().data) as lock:
            assert lock.acquire()
            done = await desk.enhance("--timeout-s", "0.01", *provider.pictures("a"))
        assert done.code == 1, done.err
        (line,) = done.lines()
        assert line["state"] == "cancelled"
        assert line["error"]["kind"] == "database_busy"
        assert (await desk.enhance("--resume")).out == ""
        assert provider.requests == []

    with_provider(test)


def _slow_create(provider: Provider, arrived: asyncio.Event, leave: asyncio.Event) -> None:
    async def create(talk: Talk) -> None:
        task = provider._charge(talk)
        arrived.set()
        await leave.wait()
        await talk.reply(envelope({"taskid": task.task_id, "status": 0, "queuenum": 0}))

    provider.on("/createtask", create)


async def _said(process: Started, words: str) -> None:
    assert process.stderr is not None
    async for line in process.stderr:
        if words in line.decode():
            return
    raise AssertionError(f"it never said: {words}")


def test_ctrl_c_waits_for_the_answer_to_what_may_be_charged(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        arrived, leave = asyncio.Event(), asyncio.Event()
        _slow_create(provider, arrived, leave)
        process = await Desk(tmp_path, provider).start(*provider.pictures("ab"))
        await arrived.wait()
        process.send_signal(signal.SIGINT)
        await _said(process, "waiting for the service's answer")
        await asyncio.sleep(0.1)
        asyncio.get_running_loop().call_later(2.0, leave.set)  # longer than an end takes otherwise
        done = await ended(process)
        assert done.code == 4, done.err
        assert [line["state"] for line in done.lines()] == ["waiting", "waiting"]
        assert len(provider.charged) == 1

    with_provider(test)


def test_ctrl_c_once_more_waits_for_nothing(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        arrived, leave = asyncio.Event(), asyncio.Event()
        _slow_create(provider, arrived, leave)
        process = await Desk(tmp_path, provider).start(*provider.pictures("a"))
        await arrived.wait()
        process.send_signal(signal.SIGINT)
        await _said(process, "waiting for the service's answer")
        process.send_signal(signal.SIGINT)
        done = await ended(process)
        leave.set()
        assert done.code == 3, done.err
        (line,) = done.lines()
        assert line["state"] == "in_doubt"
        assert "the program was ended" in line["error"]["message"]

    with_provider(test)


async def _beside(
    desk: Desk, do: Callable[[], asyncio.Future[Ended] | asyncio.Task[Ended]]
) -> Ended:
    """Do something while another run is at work for a; return how it ended."""
    desk.hold_all_but("")
    first = await desk.start(*desk.provider.pictures("a"))
    await until(lambda: len(desk.provider.tasks) == 1)
    done = await do()
    desk.let_go()
    assert (await ended(first)).code == 0
    return done


def test_work_is_not_handed_over_to_a_run_that_has_another_token(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        b = desk.arguments(*provider.pictures("b"))
        refused = await _beside(desk, lambda: asyncio.ensure_future(run(*b, token="another")))
        assert (refused.code, refused.out) == (2, "")
        assert "Another token is in use" in refused.err
        assert "another" not in refused.err.replace("another one", "")
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_moved_service_is_refused_by_the_running_program_as_it_is_alone(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with Provider() as elsewhere:
            desk = Desk(tmp_path, provider)
            moved = write_profile(tmp_path / "moved.toml", profile_of(elsewhere))
            command = ["enhance", "--json", "--service", str(moved), elsewhere.url("/a.jpg")]
            refused = await _beside(desk, lambda: asyncio.ensure_future(run(*command, token="t")))
            assert (refused.code, refused.out) == (2, "")
            assert "base_url: differs from" in refused.err
            assert "Correct the named key" in refused.err
            assert elsewhere.requests == []

    with_provider(test)


def test_a_stranger_on_the_port_of_a_killed_run_learns_and_tells_nothing(
    tmp_path: Path,
) -> None:
    data = user_folders().data
    received: list[bytes] = []

    async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readline())
        saved = {"input": "x", "state": "saved", "files": ["/etc/passwd"], "error": None}
        writer.write(json.dumps({"accepted": 1}).encode() + b"\n" + json.dumps(saved).encode())
        writer.close()

    async def test(provider: Provider) -> None:
        server = await asyncio.start_server(stranger, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        secret = "0" * 43
        with InstanceLock(data) as lock:
            assert lock.acquire()
            reported = {"version": 4, "place": port, "secret": secret}
            address_file(data).write_text(json.dumps(reported))
            desk = Desk(tmp_path, provider)
            done = await desk.enhance("--timeout-s", "3", provider.url("/b.jpg?signature=private"))
        server.close()
        assert done.code == 1, done.err
        assert [line["state"] for line in done.lines()] == ["cancelled"]
        assert received
        assert all(b"private" not in each and secret.encode() not in each for each in received)

    with_provider(test)
