"""What a thread is held up by others does not count; what its own process does, counts."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support.contention import OwnTime

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who waited")

_WORK_S = 0.1
_DATA = b"x" * 2**20


@pytest.fixture
def crowded_processor() -> Iterator[None]:
    """Keep to one processor, with three others who would have it all the time."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    yield
    for other in others:
        other.kill()
        other.wait()
    os.sched_setaffinity(0, before)


def _work_in_c() -> None:
    end_s = time.thread_time() + _WORK_S
    while time.thread_time() < end_s:
        hashlib.sha256(_DATA)  # without Python's lock


def _work_in_python() -> None:
    end_s = time.thread_time() + _WORK_S
    while time.thread_time() < end_s:
        pass


def _measured(act: Callable[[], None]) -> tuple[float, float]:
    own, begin_s = OwnTime(), time.perf_counter()
    act()
    return own.lap_s(), time.perf_counter() - begin_s


@pytest.mark.usefixtures("crowded_processor")
def test_waiting_for_a_processor_does_not_count() -> None:
    counted_s, elapsed_s = _measured(_work_in_python)
    assert elapsed_s > 1.5 * _WORK_S
    assert _WORK_S <= counted_s < 1.3 * _WORK_S


@pytest.mark.usefixtures("crowded_processor")
@pytest.mark.parametrize("work", [_work_in_c, _work_in_python])
def test_a_thread_that_is_waited_for_counts_as_long_as_it_works(work: Callable[[], None]) -> None:
    done, measured = threading.Event(), threading.Event()

    def run() -> None:
        work()
        done.set()
        measured.wait()

    def wait() -> None:
        threading.Thread(target=run).start()
        done.wait()

    try:
        counted_s, elapsed_s = _measured(wait)
    finally:
        measured.set()
    assert elapsed_s > 1.5 * _WORK_S
    assert 0.9 * _WORK_S < counted_s < 1.5 * _WORK_S


def test_sleep_and_locks_count() -> None:
    counted_s, elapsed_s = _measured(lambda: time.sleep(0.1))
    assert counted_s > 0.5 * elapsed_s
