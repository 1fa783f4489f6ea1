"""Behind a reverse proxy: its word for a request counts where the operator has named it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.http.hosts import OwnHosts
from enhance_gui.service.http.proxies import Proxies, network_of
from tests.service.serving import TOKEN, UPSCALE, Asker, QuickClock, serving
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import Reply, ScriptableService

PROXY, STRANGER = "10.0.0.7", "192.0.2.1"
PROXIES = Proxies([network_of("10.0.0.0/29"), network_of("2001:db8::7")])
PUBLIC = "https://enhance.example/studio"
HERE: dict[str, Any] = {"proxies": (network_of("127.0.0.1"),), "public_url": PUBLIC}


def headers(**named: str) -> list[tuple[bytes, bytes]]:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]


@pytest.mark.parametrize("address", [PROXY, "::ffff:10.0.0.7", "2001:db8::7"])
def test_a_named_proxy_is_known_by_its_address(address: str) -> None:
    assert PROXIES.has(address)


@pytest.mark.parametrize("address", ["10.0.0.8", "2001:db8::8", "", "localhost", "10.0.0.7.1"])
def test_nobody_else_is(address: str) -> None:
    assert not PROXIES.has(address)
    assert not Proxies().has(address)


@pytest.mark.parametrize(
    ("chain", "remote"),
    [
        ("192.0.2.1", "192.0.2.1"),
        # What stands before the last stranger is that stranger's invention.
        ("198.51.100.1, 192.0.2.1", "192.0.2.1"),
        ("198.51.100.1, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("10.0.0.2", PROXY),
        ("unknown", PROXY),
        ("192.0.2.1, _hidden", PROXY),
        ("", PROXY),
    ],
)
def test_the_client_is_the_last_of_the_chain_that_is_no_proxy(chain: str, remote: str) -> None:
    sender = PROXIES.sender_of(PROXY, headers(host="a", x_forwarded_for=chain))
    assert (sender.remote, sender.by_proxy, sender.came_directly) == (remote, True, False)


def test_a_chain_in_several_headers_is_one_chain() -> None:
    chain = [*headers(x_forwarded_for="192.0.2.1"), *headers(x_forwarded_for="10.0.0.2")]
    assert PROXIES.sender_of(PROXY, chain).remote == "192.0.2.1"


def test_a_named_proxy_may_change_the_host_and_not_twice() -> None:
    changed = headers(host="inner:80", x_forwarded_host="enhance.example")
    assert PROXIES.sender_of(PROXY, changed).host == "enhance.example"
    assert PROXIES.sender_of(PROXY, headers(host="inner:80")).host == "inner:80"
    twice = [*changed, *headers(x_forwarded_host="evil.example")]
    assert PROXIES.sender_of(PROXY, twice).host is None


def test_of_a_stranger_a_client_is_ignored_and_a_host_or_scheme_refused() -> None:
    sender = PROXIES.sender_of(STRANGER, headers(host="a", x_forwarded_for="198.51.100.1"))
    assert (sender.remote, sender.by_proxy, sender.came_directly) == (STRANGER, False, False)
    assert PROXIES.sender_of(STRANGER, headers(host="a")).came_directly
    for claim in (
        headers(x_forwarded_host="a"),
        headers(x_forwarded_proto="https"),
        headers(forwarded="for=192.0.2.1;PROTO=https"),
    ):
        with pytest.raises(RequestRefused, match="--trusted-proxy"):
            PROXIES.sender_of(STRANGER, claim)


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.0/33", "", "10.0.0"])
def test_a_proxy_is_named_by_its_address(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        network_of(text)


def test_the_public_address_is_known_exactly_and_answers_lie_below_it() -> None:
    hosts = OwnHosts("127.0.0.1", 4000, public_url=PUBLIC)
    for header in ("enhance.example", "enhance.example:443"):
        assert hosts.accepts(header)
        assert hosts.base_url_for(header) == PUBLIC
    for header in ("enhance.example:80", "evil.example", "a.enhance.example", "enhance.example/"):
        assert not hosts.accepts(header)
    assert hosts.accepts("127.0.0.1:4000")
    assert hosts.base_url_for("127.0.0.1:4000") == "http://127.0.0.1:4000"
    assert hosts.upload_name(f"{PUBLIC}/uploads/a.png") == "a.png"
    assert hosts.upload_name("https://enhance.example/uploads/a.png") is None
    assert hosts.upload_name("https://evil.example/studio/uploads/a.png") is None


def test_with_a_certificate_addresses_are_https() -> None:
    hosts = OwnHosts("127.0.0.1", 443, has_tls=True)
    assert hosts.base_url == "https://127.0.0.1:443"
    assert hosts.accepts("127.0.0.1")
    assert not hosts.accepts("127.0.0.1:80")
    assert hosts.upload_name("https://127.0.0.1/uploads/a.png") == "a.png"
    assert hosts.upload_name("http://127.0.0.1/uploads/a.png") is None


def test_through_a_named_proxy_a_picture_goes_in_and_its_result_out(tmp_path: Path) -> None:
    as_proxy = {
        "host": "enhance.example",
        "x-forwarded-for": STRANGER,
        "x-forwarded-proto": "https",
    }

    async def go() -> None:
        async with serving(tmp_path, **HERE) as asker:
            inner = asker.service.base_url
            asker.http.headers.update(as_proxy)
            picurl = await asker.upload(picture_bytes())
            assert picurl.startswith(f"{PUBLIC}/uploads/")
            task = await asker.data("createtask", picurl=picurl, type=UPSCALE)
            record = await asker.ended(task["taskid"])
            assert record["outputurl"].startswith(f"{PUBLIC}/results/")
            result = record["outputurl"].replace(PUBLIC, inner)
            assert len((await asker.http.get(result)).content) == record["outpathsize"]

    asyncio.run(go())


def test_for_who_comes_through_a_proxy_nothing_is_fetched_from_here(tmp_path: Path) -> None:
    async def go() -> None:
        async with ScriptableService() as host, serving(tmp_path, **HERE) as asker:
            host.on("/a.png", Reply(body=picture_bytes()))
            # The proxy says nothing of it: that it is one is enough.
            answer = await asker.call("createtask", picurl=host.url("/a.png"), type=UPSCALE)
            assert answer["code"] == 1001002
            assert host.requests == []

    asyncio.run(go())


def test_who_guesses_through_a_proxy_waits_and_others_behind_it_do_not(tmp_path: Path) -> None:
    async def status(http: httpx.AsyncClient, token: str, client: str) -> int:
        shown = {"token": token, "x-forwarded-for": client}
        task = {"taskid": "a", "type": 1}
        return (await http.post("/gettask", json=task, headers=shown)).status_code

    async def go() -> None:
        clock = QuickClock()
        async with serving(tmp_path, clock, **HERE) as asker:
            other = httpx.AsyncClient(
                base_url=asker.service.base_url, trust_env=False, timeout=HUNG_S
            )
            async with other:
                for _ in range(12):
                    assert await status(other, "wrong", STRANGER) == 401
                assert clock.waited_s == [1.0, 1.0, 1.0]
                assert await status(other, TOKEN, "198.51.100.1") == 200
                assert clock.waited_s == [1.0, 1.0, 1.0]
                # On a connection on which somebody else has shown the token.
                assert await status(other, TOKEN, STRANGER) == 200
                assert clock.waited_s == [1.0, 1.0, 1.0, 1.0]

    asyncio.run(go())


def test_a_named_proxy_may_open_as_many_connections_as_it_has_clients(tmp_path: Path) -> None:
    async def open_ones(asker: Asker) -> int:
        url = httpx.URL(asker.service.base_url)
        opened = [await asyncio.open_connection(url.host, url.port) for _ in range(5)]
        # Answered on the last one: by then all of them were counted.
        await asker.http.get("/healthz")
        count = len(asker.service.server.server_state.connections)
        for _, writer in opened:
            writer.close()
        return count

    async def go() -> None:
        for changes, count in ((HERE, 6), ({}, 2)):
            async with serving(tmp_path, max_unproven_connections=2, **changes) as asker:
                assert await open_ones(asker) == count

    asyncio.run(go())
