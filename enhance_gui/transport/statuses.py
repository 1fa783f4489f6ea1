"""HTTP status numbers of picture hosts in words."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

GONE: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
    }
)
"""What hosts answer where an address has expired, or never led anywhere."""

_WORDS: Final = {
    HTTPStatus.UNAUTHORIZED: "the server hands it out only to those who have signed in",
    HTTPStatus.FORBIDDEN: "the server does not hand it out",
    HTTPStatus.NOT_FOUND: "there is nothing at its address",
    HTTPStatus.GONE: "there is nothing at its address any more",
    HTTPStatus.TOO_MANY_REQUESTS: "the server asks to be asked later",
}


def status_words(status: int) -> str:
    """Return one clause for people on an answer that is not the picture."""
    if status in _WORDS:
        words = _WORDS[HTTPStatus(status)]
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        words = "the server has a fault"
    else:
        words = "the server answered without the picture"
    return f"{words} (HTTP {status})"
