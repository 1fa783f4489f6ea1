"""Forwards requests of later starts to the program that already works on the list of tasks.

The two speak JSON lines over a local socket. Where it is, and a secret, lie in a file that only
this user can read. Whoever listens proves first that it knows the secret: the place may have come
into other hands since, of a program that was killed. Then the later start proves it, and asks.
The secret itself is never sent, and no token is ever forwarded. Before the proof only lines of a
kilobyte are read, of few connections: on Windows, whose sockets lead over loopback, anybody of
this computer can connect.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from enhance_gui.core.atomic import replacing
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.storage_errors import DatabaseBusy, StorageError
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.text.detail import read_detail, write_detail
from enhance_gui.core.text.explanations import CLASSES
from enhance_gui.core.text.i18n import N_
from enhance_gui.jobs.single_instance.local_socket import LocalSocket, connect, is_same_user
from enhance_gui.storage.system.instance_lock import address_file

_log = logging.getLogger(__name__)

_MAXIMUM_LINE_BYTES: Final = 16 * 2**20
"""Room for a hundred thousand addresses."""

_GREETING_LINE_BYTES: Final = 1024
"""Of each line before the other side has proved who it is."""

_PIECE_BYTES: Final = 64 * 1024

_GREETING_LIMIT_S: Final = 10.0

UNPROVEN_CONNECTIONS: Final = 32
"""Connections at a time that have not proved to be of a later start; more are turned away.

File managers start a program for each of the files that are opened at once.
"""

_VERSION: Final = 4
"""Of what the two say to each other: a program of before would pass over how results are to be
saved. The file of an earlier program names none."""

_CHALLENGE: Final = "challenge"
"""Key of what the other side is to prove its knowledge of the secret with."""
_PROOF: Final = "proof"
_REFUSED: Final = "refused"
"""Key of the line that says why the running program did not take the inputs."""

_NOT_REACHED: Final = N_("another start of the program holds it and cannot be reached")

Send = Callable[[dict[str, Any]], Awaitable[None]]
Handler = Callable[[dict[str, Any], Send], Awaitable[None]]


class InstanceServer:
    """Receives the requests of later starts."""

    def __init__(self, folder: Path, handler: Handler, owner: TaskSupervisor) -> None:
        """:param handler: takes a request and a way to send lines back; may run long."""
        self._file = address_file(folder)
        self._handler = handler
        self._supervisor = owner
        self._secret = secrets.token_urlsafe(32)
        self._socket: LocalSocket | None = None
        self._server: asyncio.Server | None = None
        self._unproven = 0

    async def start(self) -> None:
        """Listen, and write down where later starts find it.

        :raises OSError: the folder cannot be written to.
        """
        # Made here, since asyncio passes over a socket that cannot be had, and serves on none.
        self._socket = LocalSocket.listen(self._file.with_suffix(".sock"))
        self._server = await asyncio.start_server(
            self._connected, sock=self._socket.socket, limit=_GREETING_LINE_BYTES
        )
        text = json.dumps(
            {"version": _VERSION, "place": self._socket.place, "secret": self._secret}
        )
        with replacing(self._file, mode=0o600) as file:
            file.write(text.encode())

    async def close(self) -> None:
        """Accept no more requests; who is connected sees the end of the connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._socket is not None:
            self._socket.remove()
        # A file that cannot be removed leads nowhere: later starts find nobody behind it.
        with suppress(OSError):
            self._file.unlink()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_full = self._unproven >= UNPROVEN_CONNECTIONS
        if self._server is None or is_full or not is_same_user(writer):
            writer.transport.abort()
            return
        self._unproven += 1
        self._supervisor.start(self._serve(reader, writer), "hand-over")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(line: dict[str, Any]) -> None:
            await _write(writer, line)

        try:
            if await self._is_greeted(reader, send):
                async with asyncio.timeout(_GREETING_LIMIT_S):
                    request = _read(await _request_line(reader))
                try:
                    await self._handler(request, send)
                except EnhanceError as error:
                    detail = write_detail(error.detail)
                    await send({_REFUSED: {"kind": error.kind, "detail": detail}})
        except (TimeoutError, ValueError, ConnectionError):
            # Whoever connected has gone or is not one of us.
            return
        # Whatever comes over a connection ends that connection, and nothing else.
        except Exception:  # noqa: BLE001
            _log.exception("what a later start asked for led to an unforeseen error")
        finally:
            writer.close()

    async def _is_greeted(self, reader: asyncio.StreamReader, send: Send) -> bool:
        """Return whether the other side proves to be a later start.

        :raises ValueError: what comes is not of a later start.
        """
        try:
            async with asyncio.timeout(_GREETING_LIMIT_S):
                asked = _read(await reader.readline()).get(_CHALLENGE)
                if not isinstance(asked, str):
                    return False
                own = secrets.token_urlsafe(32)
                await send({_PROOF: _proof(self._secret, "running", asked), _CHALLENGE: own})
                proof = _read(await reader.readline()).get(_PROOF, "")
        finally:
            self._unproven -= 1
        return _proves(proof, self._secret, "later", own)


