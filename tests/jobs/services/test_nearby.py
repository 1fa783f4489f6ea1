"""Servers on the local network, found by real packets of multicast DNS on loopback."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from enhance_gui.core.service_errors import SearchFailed
from enhance_gui.jobs.services.nearby import MAX_SERVERS, NearbySearch, NearbyServer
from tests.support.neighbourhood import (
    LOOPBACK,
    announced,
    announcing,
    neighbourhood_alone,
    packet_of,
)
from tests.support.patience import HUNG_S

NAME = "studio"
_GROUP = ("224.0.0.251", 5353)


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    with neighbourhood_alone():
        yield


class Seen:
    """What a search has told, last."""

    def __init__(self) -> None:
        self.servers: tuple[NearbyServer, ...] = ()
        self.most = 0
        self._changed = asyncio.Event()

    def take(self, servers: tuple[NearbyServer, ...]) -> None:
        self.servers = servers
        self.most = max(self.most, len(servers))
        self._changed.set()

    async def until(self, holds: Callable[[tuple[NearbyServer, ...]], bool]) -> None:
        async with asyncio.timeout(HUNG_S):
            while not holds(self.servers):
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def looking() -> AsyncIterator[Seen]:
    seen = Seen()
    search = NearbySearch(seen.take)
    await search.open(LOOPBACK)
    try:
        yield seen
    finally:
        await search.close()


def test_a_server_appears_and_goes() -> None:
    async def go() -> None:
        async with looking() as seen:
            async with announcing(announced(NAME)):
                await seen.until(bool)
                assert seen.servers == (NearbyServer(NAME, "http://127.0.0.1:8080"),)
            await seen.until(lambda servers: not servers)

    asyncio.run(go())


def test_one_that_was_there_before_is_found() -> None:
    async def go() -> None:
        async with announcing(announced(NAME)), looking() as seen:
            await seen.until(bool)

    asyncio.run(go())


@pytest.mark.long
def test_what_leads_elsewhere_is_left_out_and_hides_no_other() -> None:
    async def go() -> None:
        hostile = [
            announced("elsewhere", 1001, "192.168.77.1"),
            announced("public", 1002, "8.8.8.8"),
            announced("no port", 0),
            announced("other version", 1004, facts={b"txtvers": b"9"}),
            announced("a name elsewhere", 1005, https_name="name-of-nobody.invalid"),
        ]
        async with looking() as seen, announcing(*hostile, announced(NAME, 8080)):
            await seen.until(bool)
            assert [each.name for each in seen.servers] == [NAME]

    asyncio.run(go())


def test_a_name_of_https_is_found_where_it_leads_here() -> None:
    async def go() -> None:
        async with looking() as seen, announcing(announced(NAME, https_name="localhost")):
            await seen.until(bool)
            assert seen.servers == (NearbyServer(NAME, "https://localhost:8080"),)

    asyncio.run(go())


def test_a_flood_of_servers_is_bounded() -> None:
    """Sends a packet for each, as a responder would that invents them."""

    async def go() -> None:
        async with looking() as seen:
            out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            with out:
                for number in range(4 * MAX_SERVERS):
                    out.sendto(packet_of(announced(f"flood {number}", 2000 + number)), _GROUP)
                    await asyncio.sleep(0)
                    if number % 5 == 0:
                        out.sendto(b"\0\0\x84\0\xff\xff" * number, _GROUP)
            await seen.until(lambda servers: len(servers) == MAX_SERVERS)
            async with announcing(announced("one more", 9000)):
                assert seen.most == MAX_SERVERS

    asyncio.run(go())


def test_after_its_end_a_search_tells_nothing() -> None:
    async def go() -> None:
        seen = Seen()
        search = NearbySearch(seen.take)
        await search.open(LOOPBACK)
        # One that is on its way to the event loop just then.
        search._found["studio"] = NearbyServer("studio", "http://127.0.0.1:8080")
        search._publish()
        await search.close()
        async with announcing(announced(NAME)):
            await search.close()
        assert seen.servers == ()

    asyncio.run(go())


def test_without_a_network_or_the_library_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused() -> str:
        with pytest.raises(SearchFailed) as error:
            await NearbySearch(print).open([])
        return str(error.value.detail)

    assert "no local network" in asyncio.run(refused())
    monkeypatch.setitem(sys.modules, "zeroconf", None)
    assert "this kind of computer" in asyncio.run(refused())
