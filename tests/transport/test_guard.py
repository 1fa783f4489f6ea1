"""Connections lead where the policy allows, whatever names and redirects say."""

from __future__ import annotations

import asyncio
import gc
import logging
import ssl
import threading
import traceback

import httpcore
import httpx
import pytest

from enhance_gui.core.picture_errors import PictureUnreachable, PrivateAddress
from enhance_gui.transport import host_lookup
from enhance_gui.transport.clients import picture_client
from enhance_gui.transport.error_mapping import map_http_errors
from enhance_gui.transport.host_lookup import AddressPolicy
from enhance_gui.transport.open_image import open_picture
from enhance_gui.transport.send_tracker import SendTracker
from enhance_gui.transport.timeouts import Timeouts
from enhance_gui.transport.tls import shared_tls_context
from tests.support.patience import HUNG_S, SHORT_CONNECT, UNHURRIED
from tests.support.resolvers import FixedResolver, silent_resolver
from tests.support.scriptable_service import Reply, ScriptableService, Talk, redirect
from tests.support.tls import TRUSTING, server_context
from tests.transport.internet import NotedNetwork, guarded_client

PUBLIC = "8.8.8.8"


async def fetch(client: httpx.AsyncClient, url: str, timeouts: Timeouts = UNHURRIED) -> bytes:
    opening = open_picture(
        client, url, problem=PictureUnreachable, max_redirects=3, timeouts=timeouts
    )
    async with opening as picture:
        too_long = PictureUnreachable("too long")
        return b"".join([part async for part in picture.chunks(max_bytes=1000, too_long=too_long)])


def test_a_name_server_that_changes_its_mind_is_asked_once_and_believed_once() -> None:
    """DNS rebinding: public for the check, private for the connection."""

    async def run() -> None:
        network = NotedNetwork()
        resolver = FixedResolver(host_test=[[PUBLIC], ["127.0.0.1"]])
        async with ScriptableService() as host, guarded_client(resolver, network) as client:
            host.on("/a", Reply(200, b"picture", {"Connection": "close"}))
            url = f"http://host.test:{host.port}/a"
            assert await fetch(client, url) == b"picture"
            assert resolver.asked == ["host.test"]
            with pytest.raises(PrivateAddress):
                await fetch(client, url)
            assert network.connects == [PUBLIC]

    asyncio.run(run())


@pytest.mark.parametrize("order", [[PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC]])
def test_one_private_address_among_public_ones_refuses_the_host(order: list[str]) -> None:
    async def run() -> None:
        network = NotedNetwork()
        async with guarded_client(FixedResolver(host_test=[order]), network) as client:
            with pytest.raises(PrivateAddress, match=r"10\.0\.0\.1"):
                await fetch(client, "http://host.test/a")
            assert network.connects == []

    asyncio.run(run())


@pytest.mark.parametrize(
    "target", ["http://intranet.test/secret", "http://127.0.0.1/", "//[::1]/", "http://2130706433/"]
)
def test_a_redirect_to_a_private_address_is_refused(target: str) -> None:
    async def run() -> None:
        network = NotedNetwork()
        resolver = FixedResolver(
            front_test=[[PUBLIC]],
            intranet_test=[["192.168.1.1"]],
            **{"127_0_0_1": [["127.0.0.1"]], "::1": [["::1"]], "2130706433": [["127.0.0.1"]]},
        )
        async with ScriptableService() as front, guarded_client(resolver, network) as client:
            front.on("/a", redirect(target))
            with pytest.raises(PrivateAddress):
                await fetch(client, f"http://front.test:{front.port}/a")
            assert network.connects == [PUBLIC]

    asyncio.run(run())


def test_with_any_address_allowed_loopback_is_reached() -> None:
    async def run() -> None:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            host.on("/a", Reply(200, b"picture"))
            assert await fetch(client, f"http://localhost:{host.port}/a") == b"picture"

    asyncio.run(run())


def test_the_next_address_is_tried_where_the_first_does_not_answer() -> None:
    async def run() -> None:
        network = NotedNetwork(dead="8.8.4.4")
        resolver = FixedResolver(host_test=[["8.8.4.4", PUBLIC]])
        async with ScriptableService() as host, guarded_client(resolver, network) as client:
            host.on("/a", Reply(200, b"picture"))
            assert await fetch(client, f"http://host.test:{host.port}/a") == b"picture"
            assert network.connects == ["8.8.4.4", PUBLIC]

    asyncio.run(run())


def test_name_and_certificate_stay_those_of_the_host() -> None:
    """The connection goes to a number; SNI, certificate check and Host header keep the name."""

    async def run() -> None:
        names: list[str | None] = []
        context = server_context()
        context.sni_callback = lambda _object, name, _context: names.append(name)
        resolver = FixedResolver(pictures_test=[[PUBLIC]], other_test=[[PUBLIC]])
        network = NotedNetwork()
        async with (
            ScriptableService(context) as host,
            guarded_client(resolver, network) as client,
        ):
            host.on("/a", Reply(200, b"picture"))
            url = f"https://pictures.test:{host.port}/a"
            assert await fetch(client, url) == b"picture"
            assert names == ["pictures.test"]
            assert host.requests[0].headers["host"] == f"pictures.test:{host.port}"
            with pytest.raises(PictureUnreachable, match="certificate"):
                await fetch(client, f"https://other.test:{host.port}/a")
            assert len(host.requests) == 1

    asyncio.run(run())


