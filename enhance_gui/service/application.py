"""The service as HTTP sees it: addresses, bodies, envelopes.

| call | body | answer |
|---|---|---|
| ``POST /createtask`` ``/gettask`` ``/deletetask`` | JSON | the documented envelope |
| ``POST /upload`` | a picture's bytes | an envelope; ``data.picurl`` is for createtask |
| ``GET /results/…`` ``/inputs/…`` ``/uploads/…`` | | the file |

The upload call is not in the API's document: it is how the app of this program hands local files
over. The files need no token, since their names cannot be guessed.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from enhance_gui.core.errors import EnhanceError, RequestRefused
from enhance_gui.service.bodies import CallerGone, RequestBody
from enhance_gui.service.calls import Calls
from enhance_gui.service.file_store import FileStore
from enhance_gui.service.gate import UPLOAD_PATH, Gate
from enhance_gui.service.hosts import OwnHosts
from enhance_gui.service.intake import Intake
from enhance_gui.service.refusals import OwnCode, code_of, http_status_of
from enhance_gui.wire.envelope import write_envelope

_LOG = logging.getLogger(__name__)

_MEDIA_TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "bmp": "image/bmp",
}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


class ServiceApplication:
    """The ASGI application."""

    def __init__(
        self,
        gate: Gate,
        calls: Calls,
        intake: Intake,
        files: FileStore,
        hosts: OwnHosts,
        body_timeout_s: float,
    ) -> None:
        self._gate = gate
        self._calls = calls
        self._intake = intake
        self._files = files
        self._hosts = hosts
        self._body_timeout_s = body_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = RequestBody(receive, scope["headers"], self._body_timeout_s)
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
        if not await body.discard():
            response.headers["Connection"] = "close"
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, body: RequestBody) -> Response:
        path: str = scope["path"]
        host = self._gate.check(scope["method"], path, scope["headers"])
        call = self._call(path)
        if call is not None:
            return _envelope(await call(await body.read(), host))
        if path == UPLOAD_PATH:
            return _envelope(await self._upload(body, host))
        return self._file(path)

    def _call(self, path: str) -> Callable[[bytes, str], Awaitable[dict[str, Any]]] | None:
        calls: dict[str, Callable[[bytes, str], Awaitable[dict[str, Any]]]] = {
            "/createtask": self._calls.create,
            "/gettask": self._calls.get,
            "/deletetask": self._calls.delete,
        }
        return calls.get(path)

    async def _upload(self, body: RequestBody, host: str) -> dict[str, Any]:
        try:
            name = await self._intake.receive_upload(body.chunks())
        except RequestRefused:
            raise
        except EnhanceError as error:
            raise RequestRefused(error.detail, code=code_of(error)) from error
        return {"picurl": f"{self._hosts.base_url_for(host)}/uploads/{name}"}

    def _file(self, path: str) -> Response:
        folder, _, name = path.removeprefix("/").partition("/")
        found = self._files.find(folder, name)
        if found is None:
            raise RequestRefused("there is no such file, or no longer", code=OwnCode.NOT_FOUND)
        return FileResponse(
            found,
            media_type=_MEDIA_TYPES.get(found.suffix.removeprefix(".")),
            filename=found.name,
            headers={**_HEADERS, "Cache-Control": "private, no-store"},
        )


def _envelope(data: dict[str, Any]) -> Response:
    return _json(write_envelope(data), 200)


def _refusal(code: int, message: str) -> Response:
    return _json(write_envelope({}, code, message), http_status_of(code))


def _json(body: bytes, status: int) -> Response:
    headers = {**_HEADERS, "Cache-Control": "no-store"}
    return Response(body, status, headers, media_type="application/json")
