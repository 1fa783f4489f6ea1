"""Proxies: used where wanted, never for this computer, and no way around the guard."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from enhance_gui.client.api import ApiClient
from enhance_gui.core.picture_errors import PictureUnreachable, PrivateAddress
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import ServiceUnreachable
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings, ProxyMode
from enhance_gui.transport.clients import picture_client
from enhance_gui.transport.guarded import GuardedTransport
from enhance_gui.transport.host_lookup import AddressPolicy
from enhance_gui.transport.open_image import open_picture
from enhance_gui.wire.requests import CreateTaskRequest
from tests.support.patience import HUNG_S, UNHURRIED
from tests.support.resolvers import FixedResolver, silent_resolver
from tests.support.scriptable_service import Reply, ScriptableService, Talk, envelope
from tests.support.tls import AUTHORITY, server_context
from tests.transport.internet import NotedNetwork, guarded_client

LOGIN = Secret("me:canary-password")
NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


class TestProxy(ScriptableService):
    """A proxy for https servers, all of which are on this computer."""

    __test__ = False

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        super().__init__()
        self.asked: list[str] = []
        """The heads of all CONNECT requests."""
        self._answer = answer
        self.on_connect(self._tunnel)

    def own(self, login: Secret | None = None) -> NetworkSettings:
        return NetworkSettings(ProxyMode.OWN, f"http://proxy.test:{self.port}", login)

    async def _tunnel(self, talk: Talk) -> None:
        head = (await talk._reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head)
        await talk.send(self._answer)
        if b" 200 " in self._answer:
            port = int(head.split()[1].rpartition(":")[2])
            await _pipe(talk, port)
        talk.drop()


async def _pipe(talk: Talk, port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(2**16):
            sink.write(data)
            await sink.drain()

    network_provider = [copy(reader, talk._writer), copy(talk._reader, writer)]
    running = [asyncio.ensure_future(each) for each in network_provider]
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        writer.transport.abort()
        await asyncio.sleep(0)


async def fetched(client: httpx.AsyncClient, url: str) -> bytes:
    opening = open_picture(
        client, url, problem=PictureUnreachable, max_redirects=0, timeouts=UNHURRIED
    )
    async with opening as picture:
        chunks = picture.chunks(max_bytes=1000, too_long=PictureUnreachable("too long"))
        return b"".join([chunk async for chunk in chunks])


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(HUNG_S):
            await test()

    asyncio.run(limited())


def test_an_https_server_is_reached_through_the_proxy_and_its_certificate_still_checked() -> None:
    async def test() -> None:
        network = NotedNetwork()
        async with ScriptableService(server_context()) as host, TestProxy() as proxy:
            host.on("/a", Reply(body=b"picture"))
            settings = proxy.own(LOGIN)
            async with guarded_client(FixedResolver(), network, settings=settings) as client:
                assert await fetched(client, f"https://pictures.test:{host.port}/a") == b"picture"
                with pytest.raises(PictureUnreachable, match="certificate"):
                    await fetched(client, f"https://other.test:{host.port}/a")
            (seen,) = host.requests
        head = proxy.asked[0]
        assert head.startswith(f"CONNECT pictures.test:{host.port} HTTP/1.1\r\n")
        assert base64.b64encode(LOGIN.reveal().encode()).decode() in head
        assert "proxy-authorization" not in seen.headers
        assert set(network.connects) == {"proxy.test"}

    run(test)


def test_an_http_server_is_asked_for_with_its_whole_address() -> None:
    async def test() -> None:
        network = NotedNetwork()
        async with ScriptableService() as proxy:
            proxy.on("/a", Reply(body=b"picture"))
            url = f"http://proxy.test:{proxy.port}"
            settings = NetworkSettings(ProxyMode.OWN, url, LOGIN)
            async with guarded_client(FixedResolver(), network, settings=settings) as client:
                assert await fetched(client, "http://pictures.test/a?b=c") == b"picture"
            (seen,) = proxy.requests
            assert seen.target == "http://pictures.test/a?b=c"
            assert seen.headers["host"] == "pictures.test"
            assert seen.headers["proxy-authorization"].startswith("Basic ")

    run(test)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "localhost", "a.localhost", "0x7f000001", "2130706433"]
)
def test_this_computer_is_never_reached_through_a_proxy(host: str) -> None:
    async def test() -> None:
        network = NotedNetwork()
        async with ScriptableService() as own, TestProxy() as proxy:
            own.on("/a", Reply(body=b"own"))
            resolver = FixedResolver(**{host.strip("[]"): [["127.0.0.1"]]})
            transport = GuardedTransport(
                AddressPolicy.ANY,
                max_connections=4,
                max_idle=4,
                resolver=resolver,
                network=network,
                settings=proxy.own(),
            )
            async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
                answer = await client.get(f"http://{host}:{own.port}/a")
                assert answer.content == b"own"
            assert proxy.asked == []
            assert "proxy.test" not in network.connects

    run(test)


@pytest.mark.parametrize(
    ("host", "resolver"),
    [
        ("10.0.0.1", FixedResolver(**{"10_0_0_1": [["10.0.0.1"]]})),
        ("intranet.test", FixedResolver(intranet_test=[["93.184.216.34", "10.0.0.1"]])),
        ("localhost", FixedResolver(localhost=[["127.0.0.1"]])),
    ],
)
def test_what_is_known_to_be_private_is_not_asked_of_a_proxy(
    host: str, resolver: FixedResolver
) -> None:
    async def test() -> None:
        network = NotedNetwork()
        async with TestProxy() as proxy:
            async with guarded_client(resolver, network, settings=proxy.own()) as client:
                for scheme in ("http", "https"):
                    with pytest.raises(PrivateAddress):
                        await fetched(client, f"{scheme}://{host}/a")
            assert network.connects == []

    run(test)


def test_a_silent_name_server_does_not_keep_the_proxy_from_being_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("enhance_gui.transport.guarded._LOOK_UP_S", 0.05)

    async def test() -> None:
        async with ScriptableService(server_context()) as host, TestProxy() as proxy:
            host.on("/a", Reply(body=b"picture"))
            client = guarded_client(silent_resolver, NotedNetwork(), settings=proxy.own())
            async with client:
                assert await fetched(client, f"https://pictures.test:{host.port}/a") == b"picture"

    run(test)


def test_the_system_s_proxy_is_the_environment_s_and_its_exceptions_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        network = NotedNetwork()
        resolver = FixedResolver(pictures_test=[["93.184.216.34"]])
        async with ScriptableService(server_context()) as host, TestProxy() as proxy:
            host.on("/a", Reply(body=b"picture"))
            url = f"https://pictures.test:{host.port}/a"
            monkeypatch.setenv("https_proxy", f"http://me:pass%40word@pröxy.test:{proxy.port}")
            system = NetworkSettings(ProxyMode.SYSTEM)
            async with guarded_client(resolver, network, settings=system) as client:
                assert await fetched(client, url) == b"picture"
            assert base64.b64encode(b"me:pass@word").decode() in proxy.asked[0]
            monkeypatch.setenv("no_proxy", "pictures.test")
            async with guarded_client(resolver, network, settings=system) as client:
                assert await fetched(client, url) == b"picture"
            monkeypatch.delenv("no_proxy")
            async with guarded_client(resolver, network) as client:  # none wanted
                assert await fetched(client, url) == b"picture"
            assert len(proxy.asked) == 1
            assert network.connects == ["xn--prxy-6qa.test", "93.184.216.34", "93.184.216.34"]

    run(test)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 407 Login\r\n\r\n", "wants a user name"),
        (b"HTTP/1.1 403 No\r\nA: b\r\n\r\n", "would not connect"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "would not connect"),
        (b"", "would not connect"),
        (b"x" * 40_000, "would not connect"),
    ],
)
def test_what_the_proxy_refuses_was_never_sent_and_nothing_tells_the_login(
    answer: bytes, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    intents: list[str] = []

    async def intend() -> None:
        intents.append("recorded")

    async def test() -> None:
        async with ScriptableService(server_context()) as service, TestProxy(answer) as proxy:
            service.on("/createtask", envelope({"taskid": "t"}))
            # localtest is not in any zone: only a proxy could know it.
            profile = ServiceProfile("Cloud", f"https://pictures.invalid:{service.port}")
            settings = NetworkSettings(ProxyMode.OWN, f"http://127.0.0.1:{proxy.port}", LOGIN)
            api = ApiClient(profile, Secret("t"), settings=settings)
            with pytest.raises(ServiceUnreachable, match=words) as caught:
                await api.create_task(CreateTaskRequest("http://a/b.jpg", 1, "mine"), intend)
            await api.aclose()
            assert service.requests == []
            assert "canary" not in repr(caught.value) + str(caught.value.__cause__)

    run(test)
    assert intents == []
    assert "canary" not in caplog.text
    assert base64.b64encode(LOGIN.reveal().encode()).decode() not in caplog.text


def test_the_intent_of_a_paid_call_is_recorded_once_when_the_tunnel_is_open() -> None:
    steps: list[str] = []

    async def test() -> None:
        async def create(talk: Talk) -> None:
            steps.append("created")
            await talk.reply(envelope({"taskid": "t"}))

        async with ScriptableService(server_context()) as service, TestProxy() as proxy:

            async def intend() -> None:
                steps.append(f"recorded after {len(proxy.asked)} CONNECT")

            service.on("/createtask", create)
            profile = ServiceProfile("Cloud", f"https://pictures.test:{service.port}")
            settings = NetworkSettings(
                ProxyMode.OWN, f"http://127.0.0.1:{proxy.port}", ca_file=AUTHORITY
            )
            api = ApiClient(profile, Secret("t"), settings=settings)
            created = await api.create_task(CreateTaskRequest("http://a/b.jpg", 1, "m"), intend)
            await api.aclose()
            assert created.task_id == "t"

    run(test)
    assert steps == ["recorded after 1 CONNECT", "created"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "cannot be used"),
        ("socks5://proxy.test:1080", "cannot be used"),
        ("http://me:canary@proxy.test:1", "cannot be used"),
        ("http://127.0.0.1:1", "proxy cannot be reached"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_and_never_gone_around(url: str, words: str) -> None:
    async def test() -> None:
        resolver = FixedResolver(pictures_test=[["93.184.216.34"]])
        network = NotedNetwork()
        settings = NetworkSettings(ProxyMode.OWN, url)
        async with guarded_client(resolver, network, settings=settings) as client:
            with pytest.raises(PictureUnreachable, match=words) as caught:
                await fetched(client, "https://pictures.test/a")
        assert "canary" not in str(caught.value)
        assert "93.184.216.34" not in network.connects

    run(test)


# -- certificates -----------------------------------------------------------------------------


def test_a_further_certificate_file_is_trusted_and_a_wrong_one_told(tmp_path: Path) -> None:
    async def test() -> None:
        async with ScriptableService(server_context()) as host:
            host.on("/a", Reply(body=b"picture"))
            url = f"https://localhost:{host.port}/a"
            good = NetworkSettings(ProxyMode.NONE, ca_file=AUTHORITY)
            async with picture_client(AddressPolicy.ANY, settings=good) as client:
                assert await fetched(client, url) == b"picture"
            async with picture_client(AddressPolicy.ANY) as client:
                with pytest.raises(PictureUnreachable, match="not to be trusted"):
                    await fetched(client, url)
            for name, content in (("none.pem", b"nothing"), ("missing.pem", None)):
                if content is not None:
                    (tmp_path / name).write_bytes(content)
                bad = NetworkSettings(ProxyMode.NONE, ca_file=tmp_path / name)
                async with picture_client(AddressPolicy.ANY, settings=bad) as client:
                    with pytest.raises(PictureUnreachable, match="additional certificates"):
                        await fetched(client, url)

    run(test)
