"""Parses the ``Retry-After`` header: how long to wait before the next request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

MAX_RETRY_AFTER_S: Final = 86_400.0
"""Maximum wait that is returned: a day."""


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds to wait, ``None`` where the header is absent or senseless.

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
