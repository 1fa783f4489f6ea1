"""Connections: strangers cannot keep those out who have the token."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from enhance_gui.service.http import connections
from enhance_gui.service.http.proxies import remote_of
from tests.service.serving import TOKEN, UPSCALE, Asker, serving, until
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes
from tests.support.scriptable_service import ScriptableService, Talk

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Connections:
    """Opens connections to a service, and closes them at the end."""

    def __init__(self, asker: Asker) -> None:
        self._url = httpx.URL(asker.service.base_url)
        self._open: list[Streams] = []

    async def open(self) -> Streams:
        streams = await asyncio.open_connection(self._url.host, self._url.port)
        self._open.append(streams)
        return streams

    async def close(self) -> None:
        for _, writer in self._open:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def asked(data: Path, **settings: Any) -> AsyncIterator[tuple[Asker, Connections]]:
    """Run a service; close the connections to it before it ends."""
    async with serving(data, **settings) as asker, contextlib.AsyncExitStack() as stack:
        made = Connections(asker)
        stack.push_async_callback(made.close)
        yield asker, made


def request(asker: Asker, path: str, token: str = "", body: str = "") -> bytes:
    host = httpx.URL(asker.service.base_url).netloc.decode()
    head = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", f"Host: {host}"]
    if token:
        head.append(f"token: {token}")
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join([*head, "", ""]) + body).encode()


async def status_of(streams: Streams, sent: bytes) -> int:
    """Send a request; return the status of its answer, the body of which is read too."""
    reader, writer = streams
    writer.write(sent)
    async with asyncio.timeout(HUNG_S):
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line.partition(b":")[2]))
    return int(head.split()[1])


async def is_closed(streams: Streams) -> bool:
    """Tell whether the service closes a connection before long."""
    try:
        async with asyncio.timeout(HUNG_S):
            return await streams[0].read() == b""
    except ConnectionError:
        return True


def ask(asker: Asker) -> bytes:
    return request(asker, "/gettask", TOKEN, '{"taskid":"a","type":1}')


@pytest.mark.parametrize("says", ["nothing", "half a head", "a refused request"])
def test_a_token_holder_is_served_however_many_strangers_hold_connections(
    tmp_path: Path, says: str
) -> None:
    async def go() -> None:
        async with asked(tmp_path) as (asker, made):
            words = {
                "nothing": b"",
                "half a head": b"GET / HTTP/1.1\r\nX: ",
                "a refused request": request(asker, "/"),
            }[says]
            held = []
            for _ in range(300):
                held.append(await made.open())
                held[-1][1].write(words)
                if len(held) % 50 == 0:
                    newcomer = await made.open()
                    assert await status_of(newcomer, ask(asker)) == 200
            assert await is_closed(held[0]) or says == "a refused request"

    asyncio.run(go())


def test_of_one_address_only_so_many_connections_stay_open_without_the_token(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        async with asked(tmp_path, max_unproven_connections=2) as (asker, made):
            known = await made.open()
            assert await status_of(known, ask(asker)) == 200
            strangers = [await made.open() for _ in range(4)]
            assert [await is_closed(stranger) for stranger in strangers[:2]] == [True, True]
            # A stranger that is not closed may still show the token, and so may the known one.
            assert await status_of(strangers[2], ask(asker)) == 200
            assert await status_of(known, ask(asker)) == 200

    asyncio.run(go())


def test_at_the_limit_the_connection_that_waited_longest_makes_room(tmp_path: Path) -> None:
    async def go() -> None:
        async with asked(tmp_path, max_connections=3) as (asker, made):
            held = [await made.open() for _ in range(3)]
            for each in (held[1], held[0], held[2]):
                assert await status_of(each, ask(asker)) == 200
            newcomer = await made.open()
            assert await is_closed(held[1])
            for each in (newcomer, held[0], held[2]):
                assert await status_of(each, ask(asker)) == 200

    asyncio.run(go())


def test_where_all_places_are_worked_at_a_request_is_to_come_later(tmp_path: Path) -> None:
    async def go() -> None:
        release = asyncio.Event()

        async def slow(talk: Talk) -> None:
            await release.wait()
            await talk.close()

        async with ScriptableService() as host, asked(tmp_path, max_connections=1) as (asker, made):
            host.on("/slow.png", slow)
            body = f'{{"picurl":"{host.url("/slow.png")}","type":{UPSCALE}}}'
            busy = await made.open()
            busy[1].write(request(asker, "/createtask", TOKEN, body))
            await until(lambda: bool(host.requests))
            reply = await asker.http.post("/gettask", json={"taskid": "a", "type": 1})
            assert (reply.status_code, reply.json()["code"]) == (429, 9_000_429)
            assert reply.headers["retry-after"] == "30"
            release.set()
            assert b" 200 " in await asyncio.wait_for(busy[0].readline(), HUNG_S)
            assert await asker.data("deletetask", taskid=await asker.create(picture_bytes()))

    asyncio.run(go())


def test_an_idle_connection_is_kept_for_long_only_where_the_token_was_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_UNPROVEN_KEEP_ALIVE_S", 0.05)

    async def go() -> None:
        async with asked(tmp_path) as (asker, made):
            address = await asker.upload(picture_bytes())
            file = request(asker, httpx.URL(address).path)
            known, stranger = await made.open(), await made.open()
            assert await status_of(known, ask(asker)) == 200
            assert await status_of(known, file) == 200
            assert await status_of(stranger, file) == 200
            assert await is_closed(stranger)
            assert await status_of(known, ask(asker)) == 200

    asyncio.run(go())


def test_who_does_not_take_an_answer_loses_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_UNREAD_S", 0.1)

    async def go() -> None:
        async with serving(tmp_path) as asker:
            address = await asker.upload(picture_bytes("bmp", 2600, 2600))
            url = httpx.URL(address)
            with socket.socket() as lazy:
                lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                lazy.setblocking(False)
                loop = asyncio.get_running_loop()
                await loop.sock_connect(lazy, (url.host, url.port))
                await loop.sock_sendall(lazy, request(asker, url.path))
                await until(lambda: _connections_of(asker) == 2)
                received = 0
                # Read only after the service has given it up.
                await until(lambda: _connections_of(asker) == 1)
                with contextlib.suppress(ConnectionError):
                    while chunk := await loop.sock_recv(lazy, 65_536):
                        received += len(chunk)
                assert received < 2600 * 2600

    asyncio.run(go())


def _connections_of(asker: Asker) -> int:
    return len(asker.service.server.server_state.connections)


@pytest.mark.parametrize(
    ("address", "remote"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_the_addresses_of_one_household_are_one(address: str, remote: str) -> None:
    assert remote_of(address) == remote
