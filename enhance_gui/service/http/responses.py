"""Builds the replies: the API's envelope, plain JSON, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.responses import FileResponse, Response

from enhance_gui.core.images.formats import FORMATS
from enhance_gui.service.tasks.refusals import OwnCode, http_status_of
from enhance_gui.wire.codes import REASONS, Code
from enhance_gui.wire.envelope import write_envelope, write_refusal

JSON: Final = "application/json"

_RETRY_AFTER_S: Final = "30"
_MEDIA_TYPES: Final = {f".{name}": each.media_type for name, each in FORMATS.items()}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


class Reply(Response):
    """A reply that is not stored anywhere on its way."""

    def __init__(
        self, body: bytes, status: int = 200, *, media_type: str = JSON, code: int = Code.SUCCESS
    ) -> None:
        """:param code: of the envelope in it."""
        headers = {**_HEADERS, "Cache-Control": "no-store"}
        super().__init__(body, status, headers, media_type=media_type)
        self.code = code


def success(data: dict[str, Any]) -> Reply:
    """Return the envelope of what went well."""
    return Reply(write_envelope(data))


def refusal(code: int, message: str, kind: str = "") -> Reply:
    """Return the envelope of what is not done.

    :param kind: of the error; it is told where a code and a message do not say enough.
    """
    content = write_refusal(code, message, kind if kind in REASONS else "")
    reply = Reply(content, http_status_of(code), code=code)
    if code == OwnCode.FULL:
        reply.headers["Retry-After"] = _RETRY_AFTER_S
    return reply


def plain(data: dict[str, Any], status: int = 200) -> Reply:
    """Return JSON that is none of the API's envelopes."""
    return Reply(msgspec.json.encode(data), status)


def file_of(path: Path) -> FileResponse:
    """Return a picture."""
    return FileResponse(
        path,
        media_type=_MEDIA_TYPES.get(path.suffix),
        filename=path.name,
        headers={**_HEADERS, "Cache-Control": "private, no-store"},
    )
