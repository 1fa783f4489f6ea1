"""Replies are read leniently, and refused clearly where they are not the API's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.service_errors import NotTheApi, RequestRefused
from enhance_gui.core.text.detail import Detail
from enhance_gui.wire import reading
from enhance_gui.wire.codes import Code, error_of, is_documented
from enhance_gui.wire.envelope import Envelope, read_envelope, write_envelope
from tests.wire.strategies import values


@pytest.mark.parametrize("code", ["0", "0.0", '"0"', '" 0 "', "-0"])
def test_a_code_may_be_a_number_or_a_text(code: str) -> None:
    assert read_envelope(b'{"code": %s}' % code.encode()).is_success


@pytest.mark.parametrize(
    ("body", "envelope"),
    [
        (b'{"code": 0, "msg": null, "data": null}', Envelope(0)),
        (b'{"code": 0, "data": [1]}', Envelope(0)),
        (b'{"code": 0, "extra": {"a": 1}, "data": {"b": 2}}', Envelope(0, "", {"b": 2})),
        (b'\xef\xbb\xbf{"code": 0}', Envelope(0)),
        (b' {"code": 7, "msg": 5}\n', Envelope(7, "5")),
        (b'{"code": 1, "code": 2}', Envelope(2)),
        ('{"code": 1, "msg": "nicht möglich"}'.encode(), Envelope(1, "nicht möglich")),
    ],
)
def test_missing_null_and_unknown_fields_are_borne(body: bytes, envelope: Envelope) -> None:
    assert read_envelope(body) == envelope


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"0",
        b"[]",
        b'"code"',
        b"<html><body>502 Bad Gateway</body></html>",
        b"{",
        b'{"code": 0',
        b'{"code": 0} trailing',
        b'{"data": {}}',
        b'{"code": null}',
        b'{"code": true}',
        b'{"code": "ok"}',
        b'{"code": 0.5}',
        b'{"code": [0]}',
        b'{"code": NaN}',
        b"{'code': 0}",
        b"\xff\xfe{\0}\0",
        b'{"code": ' + b"9" * 5000 + b"}",
        b'{"code": "' + b"9" * 5000 + b'"}',
        b'{"code": 0, "data": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b"[" * 1_000_000,
    ],
)
def test_what_is_not_the_envelope_is_refused(body: bytes) -> None:
    with pytest.raises(NotTheApi) as caught:
        read_envelope(body)
    assert caught.value.detail
    assert len(caught.value.detail) < 300


def test_a_refusal_quotes_the_beginning_harmlessly() -> None:
    with pytest.raises(NotTheApi) as caught:
        read_envelope(b"<h1>\x1b[31mred\r\nsecond\xe2\x80\xae line" + b"x" * 500)
    quoted = caught.value.detail
    assert "<h1>" in quoted
    assert quoted.isprintable()
    assert "x" * 100 not in quoted


@given(st.binary(max_size=200))
def test_no_bytes_break_the_envelope(body: bytes) -> None:
    _opens_or_refuses(body)


@given(values)
def test_no_json_breaks_the_envelope(value: Any) -> None:
    _opens_or_refuses(json.dumps(value).encode())
    _opens_or_refuses(json.dumps({"code": value, "msg": value, "data": value}).encode())


def _opens_or_refuses(body: bytes) -> None:
    try:
        envelope = read_envelope(body)
    except NotTheApi:
        return
    assert isinstance(envelope.code, int)
    assert isinstance(envelope.data, dict)
    assert len(envelope.message) <= reading.MAX_MESSAGE_CHARS


@given(st.integers(-(2**31), 2**31), st.dictionaries(st.text(max_size=5), st.integers(0, 9)))
def test_what_is_written_is_read_again(code: int, data: dict[str, int]) -> None:
    assert read_envelope(write_envelope(data, code, "words")) == Envelope(code, "words", data)


@pytest.mark.parametrize("code", [code for code in Code if code])
def test_each_documented_code_has_an_error_of_its_own_kind(code: Code) -> None:
    error = error_of(code, "because")
    assert error.kind != RequestRefused.kind
    assert error.code == code
    assert "because" in error.detail
    assert is_documented(code)


def test_an_unknown_code_is_a_refusal_of_no_special_kind() -> None:
    assert type(error_of(4711, "")) is RequestRefused
    assert not is_documented(4711)
    assert is_documented(0)


@pytest.mark.parametrize(
    "body",
    [
        b'{"code": 0, "msg": "\xff\xfe", "data": {"taskid": "t"}}',
        b'{"code": 0, "msg": "\xf6", "data": {"taskid": "t"}}',
        b'{"code": 0, "msg": "\\ud83d", "data": {"taskid": "t"}}',
    ],
    ids=["not text", "latin-1", "half a pair"],
)
def test_a_misspelt_message_does_not_cost_the_answer(body: bytes) -> None:
    envelope = read_envelope(body)
    assert (envelope.code, envelope.data["taskid"]) == (0, "t")
    envelope.message.encode()  # can be written down


def test_an_errors_detail_goes_over_the_wire_as_its_words() -> None:
    detail = Detail("it has {count} bytes", count=7)
    assert read_envelope(write_envelope({}, 7, detail)).message == "it has 7 bytes"
