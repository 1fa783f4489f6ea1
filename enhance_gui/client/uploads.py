"""Uploads files: where the service can, an upload that was cut goes on where it stopped.

A service of this program is asked first how much of a file it has, by the file's SHA-256 (see
``enhance_gui/service/http/routes.py``): nothing of it, a part, or all, and then it is not sent
again. Any other service answers that question in another way, and gets the whole file in one POST.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import httpx

from enhance_gui.client.calls import Calls
from enhance_gui.core.service_errors import (
    NotTheApi,
    RequestRefused,
    ServiceError,
    ServiceUnreachable,
)
from enhance_gui.transport.timeouts import Timeouts
from enhance_gui.wire import reading
from enhance_gui.wire.envelope import Envelope

_BYTES_PER_S: Final = 50_000
_TRIES: Final = 3
_ASK_AGAIN: Final = frozenset({9_000_408, 9_000_409})
"""Codes of a service of this program: the body came too slowly, or was not the piece that follows.
What it has of the file is to be asked anew."""

Send = Callable[[httpx.Request, Timeouts], Awaitable[Envelope]]
"""Makes a call; raises a :class:`ServiceError` where it does not succeed."""


class Uploader:
    """Uploads files to one service."""

    def __init__(
        self, calls: Calls, client: httpx.AsyncClient, timeouts: Timeouts, send: Send
    ) -> None:
        """:param timeouts: of a call that carries no file."""
        self._calls = calls
        self._client = client
        self._timeouts = timeouts
        self._send = send
        self._goes_on: bool | None = None
        """Whether the service goes on with uploads that were cut; ``None``: not known yet."""

    async def upload(self, content: bytes, digest: str) -> str:
        """Upload a file; return the address that createtask takes.

        :param digest: its SHA-256, in hexadecimal.
        :raises ServiceError: it is not there, or not as a whole; the next time it goes on.
        """
        if self._goes_on is not False:
            for _ in range(_TRIES):
                state = await self._state(digest)
                if state is None:
                    break
                if address := await self._rest(digest, content, state):
                    return address
        timeouts = self._timeouts_for(len(content))
        return _address(
            await self._send(self._calls.upload(self._client, content, timeouts), timeouts)
        )

    async def _state(self, digest: str) -> Envelope | None:
        """Ask how much of a file has arrived; ``None``: the service cannot go on with it."""
        request = self._calls.upload_state(self._client, digest, self._timeouts)
        try:
            state = await self._send(request, self._timeouts)
        except ServiceError as error:
            if self._goes_on or isinstance(error, ServiceUnreachable):
                raise
            if isinstance(error, NotTheApi | RequestRefused):
                self._goes_on = False
            # Anything else the POST will tell, which every service knows.
            return None
        self._goes_on = _offset(state) is not None
        return state if self._goes_on else None

    async def _rest(self, digest: str, content: bytes, state: Envelope) -> str:
        """Send what is missing; return the file's address, empty: that has to be asked again."""
        offset = _offset(state)
        if state.data.get("picurl"):
            return _address(state)
        if offset is None or offset > len(content):
            return ""
        timeouts = self._timeouts_for(len(content) - offset)
        request = self._calls.upload_rest(self._client, digest, content, offset, timeouts)
        try:
            return _address(await self._send(request, timeouts))
        except RequestRefused as error:
            if error.code not in _ASK_AGAIN:
                raise
            return ""

    def _timeouts_for(self, size_bytes: int) -> Timeouts:
        # Megabytes may wait in the system's buffers while this end sees nothing move, so only the
        # whole has a limit.
        overall_s = self._timeouts.overall_s + size_bytes / _BYTES_PER_S
        return replace(self._timeouts, read_s=overall_s, overall_s=overall_s)


def _offset(state: Envelope) -> int | None:
    offset = reading.whole_number(state.data.get("x_upload_offset"))
    return offset if offset is not None and offset >= 0 else None


def _address(envelope: Envelope) -> str:
    """Return what createtask takes.

    :raises NotTheApi: the answer does not name it.
    """
    address = reading.text(envelope.data.get("picurl"))
    if not address:
        raise NotTheApi("the service took the picture without naming its address")
    return address
