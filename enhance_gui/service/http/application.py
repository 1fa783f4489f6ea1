"""Serves the API over HTTP: addresses, bodies, envelopes.

| call | body | answer |
|---|---|---|
| ``POST /createtask`` ``/gettask`` ``/deletetask`` | JSON | the documented envelope |
| ``POST /upload`` | a picture's bytes | an envelope; ``data.picurl`` is for createtask |
| ``GET /upload/SHA-256`` | | an envelope; ``data.x_upload_offset`` is where to go on |
| ``PATCH /upload/SHA-256`` | the bytes that follow | the same; once it is whole with ``picurl`` |
| ``GET /results/…`` ``/inputs/…`` ``/uploads/…`` | | the file |

The upload calls are not in the API's document: they are how the desktop program uploads local
files. The files need no token, since their names cannot be guessed. What operators read stands in
``operators.py``.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.http.bodies import CallerGone, RequestBody
from enhance_gui.service.http.connections import ServiceProtocol
from enhance_gui.service.http.gate import (
    PIECE_PATH,
    READ_PATHS,
    TYPE_OF_CALL,
    UPLOAD_PATH,
    Caller,
    Gate,
    MethodWrong,
    TokenThrottle,
    TokenWrong,
    is_file,
)
from enhance_gui.service.http.operators import OperatorPages
from enhance_gui.service.http.pieces import digest_of, read_piece
from enhance_gui.service.http.proxies import Proxies
from enhance_gui.service.http.responses import Reply, file_of, refusal, success
from enhance_gui.service.store.file_store import FileStore
from enhance_gui.service.tasks.calls import Calls
from enhance_gui.service.tasks.refusals import OwnCode, full
from enhance_gui.wire.codes import Code

_LOG = logging.getLogger(__name__)

_CREATE_PATH: Final = "/createtask"
_QUIET: Final = frozenset({"gettask", "file", "other", *(path[1:] for path in READ_PATHS)})
"""What is asked over and over: not a line in the log for each, unless it goes wrong."""


@dataclass(eq=False)
class ServiceApplication:
    """The ASGI application."""

    gate: Gate
    proxies: Proxies
    calls: Calls
    files: FileStore
    pages: OperatorPages
    clock: Clock
    body_timeout_s: float

    def __post_init__(self) -> None:
        self._throttle = TokenThrottle()
        self._by_path = {
            _CREATE_PATH: self.calls.create,
            "/gettask": self.calls.get,
            "/deletetask": self.calls.delete,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun_s = time.monotonic()
        body = RequestBody(receive, scope["headers"], self.body_timeout_s)
        try:
            response = await self._answer(scope, body)
        except CallerGone:
            return
        except MethodWrong as wrong:
            response = refusal(OwnCode.METHOD_WRONG, wrong.detail)
            response.headers["Allow"] = ", ".join(wrong.allowed)
        except RequestRefused as refused:
            response = refusal(refused.code or OwnCode.INTERNAL, refused.detail, refused.kind)
        except EnhanceError as error:
            _LOG.error("a request was not answered as it should be: %s", error.detail)
            response = refusal(OwnCode.INTERNAL, error.detail)
        # A bug must reach the log whole, and the caller as an envelope.
        except Exception:  # noqa: BLE001
            _LOG.exception("a request failed")
            response = refusal(OwnCode.INTERNAL, "the service failed: its log says more")
        # Whoever is refused has to connect anew: idle connections cost a stranger something.
        is_refused = response.status_code >= HTTPStatus.BAD_REQUEST and _code_of(response)
        if not await body.discard() or is_refused:
            response.headers["Connection"] = "close"
        self._note(scope["path"], response, time.monotonic() - begun_s)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, body: RequestBody) -> Response:
        path: str = scope["path"]
        connection: ServiceProtocol = scope["state"]["connection"]
        caller = await self._admit(scope, connection)
        if path in READ_PATHS:
            return await self.pages.answer(path)
        if caller is None:
            return self._file(path, connection)
        brings_work = path in (_CREATE_PATH, UPLOAD_PATH) or scope["method"] == "PATCH"
        if brings_work and self.pages.readiness.is_draining:
            raise full("the service is about to end")
        if path == UPLOAD_PATH:
            return success(await self.calls.upload(body.chunks(), caller))
        if path.startswith(PIECE_PATH):
            return success(await self._piece(scope, body, caller))
        return success(await self._by_path[path](await body.read(), caller))

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

    async def _admit(self, scope: Scope, connection: ServiceProtocol) -> Caller | None:
        """Return who asks, as the gate does; where tokens were tried, only after a pause.

        :raises RequestRefused: nothing is done for this request.
        """
        sender = self.proxies.sender_of(connection.address, scope["headers"])
        try:
            caller = self.gate.check(scope["method"], scope["path"], scope["headers"], sender)
        except TokenWrong:
            self._throttle.note_wrong(sender.remote, self.clock.now_s())
            await self._pause(sender.remote)
            raise
        if caller is not None:
            # A proxy's connection is that of many, of whom another may have shown the token.
            pauses = sender.by_proxy or not connection.is_proven
            if not connection.serve(proves=True):
                raise _too_many_requests()
            if pauses:
                await self._pause(sender.remote)
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
        return file_of(found)

    def _note(self, path: str, response: Response, took_s: float) -> None:
        """Count and log an answer, by what was called: an address may be a secret."""
        call = "other"
        if path in TYPE_OF_CALL or path in READ_PATHS:
            call = path[1:]
        elif path.startswith(PIECE_PATH):
            call = UPLOAD_PATH[1:]
        elif is_file(path):
            call = "file"
        code = _code_of(response)
        self.pages.tally.note_answer(call, code, took_s)
        level = logging.DEBUG if call in _QUIET and code == Code.SUCCESS else logging.INFO
        _LOG.log(
            level,
            "%s was answered with code %d in %.3f s",
            call,
            code,
            took_s,
            extra={"call": call, "code": code, "took_s": round(took_s, 3)},
        )


def _code_of(response: Response) -> int:
    """Return the code of an envelope; 0 of a file."""
    return response.code if isinstance(response, Reply) else Code.SUCCESS


def _too_many_requests() -> RequestRefused:
    return full("the service works on as many requests as it can at once")
