"""Retry-After: seconds or a date, held to reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.transport.http_statuses import MAX_RETRY_AFTER_S, retry_after_s

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("0", 0.0),
        ("-3", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("9000000000", MAX_RETRY_AFTER_S),
        ("9" * 10_000, MAX_RETRY_AFTER_S),
        ("٣", None),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120.0),
        ("Sun, 01 Mar 2026 12:02:00 -0000", 120.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 9999 11:00:00 GMT", MAX_RETRY_AFTER_S),
        ("Sun, 99 Mar 2026 11:00:00 GMT", None),
    ],
)
def test_seconds_and_dates_are_read_within_reason(text: str, expected: float | None) -> None:
    assert retry_after_s({"retry-after": text}, NOW) == expected


def test_a_date_counts_from_the_answer_s_own_date() -> None:
    headers = {
        "retry-after": "Fri, 01 Jan 2021 00:01:30 GMT",
        "date": "Fri, 01 Jan 2021 00:00:00 GMT",
    }
    assert retry_after_s(headers, NOW) == 90


def test_no_header_is_no_wait() -> None:
    assert retry_after_s({}, NOW) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_it(after: str, date: str) -> None:
    wait_s = retry_after_s({"retry-after": after, "date": date}, NOW)
    assert wait_s is None or 0 <= wait_s <= MAX_RETRY_AFTER_S
