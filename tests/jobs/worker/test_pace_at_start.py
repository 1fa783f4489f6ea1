"""Many finished results of an earlier run: the service is asked about them within its pace."""

from __future__ import annotations

import time
from pathlib import Path

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.polling.settings import PollerSettings
from tests.scenarios.running import HURRY, at_work, profile_of, with_provider
from tests.support.provider import INPUT, RESULT, Provider
from tests.support.scriptable_service import Reply, Talk

RESULTS = 8
REQUESTS_PER_S = 0.2


def test_results_of_an_earlier_run_are_asked_about_at_the_pace_of_the_service(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        addresses = []
        for number in range(RESULTS):
            provider.on(f"/in-{number}.jpg", Reply(body=INPUT))
            addresses.append(provider.url(f"/in-{number}.jpg"))
        provider.polls_needed = 0
        provider.on("/result.png", Reply(503))
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add(*addresses)
            for task in tasks:
                await running.until(task, TaskState.FINISHED)
        provider.on("/result.png", Reply(body=RESULT))
        asked_s: list[float] = []

        async def get(talk: Talk) -> None:
            asked_s.append(time.monotonic() * HURRY)
            await provider.get(talk)

        provider.on("/gettask", get)
        profile = profile_of(provider, requests_per_s=REQUESTS_PER_S)
        async with at_work(tmp_path, provider, profile) as running:
            await running.queue.resume(profile, await running.queue.stored())
            for task in tasks:
                await running.until(task, TaskState.SAVED)
        # One whose turn does not come soon enough is fetched from where it was: fewer, never more.
        assert RESULTS / 2 < len(asked_s) <= RESULTS
        burst = PollerSettings(requests_per_s=REQUESTS_PER_S).burst_size
        assert asked_s[-1] - asked_s[0] >= 0.9 * (len(asked_s) - burst) / REQUESTS_PER_S

    with_provider(test)
