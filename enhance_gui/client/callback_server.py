"""Receives a service's callbacks; the only place where this program listens to the network.

A callback is a hint, so all that is read from it is the ids of its task. What comes may be
forged, endless or slow: each connection carries one request, which has to show the token in its
headers before its body is read, and has to be whole within seconds.

Built on h11 and asyncio's streams rather than on a web framework: h11 is there anyway (httpx
brings it) and loads in a tenth of the time, and the limits of size, time and number, which are
what matters here, are in sight.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

import h11

from enhance_gui.core.errors import CallbacksNotReceived
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import NotTheApi
from enhance_gui.core.storage_errors import StorageError
from enhance_gui.wire.callback import (
    MD5_HEADER,
    TOKEN_HEADER,
    CallbackHint,
    acknowledgement,
    fields_as_written,
    md5_matches,
    read_callback,
)
from enhance_gui.wire.envelope import read_envelope, write_envelope
from enhance_gui.wire.naming import Names

_log = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 256 * 1024
MAX_HEAD_BYTES: Final = 16 * 1024
MAX_CONNECTIONS: Final = 16
REQUEST_S: Final = 10.0
"""Time for a request to arrive whole."""
ANSWER_S: Final = 0.8
"""Time for storing a callback; a service that waits longer than a second may give up."""

_PIECE_BYTES: Final = 16 * 1024

Take = Callable[[CallbackHint], Awaitable[None]]
"""Takes a callback in: whatever has to outlast the end of the program is durable on return."""

Start = Callable[[Coroutine[Any, Any, None], str], object]
"""Runs a coroutine, of a name, under a supervisor that cancels and awaits it."""


@dataclass(frozen=True, slots=True)
class _Refused(Exception):
    """The request is answered with an error."""

    status: HTTPStatus
    to_head: bool = False
    """Whether a HEAD request is answered, which gets no body."""


class CallbackReceiver:
    """Listens on one address for the callbacks of one service."""

    def __init__(
        self,
        listen: str,
        token: Secret,
        recipe: str,
        take: Take,
        start: Start,
        *,
        names: Names = MappingProxyType({}),
        request_s: float = REQUEST_S,
    ) -> None:
        """
        :param listen: ``host:port``, an IPv6 address in brackets.
        :param recipe: of the ``md5`` header; empty: it is not checked.
        :param start: must refuse nothing before :meth:`close`.
        :param names: what the service calls fields otherwise.
        """
        self._listen = listen
        self._token = token
        self._recipe = recipe
        self._names = names
        self._take = take
        self._start = start
        self._request_s = request_s
        self._connections = 0
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None  # noqa: S101  asked for after open()
        return int(self._server.sockets[0].getsockname()[1])

    async def open(self) -> None:
        """Listen.

        :raises CallbacksNotReceived: the address is taken, or not one of this computer.
        """
        host, _, port = self._listen.rpartition(":")
        try:
            self._server = await asyncio.start_server(
                self._connected, host.strip("[]"), int(port), limit=_PIECE_BYTES
            )
        except (OSError, UnicodeError, ValueError) as error:
            text = getattr(error, "strerror", None) or "not an address of this computer"
            raise CallbacksNotReceived(
                "cannot listen on {place} ({reason})", place=self._listen, reason=text
            ) from error

    def close(self) -> None:
        """Take no more connections; those that are open end with their supervisor."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None or self._connections >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self._connections += 1
        self._start(self._serve(reader, writer), "callback")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (TimeoutError, ConnectionError, h11.ProtocolError):
            # Too slow, gone, or no HTTP: there is nobody to answer.
            writer.transport.abort()
        # Whatever comes from outside ends its own connection, and nothing else.
        except Exception:  # noqa: BLE001
            _log.exception("a callback led to an unforeseen error")
            writer.transport.abort()
        finally:
            self._connections -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        try:
            async with asyncio.timeout(self._request_s):
                hint = await self._read(talk, reader, writer)
            await self._take_in(hint)
        except _Refused as refusal:
            _log.info("a callback was refused (HTTP %s)", refusal.status.value)
            body = b"" if refusal.to_head else write_envelope({"success": False}, code=1)
            _write(talk, writer, refusal.status, body)
        else:
            _write(talk, writer, HTTPStatus.OK, acknowledgement())

    async def _read(
        self, talk: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> CallbackHint:
        """Read and check one request.

        :raises _Refused: it is not a callback of this service.
        """
        body = bytearray()
        headers: Sequence[tuple[bytes, bytes]] = ()
        while True:
            event = talk.next_event()
            if event is h11.NEED_DATA:
                if talk.they_are_waiting_for_100_continue:
                    interim = talk.send(h11.InformationalResponse(status_code=100, headers=[]))
                    writer.write(interim or b"")
                talk.receive_data(await reader.read(_PIECE_BYTES))
            elif isinstance(event, h11.Request):
                self._check_head(event)
                headers = event.headers
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > MAX_BODY_BYTES:
                    raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            elif isinstance(event, h11.EndOfMessage):
                return self._hint_in(bytes(body), headers)
            else:
                raise ConnectionResetError

    def _check_head(self, request: h11.Request) -> None:
        """:raises _Refused: the request is not to be read on."""
        if request.method != b"POST":
            raise _Refused(HTTPStatus.METHOD_NOT_ALLOWED, to_head=request.method == b"HEAD")
        if sum(len(name) + len(value) for name, value in request.headers) > MAX_HEAD_BYTES:
            raise _Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        given = _only(request.headers, TOKEN_HEADER)
        if given is None or not self._token.matches(given):
            raise _Refused(HTTPStatus.FORBIDDEN)
        declared = _only(request.headers, "content-length") or "0"
        if len(declared) > len(str(MAX_BODY_BYTES)) or int(declared) > MAX_BODY_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def _hint_in(self, body: bytes, headers: Sequence[tuple[bytes, bytes]]) -> CallbackHint:
        """Return the task ids in a body."""
        try:
            data = read_envelope(body, self._names).data
        except NotTheApi as error:
            raise _Refused(HTTPStatus.BAD_REQUEST) from error
        given = _only(headers, MD5_HEADER) or ""
        if self._recipe:
            signed = fields_as_written(body, self._names)
            if not md5_matches(self._recipe, signed, self._token, given):
                raise _Refused(HTTPStatus.FORBIDDEN)
        hint = read_callback(data)
        if hint is None:
            raise _Refused(HTTPStatus.BAD_REQUEST)
        return hint

    async def _take_in(self, hint: CallbackHint) -> None:
        """:raises _Refused: it could not be made durable in time; the service tries again."""
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._take(hint)
        except (TimeoutError, StorageError) as error:
            raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE) from error


def _write(
    talk: h11.Connection, writer: asyncio.StreamWriter, status: HTTPStatus, body: bytes
) -> None:
    head = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    answer: list[h11.Event] = [
        h11.Response(status_code=status.value, headers=head, reason=status.phrase.encode()),
        h11.Data(data=body),
        h11.EndOfMessage(),
    ]
    writer.write(b"".join(talk.send(each) or b"" for each in answer))


def _only(headers: Sequence[tuple[bytes, bytes]], wanted: str) -> str | None:
    """Return a header's value; ``None`` where it is missing or stands more than once."""
    values = [value for name, value in headers if name == wanted.encode()]
    return values[0].decode("latin-1") if len(values) == 1 else None