def test_two_hosts_at_one_address_share_no_connection() -> None:
    async def run() -> None:
        resolver = FixedResolver(a_test=[[PUBLIC]], b_test=[[PUBLIC]])
        async with ScriptableService() as host, guarded_client(resolver, NotedNetwork()) as client:
            host.on("/a", Reply(200, b"picture"))
            await fetch(client, f"http://a.test:{host.port}/a")
            await fetch(client, f"http://a.test:{host.port}/a")
            assert host.connections == 1
            await fetch(client, f"http://b.test:{host.port}/a")
            assert host.connections == 2

    asyncio.run(run())


# -- time ------------------------------------------------------------------------------------


def test_a_silent_name_server_costs_no_more_than_the_connect_time() -> None:
    async def run() -> None:
        async with guarded_client(silent_resolver, NotedNetwork()) as client:
            async with asyncio.timeout(HUNG_S / 2):
                with pytest.raises(PictureUnreachable, match="in time"):
                    await fetch(client, "http://host.test/a", SHORT_CONNECT)

    asyncio.run(run())


def test_a_blocked_name_server_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """getaddrinfo cannot be interrupted: the loop must be able to end without it."""
    release, released = threading.Event(), threading.Event()

    def blocked(host: str, port: int, flags: int) -> list[str]:
        if flags:
            raise OSError("no number")
        release.wait(HUNG_S / 2)
        released.set()
        return ["127.0.0.1"]

    monkeypatch.setattr(host_lookup, "_addresses", blocked)

    async def run() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await host_lookup.resolve("host.test", 80)

    asyncio.run(run())
    assert not released.is_set()
    release.set()


def test_names_and_numbers_are_resolved_by_the_system() -> None:
    async def run() -> None:
        assert "127.0.0.1" in await host_lookup.resolve("localhost", 80)
        assert list(await host_lookup.resolve("127.0.0.1", 80)) == ["127.0.0.1"]
        for odd in ("a" * 70 + ".test", "ü.test"):
            with pytest.raises(OSError):  # noqa: PT011  of any number
                await host_lookup.resolve(odd, 80)

    asyncio.run(run())


def test_a_deadline_in_the_tls_handshake_leaks_no_socket() -> None:
    async def run() -> None:
        async def stalls(talk: Talk) -> None:
            await talk.until_closed_by_peer()
            closed.set()

        closed = asyncio.Event()
        async with (
            ScriptableService() as host,
            picture_client(AddressPolicy.ANY, settings=TRUSTING) as client,
        ):
            host.on_connect(stalls)
            with pytest.raises(PictureUnreachable):
                await fetch(
                    client,
                    f"https://127.0.0.1:{host.port}/a",
                    Timeouts(connect_s=5, overall_s=0.1),
                )
            async with asyncio.timeout(HUNG_S / 2):
                await closed.wait()

    asyncio.run(run())
    gc.collect()


# -- quiet and trust -------------------------------------------------------------------------


def test_httpx_writes_no_address_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def run() -> None:
        async with ScriptableService() as host, picture_client(AddressPolicy.ANY) as client:
            host.on("/a", Reply(200, b"picture", {"Set-Cookie": "id=1"}))
            await fetch(client, host.url("/a?signature=canary"))
            await fetch(client, host.url("/a?signature=canary"))
            assert all("cookie" not in request.headers for request in host.requests)
            assert host.requests[0].headers["accept-encoding"] == "identity"
            assert "python" not in host.requests[0].headers["user-agent"]

    asyncio.run(run())
    assert "canary" not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith("http")]


def test_the_tls_context_is_one_strict_and_writes_no_keys(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", f"{tmp_path}/keys")

    async def run() -> None:
        context = await shared_tls_context()
        assert context is await shared_tls_context()
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
        assert context.cert_store_stats()["x509_ca"] > 50
        assert context.keylog_filename is None

    asyncio.run(run())


def test_no_text_of_a_foreign_error_that_may_quote_a_header_comes_out() -> None:
    with (
        pytest.raises(PictureUnreachable) as caught,
        map_http_errors(PictureUnreachable, PictureUnreachable, SendTracker()),
    ):
        raise httpcore.LocalProtocolError("Illegal header value b'canary'")
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_a_name_of_letters_that_httpx_does_not_know_is_asked_for_as_it_stands() -> None:
    async def run() -> None:
        async with ScriptableService() as service:
            service.on("/x.png", Reply(body=b"picture"))
            resolver = FixedResolver(**{"xn--ls8h_la": [["127.0.0.1"]]})
            client = picture_client(AddressPolicy.ANY, resolver=resolver)
            async with client:
                assert (
                    await fetch(client, f"http://\U0001f4a9.la:{service.port}/x.png") == b"picture"
                )
            (request,) = service.requests
            assert request.headers["host"] == f"xn--ls8h.la:{service.port}"

    asyncio.run(run())
