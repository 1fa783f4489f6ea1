"""A computer that has slept: its timers stood still, its clock did not."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.polling.poller import Poller
from tests.scenarios.running import HurriedClock, at_work, until, with_provider
from tests.support.provider import Provider

SLEPT_S = 8 * 3600.0


def test_after_the_sleep_everything_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept_s = 0.0
    now_s, system_resumed = HurriedClock.now_s, Poller.system_resumed
    woken_s: list[float] = []

    def note(poller: Poller, at_s: float) -> None:
        woken_s.append(at_s)
        system_resumed(poller, at_s)

    monkeypatch.setattr(HurriedClock, "now_s", lambda clock: now_s(clock) + slept_s)
    monkeypatch.setattr(Poller, "system_resumed", note)

    async def test(provider: Provider) -> None:
        nonlocal slept_s
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            awake_until_s = HurriedClock().now_s()
            slept_s = SLEPT_S
            await until(lambda: any(at_s >= awake_until_s + SLEPT_S for at_s in woken_s))

    with_provider(test)
