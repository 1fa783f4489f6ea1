"""Other network settings hold at once, and cost no task on its way anything."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.secret import Secret
from enhance_gui.core.settings.network import DIRECT, NetworkSettings, ProxyMode
from enhance_gui.core.storage_errors import KEYRING_LOCKED, KeyringMissing, KeyringProblem
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import NewTask
from enhance_gui.jobs.local_service.process import LocalService, service_command
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.jobs.services.network import ProxyLogin, ca_file_problem
from enhance_gui.storage.profiles.profile_files import local_profile
from enhance_gui.storage.system.keyrings import SystemKeyring
from tests.scenarios.running import at_work, profile_of, until, with_provider
from tests.support.keyrings.secret_service import (
    SecretService,
    needs_secret_service,
    secret_service,
    without_session_bus,
)
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.support.raising import raises_kind
from tests.support.scriptable_service import Reply, ScriptableService, Talk

LOGIN = Secret("ada:c4n4ry-of-the-proxy")
TLS_FOLDER = Path(__file__).parents[2] / "support" / "tls"


def own(proxy: ScriptableService, login: Secret | None = None) -> NetworkSettings:
    return NetworkSettings(
        ProxyMode.OWN, f"http://127.0.0.1:{proxy.port}", login, proxy_wants_login=True
    )


LOGIN_HEADER = f"Basic {base64.b64encode(LOGIN.reveal().encode()).decode()}"


def test_a_proxy_chosen_while_a_service_is_out_of_reach_leads_to_it_at_once(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        profile = profile_of(provider, base_url="http://studio.test")
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            await running.until_true(
                lambda: "offline" in running.line_states(), "it is not out of reach"
            )
            await running.queue.pool.apply_network(own(provider, LOGIN))
            await running.until(task, TaskState.SAVED)
        (create,) = provider.seen("/createtask")
        assert create.target == "http://studio.test/createtask"
        assert create.headers["proxy-authorization"] == LOGIN_HEADER
        assert all("proxy-authorization" not in each.headers for each in provider.seen("/a.jpg"))

    with_provider(test)


def test_a_paid_request_on_its_way_ends_on_its_old_way(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        arrived, answer = asyncio.Event(), asyncio.Event()

        async def slowly(talk: Talk) -> None:
            arrived.set()
            await answer.wait()
            await provider.create(talk)

        provider.creating(slowly)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await arrived.wait()
            for answer_s in range(60, 80):
                await running.queue.pool.apply_network(replace(DIRECT, answer_s=float(answer_s)))
            # Of all that is left behind, only what has a request on its way is kept.
            left = running.worker._draining
            await until(lambda: len(left) == 1)
            answer.set()
            await until(lambda: not left)
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_proxy_is_gone_through_although_its_login_cannot_be_read(tmp_path: Path) -> None:
    asked: list[NetworkSettings] = []

    async def login_of(network: NetworkSettings) -> NetworkSettings:
        asked.append(network)
        if network.proxy is ProxyMode.OWN:
            raise KeyringProblem("it is locked", kind=KEYRING_LOCKED)
        return network

    async def test(provider: Provider) -> None:
        profile = profile_of(provider, base_url="http://studio.test")
        async with at_work(tmp_path, provider, profile, login_of=login_of) as running:
            (task,) = await running.add_pictures("a")
            await running.until_true(
                lambda: "offline" in running.line_states(), "it is not out of reach"
            )
            with raises_kind(KEYRING_LOCKED, KeyringProblem):
                await running.queue.pool.apply_network(own(provider))
            await running.until(task, TaskState.SAVED)
        assert len(asked) == 2
        assert "proxy-authorization" not in provider.seen("/createtask")[0].headers

    with_provider(test)


def test_a_service_is_not_opened_before_the_proxys_login_can_be_read(tmp_path: Path) -> None:
    async def login_of(network: NetworkSettings) -> NetworkSettings:
        raise KeyringProblem("it is locked", kind=KEYRING_LOCKED)

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, network=own(provider), login_of=login_of) as running:
            (task,) = await running.add_pictures("a")
            waiting = await running.until_suspended(task)
            assert waiting.failure is not None
            assert waiting.failure.kind == "keyring_locked"
        assert provider.requests == []

    with_provider(test)


def test_the_service_of_this_computer_fetches_pictures_by_the_users_proxy(tmp_path: Path) -> None:
    picture = Reply(body=picture_bytes("png", 80, 80))

    async def test() -> None:
        owner = TaskSupervisor(lambda _: None)
        async with ScriptableService() as first, ScriptableService() as second:
            for proxy in (first, second):
                proxy.on("/a.png", picture)
            service = await LocalService.start(
                service_command(tmp_path / "data"), owner, own(first, LOGIN)
            )
            try:
                assert b"c4n4ry" not in _what_others_see(service)
                await _create(service)
                service.apply_network(own(second))
                await _until_asked(service, second)
            finally:
                await service.stop()
                await owner.close()
        assert [request_.target for request_ in first.requests] == ["http://pictures.test/a.png"]
        assert first.requests[0].headers["proxy-authorization"] == LOGIN_HEADER
        assert "proxy-authorization" not in second.requests[0].headers

    asyncio.run(test())


def _what_others_see(service: LocalService) -> bytes:
    """Return the arguments and the environment of the process; empty where there is no /proc."""
    folder = Path(f"/proc/{service._process.pid}")
    names = ("cmdline", "environ") if folder.exists() else ()
    return b"".join((folder / name).read_bytes() for name in names)


async def _create(service: LocalService) -> None:
    import httpx

    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        reply = await client.post(
            f"{service.base_url}/createtask",
            json={"picurl": "http://pictures.test/a.png", "type": 2},
            headers={"token": service.token.reveal()},
        )
        assert reply.json()["code"] == 0, reply.text


async def _until_asked(service: LocalService, proxy: ScriptableService) -> None:
    """Create tasks until one has come by the new way: the word travels beside the requests."""
    end_s = time.monotonic() + 10
    while not proxy.requests:
        assert time.monotonic() < end_s
        await _create(service)


# -- the login ------------------------------------------------------------------------------------


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SecretService]:
    with secret_service(monkeypatch, tmp_path / "session") as running:
        yield running


def logins(tmp_path: Path) -> ProxyLogin:
    return ProxyLogin(CredentialStore(SystemKeyring(tmp_path / "places.json"), limit_s=10))


PROXY = NetworkSettings(ProxyMode.OWN, "http://proxy.test:3128", proxy_wants_login=True)


@needs_secret_service
def test_a_login_is_kept_for_its_own_proxy_alone(service: SecretService, tmp_path: Path) -> None:
    service.start()

    async def test() -> None:
        await logins(tmp_path).keep(PROXY, LOGIN)
        assert (await logins(tmp_path).complete(PROXY)).proxy_login == LOGIN
        for other in (
            replace(PROXY, proxy_url="http://proxy.test:3129"),
            replace(PROXY, proxy=ProxyMode.SYSTEM),
            replace(PROXY, proxy_wants_login=False),
            replace(PROXY, proxy_url="nonsense"),
        ):
            assert (await logins(tmp_path).complete(other)).proxy_login is None
        assert await logins(tmp_path).forget(PROXY)
        assert (await logins(tmp_path).complete(PROXY)).proxy_login is None

    asyncio.run(test())
    for path in tmp_path.glob("*.json"):
        assert "c4n4ry" not in path.read_text()


def test_without_a_password_manager_a_login_holds_for_this_run(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)

    async def test() -> None:
        kept = logins(tmp_path)
        with pytest.raises(KeyringMissing):
            await kept.keep(PROXY, LOGIN)
        assert (await kept.complete(PROXY)).proxy_login == LOGIN

    asyncio.run(test())
    for folder in (tmp_path, own_home):
        for path in folder.rglob("*"):
            assert not path.is_file() or b"c4n4ry" not in path.read_bytes()


# -- files of certificates ------------------------------------------------------------------------


def test_a_file_of_certificates_is_told_from_one_that_is_none(tmp_path: Path) -> None:
    assert ca_file_problem(TLS_FOLDER / "authority.pem") == ""
    bad = {
        "empty.pem": (b"", "no certificate in PEM form"),
        "picture.pem": (picture_bytes("png", 20, 20), "no certificate in PEM form"),
        "damaged.pem": (
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "damaged",
        ),
        "huge.pem": (b"x" * (9 * 2**20), "too large"),
    }
    for name, (content, words) in bad.items():
        (tmp_path / name).write_bytes(content)
        assert words in ca_file_problem(tmp_path / name), name
    assert "cannot be read" in ca_file_problem(tmp_path / "missing.pem")
    assert "cannot be read" in ca_file_problem(tmp_path)


def test_a_proxy_chosen_while_a_service_is_renewed_is_not_gone_around(tmp_path: Path) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()
    is_slow = False

    async def login_of(network: NetworkSettings) -> NetworkSettings:
        if is_slow and network.proxy is not ProxyMode.OWN:
            asked.set()
            await go_on.wait()
        return network

    async def test(provider: Provider) -> None:
        nonlocal is_slow
        profile = profile_of(provider, base_url="http://studio.test")
        async with at_work(tmp_path, provider, profile, login_of=login_of) as running:
            (task,) = await running.add_pictures("a")
            await running.until_true(
                lambda: "offline" in running.line_states(), "it is not out of reach"
            )
            is_slow = True
            renewing = asyncio.create_task(running.queue.pool.renew(profile))
            await asked.wait()
            await running.queue.pool.apply_network(own(provider, LOGIN))
            go_on.set()
            await renewing
            await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_a_proxy_chosen_while_the_service_of_this_computer_starts_is_not_gone_around(
    tmp_path: Path,
) -> None:
    async def test(proxy: Provider) -> None:
        profile = local_profile()
        kind = profile.enhance_types[0]
        async with at_work(tmp_path, proxy, profile) as running:
            new = NewTask(
                "http://studio.test/a.jpg", profile.name, kind.id, kind.name, running.results
            )
            adding = asyncio.create_task(running.queue.add(profile, [new]))
            await running.until_true(lambda: "starting" in running.line_states(), "no start")
            await running.queue.pool.apply_network(own(proxy, LOGIN))
            (task,) = await adding
            reported = await running.until_suspended(task)
            assert reported.state is TaskState.SAVED, reported.failure

    with_provider(test)
