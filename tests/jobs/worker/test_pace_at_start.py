"""Many finished results of an earlier run: the service is asked about them within its pace."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.polling.settings import PollerSettings
from tests.scenarios.running import HURRY, Running, at_work, profile_of, with_provider
from tests.support.provider import INPUT, RESULT, Provider
from tests.support.scriptable_service import Reply, Talk

RESULTS = 8
POLLED = 24


async def add(running: Running, count: int, polls_needed: int) -> list[Task]:
    provider = running.provider
    provider.polls_needed = polls_needed
    names = [f"/{polls_needed}-{number}.jpg" for number in range(count)]
    for name in names:
        provider.on(name, Reply(body=INPUT))
    return await running.add(*(provider.url(name) for name in names))


@pytest.mark.parametrize(
    ("polled", "deleted", "requests_per_s"), [(0, 0, 0.2), (0, 2, 0.2), (POLLED, 0, 0.5)]
)
def test_results_of_an_earlier_run_are_asked_about_at_the_pace_of_the_service(
    tmp_path: Path, polled: int, deleted: int, requests_per_s: float
) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider, profile_of(provider, max_in_flight=100)) as running:
            saved = await add(running, deleted, 1)
            for task in saved:
                await running.until(task, TaskState.SAVED)
            provider.on("/result.png", Reply(503))
            results = await add(running, RESULTS, 0)
            for task in results:
                await running.until(task, TaskState.FINISHED)
            for task in await add(running, polled, 10**6):
                await running.until(task, TaskState.ACCEPTED)
        provider.on("/result.png", Reply(body=RESULT))
        ids = {running.last(task).service_task_id for task in results}
        asked_s: list[float] = []
        sent_s: list[float] = []

        async def get(talk: Talk) -> None:
            sent_s.append(time.monotonic() * HURRY)
            if talk.request.json()["taskid"] in ids:
                asked_s.append(sent_s[-1])
            await provider.get(talk)

        async def delete(talk: Talk) -> None:
            sent_s.append(time.monotonic() * HURRY)
            await provider._delete(talk)

        provider.on("/gettask", get)
        provider.on("/deletetask", delete)
        profile = profile_of(provider, requests_per_s=requests_per_s)
        async with at_work(tmp_path, provider, profile) as running:
            await running.queue.resume(profile, await running.queue.stored())
            for task in saved:
                await running.queue.delete_on_service(task.id)
            for task in results:
                await running.until(task, TaskState.SAVED)
        assert len(asked_s) == RESULTS
        polls = sum(each <= asked_s[-1] for each in sent_s) - RESULTS - deleted
        assert polls >= RESULTS / 2 if polled else polls == 0
        burst = PollerSettings(requests_per_s=requests_per_s).burst_size
        assert all(
            then - first >= 0.5 / requests_per_s
            for first, then in zip(sent_s, sent_s[burst:], strict=False)
        )
        assert sent_s[-1] - sent_s[0] >= 0.9 * (len(sent_s) - burst) / requests_per_s

    with_provider(test)
