"""A thread that computes beside a window leaves it Python's lock most of the time."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from enhance_gui.core import threads as module
from enhance_gui.core.threads import SHORT_TURN_S, unhurried

_ITEMS = 10


@pytest.fixture
def beside_a_window() -> Iterator[None]:
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(SHORT_TURN_S / 10)
    yield
    sys.setswitchinterval(before_s)


def _rests(*, in_thread: bool) -> float:
    """Return how many seconds were not worked while items that take a turn each were read."""
    found: list[float] = []

    def read() -> None:
        slept_s = 0.0
        before_s = time.monotonic()
        for number in unhurried(range(_ITEMS)):
            slept_s += time.monotonic() - before_s
            assert number >= 0
            end_s = time.monotonic() + module._WORK_S
            while time.monotonic() <= end_s:
                pass
            before_s = time.monotonic()
        found.append(slept_s)

    if in_thread:
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    else:
        read()
    return found[0]


@pytest.mark.usefixtures("beside_a_window")
def test_a_thread_rests_after_each_turn() -> None:
    assert _rests(in_thread=True) >= (_ITEMS - 1) * module._REST_S


@pytest.mark.usefixtures("beside_a_window")
def test_what_the_window_reads_itself_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REST_S", 60.0)
    _rests(in_thread=False)


def test_without_a_window_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REST_S", 60.0)
    _rests(in_thread=True)
