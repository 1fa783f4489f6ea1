"""Reads request bodies within limits of size and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Final

from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.http.gate import MAX_BODY_BYTES, body_too_large
from enhance_gui.service.http.proxies import Headers
from enhance_gui.service.tasks.refusals import OwnCode

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_DISCARD_BYTES: Final = 32 * 1024 * 1024
_DISCARD_S: Final = 2.0
_UPLOAD_S: Final = 600.0


class CallerGone(Exception):
    """The caller closed the connection before its body was complete."""


class RequestBody:
    """The body of one request, read at most once."""

    def __init__(self, receive: Receive, headers: Headers, timeout_s: float) -> None:
        """:param timeout_s: for a small body as a whole, or for one pause of an upload."""
        self._receive = receive
        self._timeout_s = timeout_s
        names = {name for name, _ in headers}
        # A caller that waits for "100 Continue" has not sent its body, and one that was too slow
        # will not hurry now.
        self._is_worth_discarding = b"expect" not in names
        self._is_complete = not names & {b"content-length", b"transfer-encoding"}

    async def read(self) -> bytes:
        """Read a small body.

        :raises RequestRefused: longer than a call's body may be, or too slow.
        :raises CallerGone: it broke off.
        """
        body = bytearray()
        try:
            async with asyncio.timeout(self._timeout_s):
                while not self._is_complete:
                    body += await self._next()
                    if len(body) > MAX_BODY_BYTES:
                        raise body_too_large()
        except TimeoutError as error:
            raise self._too_slow() from error
        return bytes(body)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield a large body as it comes.

        :raises RequestRefused: a pause was too long, or the whole takes too long.
        :raises CallerGone: it broke off.
        """
        now_s = asyncio.get_running_loop().time
        end_s = now_s() + _UPLOAD_S
        while not self._is_complete:
            try:
                async with asyncio.timeout_at(min(end_s, now_s() + self._timeout_s)):
                    chunk = await self._next()
            except TimeoutError as error:
                raise self._too_slow() from error
            yield chunk

    async def discard(self) -> bool:
        """Read what is left and drop it; return whether that was possible.

        Closing a connection with unread bytes in it resets it, and the answer may be lost on the
        way to the caller.
        """
        left_bytes = _DISCARD_BYTES
        try:
            async with asyncio.timeout(_DISCARD_S):
                while not self._is_complete and left_bytes > 0 and self._is_worth_discarding:
                    left_bytes -= len(await self._next())
        except (TimeoutError, CallerGone):
            return False
        return self._is_complete

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] != "http.request":
            self._is_complete = True
            raise CallerGone
        self._is_complete = not message.get("more_body", False)
        body: bytes = message.get("body", b"")
        return body

    def _too_slow(self) -> RequestRefused:
        self._is_worth_discarding = False
        return RequestRefused("the body came too slowly", code=OwnCode.TOO_SLOW)
