"""A later start forwards its inputs; nobody else gets a word."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.storage_errors import DatabaseBusy
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.jobs.single_instance.local_socket import connect
from enhance_gui.jobs.single_instance.server import (
    UNPROVEN_CONNECTIONS,
    InstanceServer,
    Send,
    forward,
)
from enhance_gui.storage.system.instance_lock import address_file


def _with_server(
    folder: Path, test: Callable[[list[dict[str, Any]]], Awaitable[None]]
) -> list[BaseException]:
    """Run a test while a server listens; return the errors nobody handled."""
    crashes: list[BaseException] = []

    async def run() -> None:
        seen: list[dict[str, Any]] = []

        async def handle(request: dict[str, Any], send: Send) -> None:
            seen.append(request)
            if request.get("refuse"):
                raise ProfileInvalid("Studio", "base_url", "differs")
            if request.get("nonsense"):
                raise ValueError("not a request")
            if request.get("fault"):
                raise LookupError("unforeseen")
            for number in range(3):
                await send({"line": number})

        owner = TaskSupervisor(crashes.append)
        server = InstanceServer(folder, handle, owner)
        await server.start()
        try:
            async with asyncio.timeout(20):
                await test(seen)
        finally:
            await server.close()
            await owner.close()

    asyncio.run(run())
    return crashes


async def _connected(folder: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    place = json.loads(address_file(folder).read_text())["place"]
    return await connect(place, 2**20)


def test_a_request_is_answered_line_by_line(tmp_path: Path) -> None:
    async def test(seen: list[dict[str, Any]]) -> None:
        lines = [line async for line in forward(tmp_path, {"inputs": ["ä.jpg"]})]
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
        b'{"challenge": 7}\n',
        b"[" * 100_000 + b"\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"[]\n",
        b"\xff\xfe\n",
        b"",
    ],
)
def test_who_does_not_know_the_secret_gets_no_word(tmp_path: Path, greeting: bytes) -> None:
    async def test(seen: list[dict[str, Any]]) -> None:
        reader, writer = await _connected(tmp_path)
        writer.write(greeting)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        assert seen == []

    assert _with_server(tmp_path, test) == []


@pytest.mark.parametrize("method", ["HEAD", "GET", "POST", "CONNECT", "OPTIONS", "TRACE", "BREW"])
def test_whoever_speaks_http_is_cut_off_and_nothing_else_happens(
    tmp_path: Path, method: str
) -> None:
    async def test(_: list[dict[str, Any]]) -> None:
        reader, writer = await _connected(tmp_path)
        writer.write(f"{method} / HTTP/1.1\r\nHost: here\r\n\r\n".encode() + bytes(range(256)))
        assert await reader.read() == b""
        writer.close()
        assert len([line async for line in forward(tmp_path, {})]) == 3

    assert _with_server(tmp_path, test) == []


@pytest.mark.parametrize("greeting", [b"", b'{"challenge": "x"}\n'])
def test_before_the_proof_no_more_than_a_line_of_a_kilobyte_is_taken(
    tmp_path: Path, greeting: bytes
) -> None:
    async def test(seen: list[dict[str, Any]]) -> None:
        _, writer = await _connected(tmp_path)
        writer.write(greeting)
        piece, poured_bytes = b"x" * 2**16, 0
        with suppress(ConnectionError):
            while poured_bytes < 2**26:
                writer.write(piece)
                await writer.drain()
                poured_bytes += len(piece)
        writer.transport.abort()
        assert poured_bytes < 2**22  # what both ends and the system keep for themselves
        assert seen == []

    assert _with_server(tmp_path, test) == []


def test_a_long_request_is_taken_after_the_proof(tmp_path: Path) -> None:
    inputs = [f"https://example.org/{number}.jpg" for number in range(20_000)]

    async def test(seen: list[dict[str, Any]]) -> None:
        assert len([line async for line in forward(tmp_path, {"inputs": inputs})]) == 3
        assert seen == [{"inputs": inputs}]

    assert _with_server(tmp_path, test) == []


def test_few_connections_that_have_proved_nothing_are_kept_at_a_time(tmp_path: Path) -> None:
    async def test(_: list[dict[str, Any]]) -> None:
        held = [await _connected(tmp_path) for _ in range(UNPROVEN_CONNECTIONS)]
        reader, writer = await _connected(tmp_path)
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        for _reader, each in held:
            each.close()
        for each_reader, _writer in held:
            assert await each_reader.read() == b""
        assert len([line async for line in forward(tmp_path, {})]) == 3

    assert _with_server(tmp_path, test) == []


@pytest.mark.skipif(sys.platform == "win32", reason="its sockets lead over loopback")
def test_other_users_cannot_even_connect(tmp_path: Path) -> None:
    async def test(_: list[dict[str, Any]]) -> None:
        place = json.loads(address_file(tmp_path).read_text())["place"]
        assert stat.filemode(os.stat(place).st_mode) == "srw-------"  # noqa: PTH116

    assert _with_server(tmp_path, test) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="its sockets have no path")
def test_a_folder_with_a_path_too_long_for_a_socket_has_it_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = tmp_path / "s"
    session.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(session))
    folder = tmp_path / ("x" * 120)
    folder.mkdir()

    async def test(_: list[dict[str, Any]]) -> None:
        place = Path(json.loads(address_file(folder).read_text())["place"])
        assert place.parent.parent == session
        assert place.parent.stat().st_mode & 0o077 == 0
        assert len([line async for line in forward(folder, {})]) == 3

    assert _with_server(folder, test) == []
    assert list(session.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="its sockets have no path")
def test_folders_for_the_session_and_for_temporary_files_may_be_too_long_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    folder = long / "data"
    folder.mkdir()

    async def test(_: list[dict[str, Any]]) -> None:
        place = Path(json.loads(address_file(folder).read_text())["place"])
        assert long not in place.parents
        assert place.parent.stat().st_mode & 0o077 == 0
        assert len([line async for line in forward(folder, {})]) == 3
        assert [entry for entry in long.iterdir() if entry != folder] == []

    assert _with_server(folder, test) == []


@pytest.mark.skipif(sys.platform == "win32", reason="its sockets have no path")
def test_the_socket_of_a_program_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(address_file(tmp_path).with_suffix(".sock")))
    left.close()

    async def test(_: list[dict[str, Any]]) -> None:
        assert len([line async for line in forward(tmp_path, {})]) == 3

    assert _with_server(tmp_path, test) == []


def test_a_fault_in_what_is_done_for_a_later_start_ends_its_connection_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(_: list[dict[str, Any]]) -> None:
        assert [line async for line in forward(tmp_path, {"fault": True})] == []
        assert len([line async for line in forward(tmp_path, {})]) == 3

    assert _with_server(tmp_path, test) == []
    assert "unforeseen" in caplog.text


@pytest.mark.parametrize("proof", ["", "guessed", "\ud800", 7, None])
def test_who_only_asks_for_the_proof_of_the_other_gets_nothing_else(
    tmp_path: Path, proof: object
) -> None:
    async def test(seen: list[dict[str, Any]]) -> None:
        reader, writer = await _connected(tmp_path)
        writer.write(b'{"challenge": "x"}\n')
        assert set(json.loads(await reader.readline())) == {"proof", "challenge"}
        writer.write(json.dumps({"inputs": [], "proof": proof}).encode() + b"\n")
        assert await reader.read() == b""
        writer.close()
        assert seen == []

    assert _with_server(tmp_path, test) == []


def test_nobody_is_sent_the_answer_that_the_other_side_has_given(tmp_path: Path) -> None:
    async def test(seen: list[dict[str, Any]]) -> None:
        reader, writer = await _connected(tmp_path)
        writer.write(b'{"challenge": "x"}\n')
        own = json.loads(await reader.readline())["challenge"]
        # Another connection is asked to prove just that, and its proof is sent here.
        other_reader, other_writer = await _connected(tmp_path)
        other_writer.write(json.dumps({"challenge": own}).encode() + b"\n")
        proof = json.loads(await other_reader.readline())["proof"]
        writer.write(json.dumps({"inputs": [], "proof": proof}).encode() + b"\n")
        assert await reader.read() == b""
        for each in (writer, other_writer):
            each.close()
        assert seen == []

    assert _with_server(tmp_path, test) == []


@pytest.mark.parametrize(
    "answer",
    [b"", b"\n", b"[]\n", b'{"accepted": 1}\n', b'{"proof": "guessed", "challenge": "x"}\n'],
)
def test_who_listens_in_its_place_learns_nothing(tmp_path: Path, answer: bytes) -> None:
    received: list[bytes] = []
    gone = asyncio.Event()

    async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readline())
        writer.write(answer)
        writer.write_eof()
        received.append(await reader.read())
        writer.close()
        gone.set()

    async def ask() -> None:
        server = await asyncio.start_server(stranger, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        address_file(tmp_path).write_text(
            json.dumps({"version": 4, "place": port, "secret": "the secret"})
        )
        try:
            async for _ in forward(tmp_path, {"inputs": ["private.jpg"]}):
                raise AssertionError
        finally:
            server.close()
            await gone.wait()

    with pytest.raises(DatabaseBusy):
        asyncio.run(ask())
    assert b"challenge" in received[0]
    assert not any(b"private" in each or b"the secret" in each for each in received)


def test_a_refusal_is_raised_as_the_running_program_has_met_it(tmp_path: Path) -> None:
    async def test(_: list[dict[str, Any]]) -> None:
        with pytest.raises(ProfileInvalid) as caught:
            [line async for line in forward(tmp_path, {"refuse": True})]
        assert caught.value.detail == "Studio: base_url: differs"

    assert _with_server(tmp_path, test) == []


def test_a_request_that_makes_no_sense_ends_its_connection_and_nothing_else(
    tmp_path: Path,
) -> None:
    async def test(_: list[dict[str, Any]]) -> None:
        assert [line async for line in forward(tmp_path, {"nonsense": True})] == []
        assert len([line async for line in forward(tmp_path, {})]) == 3

    assert _with_server(tmp_path, test) == []


def test_a_program_that_knows_no_ways_of_saving_is_given_nothing(tmp_path: Path) -> None:
    async def test(seen: list[dict[str, Any]]) -> None:
        address = json.loads(address_file(tmp_path).read_text())
        address_file(tmp_path).write_text(json.dumps(address | {"version": 3}))
        with pytest.raises(DatabaseBusy, match="another version"):
            await anext(forward(tmp_path, {"inputs": ["a.jpg"], "result_format": "png"}))
        assert seen == []

    _with_server(tmp_path, test)


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "{}",
        "[]",
        '{"port": 1, "secret": "x"}',
        '{"version": 4, "place": 1, "secret": "x"}',
        '{"version": 4, "place": "/nowhere", "secret": "x"}',
        '{"version": 4, "place": null, "secret": "x"}',
        '{"version": 4, "place": 70000, "secret": "x"}',
    ],
)
def test_a_program_that_cannot_be_reached_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        address_file(tmp_path).write_text(content)

    async def ask() -> None:
        async for _ in forward(tmp_path, {}):
            raise AssertionError

    with pytest.raises(DatabaseBusy):
        asyncio.run(ask())
