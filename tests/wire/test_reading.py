"""Single values of a foreign program: lenient about form, strict about size."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.wire import reading
from tests.wire.strategies import values


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        ("3", 3),
        (" 3 ", 3),
        (3.0, 3),
        ("-3", -3),
        (3.5, None),
        ("3.5", None),
        ("", None),
        (None, None),
        (True, None),
        ([3], None),
        ("9" * 21, None),
        (2**63, None),
        (1e308, None),
        ("-" + "9" * 19, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_a_whole_number_has_many_forms(value: Any, number: int | None) -> None:
    assert reading.whole_number(value) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (7, "7"), (None, ""), (True, ""), (1.5, ""), ([], ""), ("x" * 8193, "")],
)
def test_a_text_is_a_text_or_a_written_number(value: Any, text: str) -> None:
    assert reading.text(value) == text


def test_a_message_is_one_short_harmless_line() -> None:
    assert reading.message(" a\r\n b\t\x1b[31mc\u202ed\u200b ") == "a b [31mcd"
    assert reading.message("<img src=http://example.org/>") == "<img src=http://example.org/>"
    assert len(reading.message("x" * 10**6)) == reading.MAX_MESSAGE_CHARS


@given(values)
def test_no_value_breaks_a_reader(value: Any) -> None:
    number = reading.whole_number(value)
    assert number is None or type(number) is int
    assert len(reading.text(value)) <= reading.MAX_TEXT_CHARS
    message = reading.message(value)
    assert "\n" not in message
    assert len(message) <= reading.MAX_MESSAGE_CHARS


@given(st.text(max_size=50))
def test_no_text_makes_a_number_break(text: str) -> None:
    assert isinstance(reading.whole_number(text), int | None)


@given(values)
def test_shallow_json_is_read_as_it_is(value: Any) -> None:
    assert reading.decode_json(json.dumps(value).encode()) == json.loads(json.dumps(value))


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_json_nested_beyond_reason_is_refused(opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    deep = reading.MAX_DEPTH
    assert reading.decode_json(opening * deep + b"1" + closing * deep)
    with pytest.raises(reading.NotJsonError):
        reading.decode_json(opening * (deep + 1) + b"1" + closing * (deep + 1))
    with pytest.raises(reading.NotJsonError):
        reading.decode_json(opening * 500_000)


def test_brackets_within_texts_are_no_nesting() -> None:
    text = '"' + '[{\\"' * 100 + '"'
    assert reading.decode_json(text.encode()) == '[{"' * 100
