"""Threads leave a window Python's lock most of the time, and are waited for where they must."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core import threads as module
from enhance_gui.core.threads import SHORT_TURN_S, run_to_end, unhurried

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


@pytest.mark.parametrize("fails", [False, True])
def test_who_is_cancelled_waits_for_what_still_uses_his_file(
    tmp_path: Path, *, fails: bool
) -> None:
    began, may_end, used = threading.Event(), threading.Event(), threading.Event()

    def use(number: int) -> int:
        began.set()
        assert may_end.wait(30)
        os.fsync(number)
        used.set()
        if fails:
            raise OSError("no room")
        return number

    async def test() -> None:
        reported: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: reported.append(what))

        async def hold() -> None:
            with (tmp_path / "held").open("wb") as file:
                await run_to_end(use, file.fileno())

        holder = asyncio.create_task(hold())
        assert await asyncio.to_thread(began.wait, 30)
        for _ in range(3):
            holder.cancel()
            await asyncio.sleep(0)
        assert not holder.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await holder
        assert used.is_set()
        gc.collect()
        assert not reported

    asyncio.run(test())


def test_what_a_thread_returns_and_raises_comes_to_its_caller() -> None:
    assert asyncio.run(run_to_end(divmod, 7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(run_to_end(divmod, 7, 0))
