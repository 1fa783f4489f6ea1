"""For a remote service no address leads into a private network: refused, and nothing connected."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import httpx
import pytest

from enhance_gui.client.download import download
from enhance_gui.client.preflight import check_address
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.picture_errors import (
    AddressNotUsable,
    PictureUnreachable,
    PrivateAddress,
    ResultUnreachable,
)
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.imaging.header import read_header
from enhance_gui.transport.clients import picture_client
from enhance_gui.transport.host_lookup import AddressPolicy
from tests.scenarios.hostile.behaviours import sending
from tests.support.resolvers import FixedResolver
from tests.support.scriptable_service import ScriptableService
from tests.transport.internet import NotedNetwork, guarded_client

SPELLINGS: Final = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0177.0.0.0x1",
    "127.000.000.001",
    "0",
    "0.0.0.0",  # noqa: S104  named, not bound to
    "0x0",
    "127.255.255.254",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "localhost",
    "LOCALHOST",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "user@127.0.0.1",
    "example.org:80@127.0.0.1",
    "127.0.0.1:80#@example.org",
    "127.0.0.1%00.example.org",
    "⓪",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2001:0:7f00:1::]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "example.org\\@127.0.0.1",
    "127.0.0.1\\.example.org",
]
"""One host, this computer, in the ways in which it has been hidden from filters."""

NAMED: Final = [
    ["10.0.0.1"],
    ["10.255.255.255"],
    ["172.16.0.1"],
    ["172.31.255.254"],
    ["192.168.0.1"],
    ["192.168.1.254"],
    ["100.64.0.1"],
    ["169.254.169.254"],
    ["169.254.170.2"],
    ["192.0.0.192"],
    ["198.18.0.1"],
    ["224.0.0.1"],
    ["240.0.0.1"],
    ["255.255.255.255"],
    ["0.0.0.0"],  # noqa: S104  named, not bound to
    ["0.1.2.3"],
    ["127.0.0.53"],
    ["::1"],
    ["::"],
    ["fe80::1"],
    ["fe80::1%1"],
    ["fec0::1"],
    ["fc00::1"],
    ["fd00:ec2::254"],
    ["ff02::1"],
    ["::ffff:10.0.0.1"],
    ["::ffff:192.168.0.1"],
    ["::ffff:169.254.169.254"],
    ["::10.0.0.1"],
    ["64:ff9b::a00:1"],
    ["64:ff9b:1::1"],
    ["2002:a00:1::1"],
    ["2002:c0a8:1::1"],
    ["2001:0:a00:1::1"],
    ["8.8.8.8", "10.0.0.1"],
    ["192.168.0.1", "8.8.8.8"],
    ["2606:4700::1111", "::1"],
]
"""What a harmless name may resolve to."""


NO_ROUTE: Final = [
    "//127.0.0.1/a.jpg",
    "///127.0.0.1/a.jpg",
    "/\\127.0.0.1/a.jpg",
    "http:127.0.0.1/a.jpg",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "ftp://127.0.0.1/a.jpg",
    "gopher://127.0.0.1:70/_GET",
    "ldap://127.0.0.1/",
    "dict://127.0.0.1:2628/",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "blob:http://127.0.0.1/1",
    "http://user:secret@127.0.0.1/",
    "http://front.test:0/",
    "http://front.test:65536/",
    "http://",
    "http://" + "a" * 9000,
    "http://front.test/" + "a" * 9000,
    "http://127.0.0.1\x7f/",
]
"""Where a redirect must lead nobody."""


async def _looked_at(client: httpx.AsyncClient, url: str) -> object:
    return await check_address(url, PictureLimits(), client=client, read_header=read_header)


async def _fetched(client: httpx.AsyncClient, url: str) -> object:
    return await download(url, lambda _chunk: None, max_bytes=1000, client=client)


Use = Callable[[httpx.AsyncClient, str], Awaitable[object]]
BOTH_USES: Final = pytest.mark.parametrize("use", [_looked_at, _fetched])


def test_there_are_more_than_sixty() -> None:
    assert len({*SPELLINGS, *map(tuple, NAMED)}) > 70


@BOTH_USES
def test_this_computer_is_not_reached_however_it_is_spelled(use: Use) -> None:
    async def run() -> None:
        async with ScriptableService() as host, picture_client(AddressPolicy.PUBLIC_ONLY) as client:
            for spelling in SPELLINGS:
                at_port = spelling if ":80" in spelling else f"{spelling}:{host.port}"
                refused: tuple[type[Exception], ...] = (PrivateAddress, AddressNotUsable)
                if spelling.startswith("example.org\\"):
                    # As in browsers "\\" is "/": the host is the harmless one before it.
                    refused = (PictureUnreachable, ResultUnreachable)
                with pytest.raises(refused):
                    await use(client, f"http://{at_port}/a.jpg")
            assert host.connections == 0

    asyncio.run(run())


@BOTH_USES
def test_no_name_leads_into_a_private_network(use: Use) -> None:
    async def run() -> None:
        network = NotedNetwork()
        for answers in NAMED:
            resolver = FixedResolver(pictures_example=[answers])
            async with guarded_client(resolver, network) as client:
                with pytest.raises(PrivateAddress):
                    await use(client, "https://pictures.example/a.jpg")
        assert network.connects == []

    asyncio.run(run())


@BOTH_USES
def test_no_redirect_leads_to_this_computer_or_to_what_is_no_web_address(use: Use) -> None:
    async def run() -> None:
        network = NotedNetwork()
        names = [["127.0.0.1"]]
        resolver = FixedResolver(
            front_test=[["8.8.8.8"]],
            **{each.replace(".", "_"): names for each in ("localhost", "2130706433", "127.1")},
        )
        targets = [f"http://{spelling}/a.jpg" for spelling in SPELLINGS] + NO_ROUTE
        async with ScriptableService() as front, guarded_client(resolver, network) as client:
            for number, target in enumerate(targets):
                # Written as it stands: whoever wants to harm follows no rule of a library.
                front.on(f"/{number}.jpg", sending(_redirect(target)))
                with pytest.raises(EnhanceError):
                    await use(client, f"http://front.test:{front.port}/{number}.jpg")
            # Some are no more than odd paths of the same host.
            assert set(network.connects) == {"8.8.8.8"}

    asyncio.run(run())


def _redirect(target: str) -> bytes:
    head = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n"
    return head.encode() + b"Connection: close\r\n\r\n"
