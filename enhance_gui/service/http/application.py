"""Answers every request with a documented reply, whatever becomes of it; counts and logs it."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.http.admission import Admission
from enhance_gui.service.http.bodies import CallerGone, RequestBody
from enhance_gui.service.http.gate import (
    PIECE_PATH,
    READ_PATHS,
    TYPE_OF_CALL,
    UPLOAD_PATH,
    MethodWrong,
    is_file,
)
from enhance_gui.service.http.metrics import Tally
from enhance_gui.service.http.responses import Reply, refusal
from enhance_gui.service.http.routes import Routes
from enhance_gui.service.tasks.refusals import OwnCode
from enhance_gui.wire.codes import Code

_LOG = logging.getLogger(__name__)

_QUIET: Final = frozenset({"gettask", "file", "other", *(path[1:] for path in READ_PATHS)})
"""What is asked over and over: not a line in the log for each, unless it goes wrong."""


@dataclass(frozen=True, slots=True)
class ServiceApplication:
    """The ASGI application."""

    admission: Admission
    routes: Routes
    tally: Tally
    body_timeout_s: float

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun_s = time.monotonic()
        body = RequestBody(receive, scope["headers"], self.body_timeout_s)
        try:
            response = await self._answer(scope, body)
        except CallerGone:
            return
        # Whoever is refused has to connect anew: idle connections cost a stranger something.
        is_refused = response.status_code >= HTTPStatus.BAD_REQUEST and _code_of(response)
        if not await body.discard() or is_refused:
            response.headers["Connection"] = "close"
        self._note(scope["path"], response, time.monotonic() - begun_s)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, body: RequestBody) -> Response:
        """Return the answer to a request, or why there is none.

        :raises CallerGone: nobody waits for it any more.
        """
        try:
            caller = await self.admission.admit(scope)
            return await self.routes.answer(scope, body, caller)
        except CallerGone:
            raise
        except MethodWrong as wrong:
            response = refusal(OwnCode.METHOD_WRONG, wrong.detail)
            response.headers["Allow"] = ", ".join(wrong.allowed)
            return response
        except RequestRefused as refused:
            return refusal(refused.code or OwnCode.INTERNAL, refused.detail, refused.kind)
        except EnhanceError as error:
            _LOG.error("a request was not answered as it should be: %s", error.detail)
            return refusal(OwnCode.INTERNAL, error.detail)
        # A bug must reach the log whole, and the caller as an envelope.
        except Exception:  # noqa: BLE001
            _LOG.exception("a request failed")
            return refusal(OwnCode.INTERNAL, "the service failed: its log says more")

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
        self.tally.note_answer(call, code, took_s)
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
