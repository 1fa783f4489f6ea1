"""HTTP status numbers of picture hosts in words."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from enhance_gui.core.errors import Transience

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


_HOST_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def transience(status: int) -> Transience:
    """Tell whether a question that was answered so may be answered better a little later."""
    if status in _HOST_BUSY:
        return Transience.HOST
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Transience.RESOURCE
    return Transience.PERMANENT


def status_text(status: int) -> str:
    """Return one clause for people on an answer that is not the picture."""
    if status in _WORDS:
        words = _WORDS[HTTPStatus(status)]
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        words = "the server has a fault"
    else:
        words = "the server answered without the picture"
    return f"{words} (HTTP {status})"
