"""The bridge and the real queue together: what is chosen for a picture is what it is sent with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from enhance_gui.core.clock import Clock
from enhance_gui.core.images.inputs.drop_data import Dropped
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.settings.saving import Saving
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.bridges.task_bridge import Bridge, SubmitOptions
from enhance_gui.ui.gallery.review import Review
from tests.scenarios.running import Running, at_work, profile_of
from tests.support.provider import Provider
from tests.ui.conftest import Run, Wait

ENHANCE = EnhanceType(1, "Enhance", cost=2)
PORTRAIT = EnhanceType(2, "Portrait", cost=3)
COLORIZE = EnhanceType(3, "Colorize", cost=4)


class Reviewed:
    """A bridge over the real queue, and the last review."""

    def __init__(self, bridge: Bridge, running: Running) -> None:
        self.bridge = bridge
        self.running = running
        self.review = Review()
        bridge.review_changed.connect(self._take)

    def _take(self, review: Review) -> None:
        self.review = review

    def add(self, names: str, kind: EnhanceType = ENHANCE, *, at_once: bool = False) -> None:
        options = SubmitOptions(self.running.profile, kind, Saving(self.running.results), at_once)
        self.bridge.add(Dropped(tuple(self.running.provider.pictures(names))), options)

    def states(self) -> list[TaskState]:
        return [item.task.state for item in self.bridge.items.values()]

    def sent(self) -> list[int]:
        seen = self.running.provider.seen("/createtask")
        return [request.json()["type"] for request in seen]


@asynccontextmanager
async def reviewed(folder: Path) -> AsyncIterator[Reviewed]:
    async with Provider() as provider:
        profile = profile_of(provider, enhance_types=(ENHANCE, PORTRAIT, COLORIZE))
        async with at_work(folder, provider, profile) as running:
            bridge = Bridge(Clock(), folder / "pasted")
            bridge.attach(running.queue)
            try:
                yield Reviewed(bridge, running)
            finally:
                await bridge.close()


def test_one_of_several_is_sent_with_the_type_that_was_chosen_for_it(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with reviewed(tmp_path) as window:
            window.add("ab")
            await until(lambda: len(window.review.usable) == 2, "they are ready")
            window.bridge.set_type([2], PORTRAIT)
            await until(lambda: window.bridge.items[2].task.type_id == 2, "it is shown")
            window.bridge.start([1, 2])
            await until(lambda: set(window.states()) == {TaskState.SAVED}, "they are saved")
            assert sorted(window.sent()) == [1, 2]
            assert [item.task.cost for item in window.bridge.items.values()] == [2, 3]

    arun(job())


def test_what_was_enhanced_with_the_new_type_waits_for_a_word_and_the_rest_goes_on(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with reviewed(tmp_path) as window:
            window.add("a", PORTRAIT, at_once=True)
            await until(lambda: window.states() == [TaskState.SAVED], "it is saved")
            await window.running.queue.pool.pause()
            window.add("ab", at_once=True)
            started = [TaskState.SAVED, TaskState.QUEUED, TaskState.QUEUED]
            await until(lambda: window.states() == started, "they are started")
            window.bridge.set_type([2, 3], PORTRAIT)
            await until(lambda: window.review.repeated == (2,), "the first is asked about")
            await window.running.queue.pool.unpause()
            await until(lambda: window.states()[2] is TaskState.SAVED, "the other one goes on")
            assert window.states()[1] is TaskState.DRAFT
            window.bridge.set_type([2], ENHANCE)  # with which it was never sent
            await until(lambda: window.states()[1] is TaskState.SAVED, "it goes on as it was to")
            assert window.sent() == [2, 2, 1]

    arun(job())


def test_a_started_photograph_without_colours_goes_on_to_be_colourised(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with reviewed(tmp_path) as window:
            await window.running.queue.pool.pause()
            window.add("a", at_once=True)
            await until(lambda: window.states() == [TaskState.QUEUED], "it is started")
            window.bridge.set_type([1], COLORIZE)
            await until(lambda: window.bridge.items[1].task.type_id == 3, "it is shown")
            await window.running.queue.pool.unpause()
            await until(lambda: window.states() == [TaskState.SAVED], "it is saved")
            assert window.sent() == [3]

    arun(job())


def test_what_was_started_with_another_type_by_now_speaks_against_no_draft(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with reviewed(tmp_path) as window:
            await window.running.queue.pool.pause()
            window.add("a", at_once=True)
            await until(lambda: window.states() == [TaskState.QUEUED], "it is started")
            window.add("a")
            await until(lambda: window.review.repeated == (2,), "the second is asked about")
            window.bridge.set_type([1], PORTRAIT)
            await until(lambda: window.review.repeated == (), "it is another order now")
            assert window.states() == [TaskState.QUEUED, TaskState.DRAFT]
            assert window.review.usable == (2,)

    arun(job())
