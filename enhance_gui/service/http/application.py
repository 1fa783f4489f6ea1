"""Serves the API over HTTP: addresses, bodies, envelopes.

| call | body | answer |
|---|---|---|
| ``POST /createtask`` ``/gettask`` ``/deletetask`` | JSON | the documented envelope |
| ``POST /upload`` | a picture's bytes | an envelope; ``data.picurl`` is for createtask |
| ``GET /upload/SHA-256`` | | an envelope; ``data.x_upload_offset`` is where to go on |
| ``PATCH /upload/SHA-256`` | the bytes that follow | the same; once it is whole with ``picurl`` |
| ``GET /results/…`` ``/inputs/…`` ``/uploads/…`` | | the file |

The upload calls are not in the API's document: they are how the desktop program uploads local
files. The files need no token, since their names cannot be guessed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.formats import FORMATS, RESULT_FORMATS
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.http.bodies import CallerGone, RequestBody
from enhance_gui.service.http.connections import ServiceProtocol
from enhance_gui.service.http.gate import (
    PIECE_PATH,
    UPLOAD_PATH,
    Caller,
    Gate,
    TokenThrottle,
    TokenWrong,
)
from enhance_gui.service.http.pieces import digest_of, read_piece
from enhance_gui.service.store.file_store import FileStore
from enhance_gui.service.tasks.calls import Calls
from enhance_gui.service.tasks.refusals import OwnCode, full, http_status_of
from enhance_gui.wire.envelope import write_envelope

_LOG = logging.getLogger(__name__)

_RETRY_AFTER_S: Final = "30"
_MEDIA_TYPES: Final = {f".{name}": FORMATS[name].media_type for name in RESULT_FORMATS}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


@dataclass(eq=False)
class ServiceApplication:
    """The ASGI application."""

    gate: Gate
    calls: Calls
    files: FileStore
    clock: Clock
    body_timeout_s: float

    def __post_init__(self) -> None:
        self._throttle = TokenThrottle()
        self._by_path = {
            "/createtask": self.calls.create,
            "/gettask": self.calls.get,
            "/deletetask": self.calls.delete,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = RequestBody(receive, scope["headers"], self.body_timeout_s)
        try:
            response = await self._answer(scope, body)
        except CallerGone:
            return
        except RequestRefused as refusal:
            response = _refusal(refusal.code or OwnCode.INTERNAL, refusal.detail)
        except EnhanceError as error:
            _LOG.error("a request was not answered as it should be: %s", error.detail)
            response = _refusal(OwnCode.INTERNAL, error.detail)
        # A bug must reach the log whole, and the caller as an envelope.
        except Exception:  # noqa: BLE001
            _LOG.exception("a request failed")
            response = _refusal(OwnCode.INTERNAL, "the service failed: its log says more")
        # Whoever is refused has to connect anew: idle connections cost a stranger something.
        if not await body.discard() or response.status_code >= HTTPStatus.BAD_REQUEST:
            response.headers["Connection"] = "close"
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, body: RequestBody) -> Response:
        path: str = scope["path"]
        connection: ServiceProtocol = scope["state"]["connection"]
        caller = await self._admit(scope, connection)
        if not caller.has_token:
            return self._file(path, connection)
        if path == UPLOAD_PATH:
            data = await self.calls.upload(body.chunks(), caller)
        elif path.startswith(PIECE_PATH):
            data = await self._piece(scope, body, caller)
        else:
            data = await self._by_path[path](await body.read(), caller)
        return _json(write_envelope(data), HTTPStatus.OK)

    async def _piece(self, scope: Scope, body: RequestBody, caller: Caller) -> dict[str, Any]:
        digest = digest_of(scope["path"])
        if digest is None:
            raise RequestRefused(
                "an upload in pieces is named by the file's SHA-256", code=OwnCode.NOT_FOUND
            )
        if scope["method"] == "GET":
            return await self.calls.find_upload(digest, caller)
        piece = read_piece(digest, scope["headers"])
        return await self.calls.append_to_upload(piece, body.chunks(), caller)

    async def _admit(self, scope: Scope, connection: ServiceProtocol) -> Caller:
        """Return who asks; where tokens were tried, only after a pause.

        :raises RequestRefused: nothing is done for this request.
        """
        remote = connection.remote
        try:
            caller = self.gate.check(scope["method"], scope["path"], scope["headers"])
        except TokenWrong:
            self._throttle.note_wrong(remote, self.clock.now_s())
            await self._pause(remote)
            raise
        if caller.has_token:
            pauses = not connection.is_proven
            if not connection.serve(proves=True):
                raise _too_many_requests()
            if pauses:
                await self._pause(remote)
        return caller

    async def _pause(self, remote: str) -> None:
        pause_s = self._throttle.pause_s(remote, self.clock.now_s())
        if pause_s:
            await self.clock.sleep(pause_s)

    def _file(self, path: str, connection: ServiceProtocol) -> Response:
        folder, _, name = path.removeprefix("/").partition("/")
        found = self.files.find(folder, name)
        if found is None:
            raise RequestRefused("there is no such file, or no longer", code=OwnCode.NOT_FOUND)
        if not connection.serve(proves=False):
            raise _too_many_requests()
        return FileResponse(
            found,
            media_type=_MEDIA_TYPES.get(found.suffix),
            filename=found.name,
            headers={**_HEADERS, "Cache-Control": "private, no-store"},
        )


def _too_many_requests() -> RequestRefused:
    return full("the service works on as many requests as it can at once")


def _refusal(code: int, message: str) -> Response:
    response = _json(write_envelope({}, code, message), http_status_of(code))
    if code == OwnCode.FULL:
        response.headers["Retry-After"] = _RETRY_AFTER_S
    return response


def _json(body: bytes, status: int) -> Response:
    headers = {**_HEADERS, "Cache-Control": "no-store"}
    return Response(body, status, headers, media_type="application/json")
