"""A second start hands its inputs over to the program that already works on the list of tasks.

The two speak JSON lines over a loopback socket. Its port and a secret lie in a file that only
this user can read; without the secret nothing is answered. No token is ever handed over.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from enhance_gui.core.errors import DatabaseBusy, EnhanceError
from enhance_gui.core.explanations import sentence_in_english
from enhance_gui.jobs.task_owner import TaskOwner

_MOST_LINE_BYTES: Final = 16 * 2**20
"""Room for a hundred thousand addresses."""

_GREETING_LIMIT_S: Final = 10.0

REFUSED: Final = "refused"
"""Key of the line that says why the running program did not take the inputs."""

Send = Callable[[dict[str, Any]], Awaitable[None]]
Handler = Callable[[dict[str, Any], Send], Awaitable[None]]


def address_file(folder: Path) -> Path:
    """Return the file in which the running program says where it can be reached."""
    return folder / "instance.json"


class HandOverServer:
    """Takes the inputs of later starts."""

    def __init__(self, folder: Path, handler: Handler, owner: TaskOwner) -> None:
        """:param handler: takes a request and a way to send lines back; may run long."""
        self._file = address_file(folder)
        self._handler = handler
        self._owner = owner
        self._secret = secrets.token_urlsafe(32)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, and say where.

        :raises OSError: the folder cannot be written to.
        """
        # Made here, since asyncio passes over a socket that cannot be had, and serves on none.
        own = socket.create_server(("127.0.0.1", 0))
        self._server = await asyncio.start_server(self._connected, sock=own, limit=_MOST_LINE_BYTES)
        port = own.getsockname()[1]
        text = json.dumps({"port": port, "secret": self._secret})
        temporary = self._file.with_suffix(".new")
        with suppress(FileNotFoundError):
            temporary.unlink()
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            stream.write(text)
        temporary.replace(self._file)

    async def close(self) -> None:
        """Take no more; who is connected sees the end of the connection."""
        if self._server is not None:
            self._server.close()
        # A file that cannot be removed leads nowhere: later starts find nobody behind it.
        with suppress(OSError):
            self._file.unlink()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._owner.start(self._serve(reader, writer), "hand-over")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(line: dict[str, Any]) -> None:
            writer.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            await writer.drain()

        try:
            async with asyncio.timeout(_GREETING_LIMIT_S):
                request = _read(await reader.readline())
            if hmac.compare_digest(str(request.pop("secret", "")), self._secret):
                await self._handler(request, send)
        except EnhanceError as error:
            with suppress(ConnectionError):
                await send({REFUSED: sentence_in_english(error)})
        except (TimeoutError, ValueError, ConnectionError, asyncio.IncompleteReadError):
            # Whoever connected has gone or is not one of us.
            return
        finally:
            writer.close()


async def hand_over(folder: Path, request: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Give a request to the running program and yield its lines until it closes.

    :raises DatabaseBusy: it cannot be reached.
    """
    try:
        address = _read(address_file(folder).read_bytes())
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(address["port"]), limit=_MOST_LINE_BYTES
        )
    except (OSError, ValueError, KeyError) as error:
        raise DatabaseBusy("another start of the program holds it and cannot be reached") from error
    try:
        line = json.dumps({**request, "secret": address["secret"]}, ensure_ascii=False)
        writer.write(line.encode() + b"\n")
        await writer.drain()
        while answer := await reader.readline():
            yield _read(answer)
    except ConnectionError:
        return
    finally:
        writer.close()


def _read(line: bytes) -> dict[str, Any]:
    """:raises ValueError: not JSON."""
    value = json.loads(line)
    return value if isinstance(value, dict) else {}
