"""A service on a network is found there; one of this computer alone announces nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from enhance_gui.jobs.services.nearby import NearbySearch, NearbyServer
from enhance_gui.service.http.announcing import addresses_of, announce
from enhance_gui.transport.local_networks import own_interfaces
from tests.service.serving import TOKEN, serving
from tests.support.neighbourhood import LOOPBACK, announced, announcing, neighbourhood_alone
from tests.support.patience import HUNG_S

EVERYWHERE = "0.0.0.0"  # noqa: S104  what is tested


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    with neighbourhood_alone():
        yield


needs_network = pytest.mark.skipif(
    not [each for each in own_interfaces() if each.version == 4],
    reason="this computer is in no local network",
)


class Found:
    """What a search tells, as it changes."""

    def __init__(self) -> None:
        self.all: list[NearbyServer] = []
        self._told: asyncio.Queue[tuple[NearbyServer, ...]] = asyncio.Queue()
        self.search = NearbySearch(self._take)

    def _take(self, servers: tuple[NearbyServer, ...]) -> None:
        self.all += servers
        self._told.put_nowait(servers)

    async def until(self, base_url: str, *, there: bool = True) -> None:
        async with asyncio.timeout(HUNG_S):
            while (base_url in [each.base_url for each in await self._told.get()]) is not there:
                pass


@needs_network
@pytest.mark.parametrize("host", [EVERYWHERE, "its own address"])
def test_a_service_on_a_network_is_found_until_it_ends(tmp_path: Path, host: str) -> None:
    own = str(next(each.ip for each in own_interfaces() if each.version == 4))

    async def go() -> None:
        found = Found()
        await found.search.open()
        try:
            async with serving(tmp_path, host=own if host[0] == "i" else host) as asker:
                port = asker.service.base_url.rpartition(":")[2]
                await found.until(f"http://{own}:{port}")
            await found.until(f"http://{own}:{port}", there=False)
        finally:
            await found.search.close()
        assert all(TOKEN not in repr(each) for each in found.all)

    asyncio.run(go())


@needs_network
@pytest.mark.parametrize("host", ["127.0.0.1", EVERYWHERE])
def test_one_on_loopback_or_told_not_to_is_not(tmp_path: Path, host: str) -> None:
    async def go() -> None:
        found = Found()
        await found.search.open(LOOPBACK + own_interfaces())
        try:
            async with (
                serving(tmp_path, host=host, announces=host == "127.0.0.1"),
                # What is announced later is found, and by then it would be too.
                announcing(announced("another", 8080)),
            ):
                await found.until("http://127.0.0.1:8080")
        finally:
            await found.search.close()
        assert {each.name for each in found.all} == {"another"}

    asyncio.run(go())


def test_a_service_of_this_computer_alone_has_no_address_to_announce() -> None:
    assert addresses_of("127.0.0.1") == []
    asyncio.run(announce("127.0.0.1", 8080))
