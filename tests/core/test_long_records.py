"""However long a text is that gets into the log: it is redacted, short, and ready in time."""

from __future__ import annotations

import logging
import time

import pytest

from enhance_gui.core.hardening import MAX_RECORD_CHARS, redact_every_log
from enhance_gui.core.redaction import HIDDEN, redacted
from enhance_gui.core.secret import Secret

TOKEN = "c4n4ry-of-long-records"
_ = Secret(TOKEN)


@pytest.mark.parametrize("part", ["a://", "a://b?", "a://b@", "http://a/", "a.", "<hidden>", "://"])
def test_redacting_takes_time_in_proportion_to_the_length(part: str) -> None:
    short, long = (part * (length // len(part)) for length in (2**15, 2**18))
    # Eight times as long; with the square of the length it would take 64 times the time.
    assert min(_took_s(long) for _ in range(2)) < 24 * min(_took_s(short) for _ in range(3))


def _took_s(text: str) -> float:
    began_s = time.thread_time()
    redacted(text)
    return time.thread_time() - began_s


def test_a_long_record_is_cut_where_nothing_secret_is_left() -> None:
    before = logging.getLogRecordFactory()
    try:
        redact_every_log()
        make = logging.getLogRecordFactory()
        half = MAX_RECORD_CHARS // 2
        for place in range(half - len(TOKEN), half + 3):
            message = "x" * place + TOKEN + "y" * MAX_RECORD_CHARS + "the end"
            record = make("a", logging.INFO, "", 1, "%s", (message,), None)
            shown = record.getMessage()
            assert len(shown) < MAX_RECORD_CHARS + 100
            assert "characters left out" in shown
            assert shown.endswith("the end")
            assert "c4n" not in shown
            assert "records" not in shown
        error = ValueError("z" * 10 * MAX_RECORD_CHARS + f" http://host/?{TOKEN}")
        caught = make("a", logging.INFO, "", 1, "short", (), (ValueError, error, None))
        assert caught.exc_text is not None
        assert len(caught.exc_text) < MAX_RECORD_CHARS + 100
        assert caught.exc_text.endswith(f"http://host/?{HIDDEN}")
    finally:
        logging.setLogRecordFactory(before)