async def forward(folder: Path, request: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Forward a request to the running program and yield its lines until it closes.

    :raises DatabaseBusy: it cannot be reached, or what is reached does not prove to be it.
    :raises EnhanceError: it has refused the request, with this error.
    """
    try:
        address = _read(address_file(folder).read_bytes())
        if address.get("version") != _VERSION:
            raise DatabaseBusy("another version of the program is running")
        secret = str(address["secret"])
        reader, writer = await connect(address["place"], _MAXIMUM_LINE_BYTES)
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise DatabaseBusy(_NOT_REACHED) from error
    try:
        proof = await _proof_for_running(reader, writer, secret)
        await _write(writer, {_PROOF: proof})
        await _write(writer, request)
        while answer := await reader.readline():
            line = _read(answer)
            if _REFUSED in line:
                raise _error_of(line[_REFUSED])
            yield line
    except ConnectionError:
        return
    finally:
        writer.close()


async def _proof_for_running(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secret: str
) -> str:
    """Have the one that listens prove who it is; return what proves to it who asks.

    :raises DatabaseBusy: it does not.
    """
    own = secrets.token_urlsafe(32)
    try:
        await _write(writer, {_CHALLENGE: own})
        async with asyncio.timeout(_GREETING_LIMIT_S):
            answer = _read(await reader.readline())
    except (TimeoutError, ValueError, ConnectionError) as error:
        raise DatabaseBusy(_NOT_REACHED) from error
    if not _proves(answer.get(_PROOF), secret, "running", own):
        raise DatabaseBusy(_NOT_REACHED)
    return _proof(secret, "later", str(answer.get(_CHALLENGE)))


async def _write(writer: asyncio.StreamWriter, line: dict[str, Any]) -> None:
    # All of it ASCII: a path may hold what is no valid text.
    writer.write(json.dumps(line).encode() + b"\n")
    await writer.drain()


async def _request_line(reader: asyncio.StreamReader) -> bytes:
    """Read the one line that may be long.

    :raises ValueError: it is longer than any request, or has no end.
    """
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = await reader.read(_PIECE_BYTES)
        line += piece
        if not piece or len(line) > _MAXIMUM_LINE_BYTES:
            raise ValueError("not a request")
    return bytes(line)


def _proof(secret: str, role: str, challenge: str) -> str:
    """Return what only who knows the secret can answer; each side's differs from the other's."""
    text = f"{role} {challenge}".encode("utf-8", "replace")
    return hmac.new(secret.encode(), text, "sha256").hexdigest()


def _proves(proof: object, secret: str, role: str, challenge: str) -> bool:
    wanted = _proof(secret, role, challenge)
    return hmac.compare_digest(str(proof).encode("utf-8", "replace"), wanted.encode())


def _error_of(refusal: dict[str, Any]) -> EnhanceError:
    """Return the error that the running program has met, as if this one had."""
    kind = str(refusal.get("kind"))
    known = CLASSES.get(kind, StorageError)
    # Not by calling it: that puts the detail together, which is done already.
    error: EnhanceError = known.__new__(known)
    detail = read_detail(str(refusal.get("detail", "")))
    EnhanceError.__init__(error, detail, kind=kind if kind in known.cases else "")
    return error


def _read(line: bytes) -> dict[str, Any]:
    """:raises ValueError: not JSON."""
    try:
        value = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value if isinstance(value, dict) else {}
