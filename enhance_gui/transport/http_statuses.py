"""Explains HTTP status numbers of picture hosts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from enhance_gui.core.errors import Transience
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import mark

GONE: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
    }
)
"""Statuses for an address that has expired, or never existed."""

_WORDS: Final = {
    HTTPStatus.UNAUTHORIZED: mark("the server requires a login"),
    HTTPStatus.FORBIDDEN: mark("the server denies access to it"),
    HTTPStatus.NOT_FOUND: mark("there is nothing at its address"),
    HTTPStatus.GONE: mark("there is nothing at its address any more"),
    HTTPStatus.TOO_MANY_REQUESTS: mark("the server is busy and asks to try again later"),
}


_HOST_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def transience(status: int) -> Transience:
    """Return whether a request with this status is worth a retry, and how far its cause reaches."""
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
        words = mark("the server has a fault")
    else:
        words = mark("the server answered without the picture")
    return with_status(words, status)


def with_status(words: str, status: int) -> Detail:
    """Return a clause with the number of the HTTP status."""
    return Detail("{words} (HTTP {status})", words=words, status=status)
