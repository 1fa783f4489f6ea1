"""Explains HTTP status numbers of picture hosts, and how long they ask to wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from enhance_gui.core.errors import Transience
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_

GONE: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
    }
)
"""Statuses for an address that has expired, or never existed."""

_TEXTS: Final = {
    HTTPStatus.UNAUTHORIZED: N_("the server requires a login"),
    HTTPStatus.FORBIDDEN: N_("the server denies access to it"),
    HTTPStatus.NOT_FOUND: N_("there is nothing at its address"),
    HTTPStatus.GONE: N_("there is nothing at its address any more"),
    HTTPStatus.TOO_MANY_REQUESTS: N_("the server is busy and asks to try again later"),
}

MAX_RETRY_AFTER_S: Final = 86_400.0
"""Maximum wait that is returned: a day."""

BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def transience(status: int) -> Transience:
    """Return whether a request with this status is worth a retry, and how far its cause reaches."""
    if status in BUSY:
        return Transience.HOST
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Transience.RESOURCE
    return Transience.PERMANENT


def has_picture(status: int) -> bool:
    """Return whether an answer holds what was asked for; 203: as a proxy has changed it."""
    return status in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION)


def status_text(status: int) -> str:
    """Return one clause for people on an answer that is not the picture."""
    if status in _TEXTS:
        text = _TEXTS[HTTPStatus(status)]
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        text = N_("the server has a fault")
    else:
        text = N_("the server answered without the picture")
    return with_status(text, status)


def with_status(text: str, status: int) -> Detail:
    """Return a clause with the number of the HTTP status."""
    return Detail("{words} (HTTP {status})", words=text, status=status)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the wait that ``Retry-After`` names; ``None`` where that is absent or senseless.

    A date is taken relative to the answer's own ``Date`` where there is one: the two clocks need
    not agree.

    :param headers: of the answer, with lower-case names or case-insensitive.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        # Cut before int(): it refuses texts of over 4,300 digits.
        return min(float(int(text[:12])), MAX_RETRY_AFTER_S)
    then = _date(text)
    if then is None:
        return None
    began = _date(headers.get("date", "")) or now
    return min(max(0.0, (then - began).total_seconds()), MAX_RETRY_AFTER_S)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date
