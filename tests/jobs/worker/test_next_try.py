"""When a service out of reach is asked next is told, as the worker itself goes by it."""

from __future__ import annotations

from pathlib import Path

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import NextTry
from tests.scenarios.running import Running, at_work, with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import Talk


class Outage:
    """Answers no question about a task as long as it goes on."""

    def __init__(self, provider: Provider) -> None:
        self.is_over = False
        self._provider = provider
        provider.on("/gettask", self._get)

    async def _get(self, talk: Talk) -> None:
        if self.is_over:
            await self._provider.get(talk)
        else:
            await talk.reset()


def told_s(running: Running) -> list[float | None]:
    return [each.next_try_s for each in running.events if isinstance(each, NextTry)]


def test_each_try_is_told_before_it_goes_and_when_it_goes(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        outage = Outage(provider)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until_true(lambda: len(told_s(running)) >= 4, "nothing is told")
            assert running.line_states()[-1] == "offline"
            outage.is_over = True
            await running.until(task, TaskState.SAVED)
            *tries, last = told_s(running)
        assert last is None
        planned, gone = tries[::2], tries[1::2]
        assert len(planned) >= len(gone) >= 2
        for planned_s, gone_s in zip(planned, gone, strict=False):
            assert planned_s is not None
            assert gone_s is not None
            assert planned_s <= gone_s

    with_provider(test)


def test_what_is_tried_at_the_users_word_goes_at_once_and_claims_no_return(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        outage = Outage(provider)
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            first_s = await running.until_true(lambda: next(iter(told_s(running)), None), "told")
            await running.queue.unpause_service("Studio")
            await running.until_true(lambda: len(told_s(running)) >= 3, "it is not asked")
            at_once_s = told_s(running)[1]
            assert at_once_s is not None
            assert at_once_s < first_s
            assert running.line_states()[-1] == "offline", "nobody knows better yet"
            outage.is_over = True
            await running.until(task, TaskState.SAVED)
            assert running.line_states()[-1] == "ready"

    with_provider(test)
