"""The worst answer of its length costs little time and little memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.wire import reading
from tests.wire.strategies import values

_BYTES = 8 * 2**20
MAX_S = 2.0
MAX_GROWTH_MIB = 64

SLOW: dict[str, Callable[[int], bytes]] = {
    "escaped quotes without end": lambda n: b"[" * 21 + b'"' + b'\\"' * (n // 2),
    "escaped quotes without end, after values": lambda n: b"1," * 90_000 + b'"' + b'\\"' * (n // 2),
    "quotes": lambda n: b'"' * n,
    "an odd number of quotes": lambda n: b"[" * 21 + b'"a' * (n // 2) + b'"',
    "backslashes": lambda n: b"\\" * n,
    "backslashes in a text": lambda n: b'["' + b"\\" * n,
    "openings": lambda n: b"[" * n,
    "pairs": lambda n: b"[]" * (n // 2),
    "objects": lambda n: b"[" + b"{}," * (n // 3) + b"{}]",
    "texts": lambda n: b"[" + b'"",' * (n // 3) + b'""]',
    "commas in a text": lambda n: b'["' + b"," * n + b'"]',
    "long numbers": lambda n: b"[" + (b"9" * 4000 + b",") * (n // 4001) + b"1]",
}


@pytest.mark.parametrize("name", SLOW)
def test_the_worst_answers_are_read_or_refused_in_time(name: str) -> None:
    body = SLOW[name](_BYTES)
    # The processor's time: others may want the computer as well.
    began_s = time.thread_time()
    with suppress(reading.NotJsonError):
        reading.decode_json(body)
    assert time.thread_time() - began_s < MAX_S


HEAVY = {
    "objects": "b'[' + b'{},' * (N // 3) + b'{}]'",
    "lists of one": "b'[' + b'[1.5],' * (N // 6) + b'1]'",
    "texts of two letters": "b'[' + b'\"ab\",' * (N // 5) + b'1]'",
    "names of two letters": "b'{' + b','.join(b'\"%x\":{}' % n for n in range(N // 12)) + b'}'",
    "as many values as are read": (
        "b'[' + b','.join(b'{\"%x\":0.5}' % n for n in range(49_999)) + b']'"
    ),
    "as many long texts": "b'[' + b','.join(b'\"%090x\"' % n for n in range(N // 100)) + b']'",
    "one wide letter in a long text": "b'[\"' + chr(0x1F600).encode() + b'a' * (N - 9) + b'\"]'",
    "half a surrogate in it": (
        "b'[\"' + rb'\\ud800' + chr(0x1F600).encode() + b'a' * (N - 99) + b'\"]'"
    ),
}
_MEASURE = """
import sys
from pathlib import Path
from enhance_gui.wire import reading
def mib(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024
N = int(sys.argv[2])
body = eval(sys.argv[1])
Path("/proc/self/clear_refs").write_text("5")
before = mib("VmRSS")
try:
    reading.decode_json(body)
except reading.NotJsonError:
    pass
print(mib("VmHWM") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the highest mark is read from /proc")
@pytest.mark.parametrize("name", HEAVY)
def test_the_heaviest_answers_take_little_memory(name: str) -> None:
    reported = subprocess.run(
        [sys.executable, "-c", _MEASURE, HEAVY[name], str(_BYTES)],
        capture_output=True,
        check=True,
        text=True,
    )
    assert float(reported.stdout) <= MAX_GROWTH_MIB


def test_a_record_of_a_thousand_faces_is_far_from_the_limit() -> None:
    face: dict[str, object] = {
        f"field {number}": "https://example.org/" + "a" * 2000 for number in range(4)
    }
    face |= {f"number {number}": number for number in range(20)}
    record = {"data": {"facelist": [face] * 1000}}
    assert reading.decode_json(json.dumps(record).encode()) == record


@pytest.mark.parametrize("char", ['"', "\\", '\\"', '"\\', '\\\\"', "\\\\"])
def test_an_escaped_sign_does_not_end_a_text(char: str) -> None:
    nest = "[" * 2 * reading.MAX_DEPTH
    assert reading.decode_json(json.dumps([char, nest]).encode()) == [char, nest]
    nested = json.dumps([char]).encode()[:-1] + b"," + b"[" * 20 + b"]" * 21
    with pytest.raises(reading.NotJsonError, match="nested"):
        reading.decode_json(nested)


def test_values_are_counted_outside_of_texts() -> None:
    maximum = reading.MAX_VALUES
    text = '["' + "," * 2 * maximum + '"]'
    assert reading.decode_json(text.encode()) == ["," * 2 * maximum]
    numbers = [0] * (maximum - 1)
    assert reading.decode_json(json.dumps(numbers).encode()) == numbers
    with pytest.raises(reading.NotJsonError):
        reading.decode_json(json.dumps([*numbers, 0]).encode())


@given(st.lists(values, max_size=30), st.text('[]{}",\\ax', max_size=60))
def test_what_texts_hold_changes_no_verdict(more: list[object], text: str) -> None:
    """Twenty-one brackets make the reader count; texts full of marks must not lead it astray."""
    whole = [[] for _ in range(reading.MAX_DEPTH + 1)] + [text, {text: text}, *more]
    assert reading.decode_json(json.dumps(whole).encode()) == json.loads(json.dumps(whole))
