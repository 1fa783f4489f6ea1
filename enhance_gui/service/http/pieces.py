"""Reads what a request says about an upload in pieces.

In the manner of "Resumable Uploads for HTTP", a draft of the IETF, with an address that the caller
knows beforehand: the SHA-256 of the whole file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.http.gate import UPLOAD_PATH
from enhance_gui.service.http.proxies import Headers, only
from enhance_gui.service.tasks.refusals import OwnCode

_PATH: Final = re.compile(re.escape(UPLOAD_PATH) + r"/([0-9a-f]{64})")
_MAX_DIGITS: Final = 15


@dataclass(frozen=True, slots=True)
class Piece:
    """Which bytes of which file the body of a request is."""

    digest: str
    """SHA-256 of the whole file, in hexadecimal."""
    offset_bytes: int
    """How many bytes of it come before."""
    length_bytes: int
    """How many bytes the whole file has."""


def digest_of(path: str) -> str | None:
    """Return which file an upload in pieces is of; ``None``: the path names none."""
    found = _PATH.fullmatch(path)
    return found[1] if found else None


def read_piece(digest: str, headers: Headers) -> Piece:
    """Read ``Upload-Offset`` and ``Upload-Length``.

    :raises RequestRefused: one is missing, or they contradict each other.
    """
    offset, length = (_number(headers, name) for name in (b"upload-offset", b"upload-length"))
    if offset is None or not length or offset > length:
        raise RequestRefused(
            "Upload-Offset and Upload-Length are each a number of bytes, the first no larger",
            code=OwnCode.BAD_REQUEST,
        )
    return Piece(digest, offset, length)


def _number(headers: Headers, name: bytes) -> int | None:
    text = only(headers, name) or ""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS
    return int(text) if is_number else None
