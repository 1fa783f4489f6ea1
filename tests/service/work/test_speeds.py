"""How long a picture may take follows from what earlier ones took."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.tasks.work_times import seconds_a_megapixel
from enhance_gui.service.engine import WorkJob
from enhance_gui.service.settings import processor_count
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.work.slot import WorkerSlot
from enhance_gui.service.work.speeds import WorkSpeeds
from tests.service.serving import UPSCALE, serving
from tests.support.pictures import picture_bytes


def test_a_limit_is_many_times_what_was_learned_of_the_type_and_grows_with_the_picture(
    tmp_path: Path,
) -> None:
    speeds = WorkSpeeds(tmp_path, 60)
    assert speeds.may_take_s(2, 10) == 600
    speeds.learn(2, 4, 2.0)
    assert speeds.may_take_s(2, 10) == pytest.approx(100)
    assert speeds.may_take_s(2, 80) == pytest.approx(800)
    assert speeds.may_take_s(3, 10) == 600


def test_slower_counts_at_once_and_faster_slowly(tmp_path: Path) -> None:
    speeds = WorkSpeeds(tmp_path, 60)
    speeds.learn(2, 1, 1.0)
    speeds.learn(2, 1, 5.0)
    assert speeds.may_take_s(2, 1) == pytest.approx(100)
    speeds.learn(2, 1, 1.0)
    assert 90 < speeds.may_take_s(2, 1) < 100
    for _ in range(100):
        speeds.learn(2, 1, 1.0)
    assert speeds.may_take_s(2, 1) == pytest.approx(20, rel=0.01)


def test_a_tiny_picture_teaches_nothing_of_pixels(tmp_path: Path) -> None:
    speeds = WorkSpeeds(tmp_path, 60)
    speeds.learn(2, 0.01, 0.5)
    assert speeds.may_take_s(2, 10) == pytest.approx(100)


def test_a_small_picture_that_takes_long_teaches_what_its_pixels_take(tmp_path: Path) -> None:
    speeds = WorkSpeeds(tmp_path, 60)
    speeds.learn(7, 0.25, 30.0)
    assert speeds.may_take_s(7, 1) == pytest.approx(20 * 120)
    assert seconds_a_megapixel(tmp_path, 7) == pytest.approx(120)


def test_of_a_slow_type_there_is_a_guess_before_anything_is_learned(tmp_path: Path) -> None:
    assert seconds_a_megapixel(tmp_path, 7) >= 60
    assert seconds_a_megapixel(tmp_path, 2) == 0
    assert WorkSpeeds(tmp_path, 60).may_take_s(7, 1) > 1000


def test_what_took_too_long_unlearns_the_type_alone(tmp_path: Path) -> None:
    speeds = WorkSpeeds(tmp_path, 60)
    speeds.learn(2, 1, 1.0)
    speeds.learn(3, 1, 1.0)
    speeds.forget(2)
    assert speeds.may_take_s(2, 1) == 60
    assert speeds.may_take_s(3, 1) == 20
    assert WorkSpeeds(tmp_path, 60).may_take_s(2, 1) == 60


def test_what_was_learned_is_there_at_the_next_start_and_the_file_stays_small(
    tmp_path: Path,
) -> None:
    file = tmp_path / "speeds.json"
    speeds = WorkSpeeds(tmp_path, 60)
    for number in range(50):
        speeds.learn(2, 1, 1 + number / 10)
    again = WorkSpeeds(tmp_path, 60)
    assert again.may_take_s(2, 1) == pytest.approx(speeds.may_take_s(2, 1), rel=0.1)
    assert file.stat().st_size < 100
    assert [entry.name for entry in tmp_path.iterdir()] == ["speeds.json"]


@pytest.mark.parametrize(
    "broken", [b"", b"{", b"[]", b'{"2": "fast"}', b'{"2": 0, "3": -1, "4": 1e999}', b"\xff\xfe"]
)
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, broken: bytes) -> None:
    file = tmp_path / "speeds.json"
    file.write_bytes(broken)
    speeds = WorkSpeeds(tmp_path, 60)
    assert [speeds.may_take_s(each, 1) for each in (2, 3, 4)] == [60, 60, 60]
    speeds.learn(2, 1, 1.0)
    assert WorkSpeeds(tmp_path, 60).may_take_s(2, 1) == 20


def test_a_place_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    speeds = WorkSpeeds(tmp_path / "gone", 60)
    speeds.learn(2, 1, 1.0)
    assert speeds.may_take_s(2, 1) == 20


class _Given:
    """Notes what worker slots are handed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.jobs: list[WorkJob] = []
        self.limits_s: list[float] = []
        self._run = WorkerSlot.run
        given_to = self

        def noted(slot: WorkerSlot, task_id: str, job: WorkJob, limit_s: float) -> Any:
            given_to.jobs.append(job)
            given_to.limits_s.append(limit_s)
            return given_to._run(slot, task_id, job, limit_s)

        monkeypatch.setattr(WorkerSlot, "run", noted)


@pytest.mark.long
def test_the_service_learns_what_its_pictures_take_and_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_to = _Given(monkeypatch)

    async def go() -> None:
        for _ in range(2):
            async with serving(tmp_path, work_base_s=120, work_per_megapixel_s=10_000) as asker:
                task_id = await asker.create(picture_bytes("png", 600, 600))
                assert (await asker.ended(task_id, UPSCALE))["status"] == Status.FINISHED

    asyncio.run(go())
    first_s, second_s = given_to.limits_s
    assert first_s == 120 + 3600
    assert 120 < second_s < 2000


@pytest.mark.parametrize("workers", [1, 1000])
def test_all_workers_together_keep_no_more_threads_busy_than_there_are_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    given_to = _Given(monkeypatch)

    async def go() -> int:
        async with serving(tmp_path, workers=workers) as asker:
            await asker.ended(await asker.create(picture_bytes()))
            return len(asker.service.runner.slots.all)

    slots = asyncio.run(go())
    assert 1 <= slots <= workers
    assert given_to.jobs[0].threads >= 1
    assert (
        given_to.jobs[0].threads * slots
        <= processor_count()
        < (given_to.jobs[0].threads + 1) * slots
    )
