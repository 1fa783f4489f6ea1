"""An HTTP service on loopback that does, byte for byte, what a test tells it to.

Plain sockets below and no HTTP library, so that it can misbehave: stop anywhere, reset, trickle,
lie about lengths, send what is not HTTP. It runs in the test's own event loop::

    async with ScriptableService() as service:
        service.on("/gettask", envelope({"taskid": "t1"}))       # the same answer every time
        service.on("/a.jpg", Reply(503), Reply(body=picture))    # then another, which stays
        service.on("/odd", handler)                              # async def handler(talk: Talk)
        ...
        assert service.requests[0].headers["token"] == "…"
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

# Windows has shorter numbers in this option.
_LINGER_ZERO = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


@dataclass(frozen=True)
class SeenRequest:
    """A request as it arrived."""

    method: str
    target: str
    """Path and query, as sent."""
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer, well formed unless told otherwise."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    tells_length: bool = True
    """Whether a Content-Length goes out; without one the connection closes after the body."""

    def to_bytes(self) -> bytes:
        names = {name.lower() for name in self.headers}
        head = [f"HTTP/1.1 {self.status} {_phrase(self.status)}"]
        head += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.tells_length and not names & {"content-length", "transfer-encoding"}:
            head.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*head, "", ""]).encode("latin-1") + self.body


def envelope(data: Any = None, code: int = 0, msg: str = "", status: int = 200) -> Reply:
    """Return an answer of the API."""
    body = json.dumps({"code": code, "msg": msg, "data": data}).encode()
    return Reply(status, body, {"Content-Type": "application/json"})


def redirect(target: str, status: int = 302) -> Reply:
    """Return an answer that leads on."""
    return Reply(status, b"", {"Location": target})


class Talk:
    """One accepted connection, in the hands of a test's handler."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.request = SeenRequest("", "", {}, b"")
        """The request at hand; empty in a handler of connections."""
        self.received_bytes = 0
        self.sent_bytes = 0
        self.is_over = False
        """Whether the connection ended: by this side, or because the other was gone."""

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()
        self.sent_bytes += len(data)

    async def reply(self, reply: Reply) -> None:
        """Send a whole answer."""
        await self.send(reply.to_bytes())
        names = {name.lower() for name in reply.headers}
        if not reply.tells_length and "transfer-encoding" not in names:
            await self.close()

    async def trickle(self, data: bytes, piece_bytes: int = 1, gap_s: float = 0.01) -> None:
        """Send bytes a few at a time."""
        for start in range(0, len(data), piece_bytes):
            await self.send(data[start : start + piece_bytes])
            await asyncio.sleep(gap_s)

    async def read(self, count: int) -> bytes:
        """Read exactly ``count`` bytes, fewer only where the other side stops."""
        try:
            data = await self._reader.readexactly(count)
        except asyncio.IncompleteReadError as error:
            data = error.partial
        self.received_bytes += len(data)
        return data

    async def close(self) -> None:
        """End the connection properly."""
        self.is_over = True
        self._writer.close()

    async def reset(self) -> None:
        """Break the connection off: the other side sees "connection reset"."""
        self.is_over = True
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self._writer.transport.abort()

    def drop(self) -> None:
        """End the connection whatever is still to be sent."""
        self.is_over = True
        self._writer.transport.abort()

    async def until_closed_by_peer(self) -> None:
        """Wait for the other side to go."""
        while await self._reader.read(2**16):
            pass

    async def read_request(self) -> SeenRequest | None:
        """Read one request; ``None`` where the other side has gone."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            self.received_bytes += len(error.partial)
            return None
        self.received_bytes += len(head)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _version = first.split(" ", 2)
        pairs = (line.split(":", 1) for line in lines if line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        body = await self.read(int(headers.get("content-length", "0")))
        return SeenRequest(method, target, headers, body)


Handler = Callable[[Talk], Awaitable[None]]
Step = Reply | Handler


class ScriptableService:
    """The service. Entering starts it, leaving ends every connection."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """
        :param tls: serve https with this context.
        """
        self.requests: list[SeenRequest] = []
        """Every request that arrived whole, in order."""
        self.connections = 0
        """How many connections were accepted."""
        self.talks: list[Talk] = []
        """The connections, in order: what each received and sent."""
        self.port = 0
        self._tls = tls
        self._steps: dict[str, list[Step]] = {}
        self._on_connect: Handler | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failures: list[Exception] = []

    @property
    def base_url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return self.base_url + path

    def on(self, path: str, *steps: Step) -> None:
        """Set the answers of a path: one after the other, the last one for good."""
        self._steps[path] = list(steps)

    def on_connect(self, handler: Handler | None) -> None:
        """Let ``handler`` have each new connection before anything is read from it.

        Where it leaves the connection open, requests are read and answered as usual.
        """
        self._on_connect = handler

    def seen(self, path: str) -> list[SeenRequest]:
        """Return the requests for a path."""
        return [request for request in self.requests if request.path == path]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for talk in self.talks:
            talk.drop()
        await self._server.wait_closed()
        if error is None and self._failures:
            raise self._failures[0]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        talk = Talk(reader, writer)
        self.talks.append(talk)
        try:
            await self._converse(talk)
            writer.close()
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            talk.drop()  # the other side has gone, which is for the test to judge; or the test has
        # A mistake of the test's handler, whatever it is: raised at the end.
        except Exception as failure:  # noqa: BLE001
            talk.drop()
            self._failures.append(failure)
        finally:
            self._tasks.discard(task)

    async def _converse(self, talk: Talk) -> None:
        if self._on_connect is not None:
            await self._on_connect(talk)
        while not talk.is_over:
            request = await talk.read_request()
            if request is None:
                return
            self.requests.append(request)
            talk.request = request
            step = self._next_step(request.path)
            if isinstance(step, Reply):
                await talk.reply(step)
            else:
                await step(talk)

    def _next_step(self, path: str) -> Step:
        steps = self._steps.get(path)
        if not steps:
            return Reply(404, b"nothing here")
        return steps.pop(0) if len(steps) > 1 else steps[0]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Odd"
