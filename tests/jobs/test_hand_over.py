"""A later start hands its inputs over; nobody else gets a word."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.errors import DatabaseBusy
from enhance_gui.jobs.hand_over import HandOverServer, Send, hand_over
from enhance_gui.jobs.task_owner import TaskOwner
from enhance_gui.storage.instance_lock import address_file


def _with_server(
    folder: Path, test: Callable[[list[dict[str, Any]]], Awaitable[None]]
) -> list[BaseException]:
    """Run a test while a server listens; return the errors nobody handled."""
    crashes: list[BaseException] = []

    async def run() -> None:
        seen: list[dict[str, Any]] = []

        async def handle(request: dict[str, Any], send: Send) -> None:
            seen.append(request)
            if request.get("nonsense"):
                raise ValueError("not a request")
            for number in range(3):
                await send({"line": number})

        owner = TaskOwner(crashes.append)
        server = HandOverServer(folder, handle, owner)
        await server.start()
        try:
            async with asyncio.timeout(20):
                await test(seen)
        finally:
            await server.close()
            await owner.close()

    asyncio.run(run())
    return crashes


def test_a_request_is_answered_line_by_line(tmp_path: Path) -> None:
    async def test(seen: list[dict[str, Any]]) -> None:
        lines = [line async for line in hand_over(tmp_path, {"inputs": ["ä.jpg"]})]
        assert lines == [{"line": 0}, {"line": 1}, {"line": 2}]
        assert seen == [{"inputs": ["ä.jpg"]}]

    assert _with_server(tmp_path, test) == []


def test_only_its_user_can_read_the_address_and_it_is_gone_afterwards(tmp_path: Path) -> None:
    async def test(_: list[dict[str, Any]]) -> None:
        assert address_file(tmp_path).stat().st_mode & 0o077 == 0

    assert _with_server(tmp_path, test) == []
    assert not address_file(tmp_path).exists()


@pytest.mark.parametrize(
    "greeting",
    [
        b'{"inputs": ["a"]}\n',
        b'{"inputs": ["a"], "secret": "guessed"}\n',
        b'{"secret": 7}\n',
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"[]\n",
        b"\xff\xfe\n",
        b"",
    ],
)
def test_who_does_not_know_the_secret_gets_no_word(tmp_path: Path, greeting: bytes) -> None:
    async def test(seen: list[dict[str, Any]]) -> None:
        port = json.loads(address_file(tmp_path).read_text())["port"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(greeting)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        assert seen == []

    assert _with_server(tmp_path, test) == []


def test_a_request_that_makes_no_sense_ends_its_connection_and_nothing_else(
    tmp_path: Path,
) -> None:
    async def test(_: list[dict[str, Any]]) -> None:
        assert [line async for line in hand_over(tmp_path, {"nonsense": True})] == []
        assert len([line async for line in hand_over(tmp_path, {})]) == 3

    assert _with_server(tmp_path, test) == []


@pytest.mark.parametrize("content", [None, "", "{}", '{"port": 1, "secret": "x"}', "[]"])
def test_a_program_that_cannot_be_reached_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        address_file(tmp_path).write_text(content)

    async def ask() -> None:
        async for _ in hand_over(tmp_path, {}):
            raise AssertionError

    with pytest.raises(DatabaseBusy):
        asyncio.run(ask())
