"""A graphics processor is used where one works, and costs nothing where none does."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.services.own_models import models_folder
from enhance_gui.service.engine import WorkJob
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.work import local
from enhance_gui.service.work.memory import WORKER_BYTES
from enhance_gui.service.work.probes import check_models, find_graphics
from enhance_gui.service.work.slot import WorkerSlot
from enhance_gui.service.work.slots import WorkerLost
from tests.service.serving import UPSCALE, serving
from tests.support.models.tiny import write_ncnn
from tests.support.pictures import picture_bytes


def test_looking_for_one_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    found = find_graphics(WORKER_BYTES)
    assert found is None or found >= 0
    assert capfd.readouterr().err == ""


def test_a_driver_that_ends_its_process_costs_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enhance_gui.service.work.probes._try_graphics", _end)
    assert find_graphics(WORKER_BYTES) is None


def _end(*_: object) -> None:
    os._exit(1)


def test_a_worker_that_dies_of_it_is_followed_by_one_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = models_folder(tmp_path)
    folder.mkdir()
    write_ncnn(folder, "double", 2)
    (model,) = check_models(folder)
    looks: list[int] = []
    used: list[int | None] = []
    run = WorkerSlot.run

    def dying(slot: WorkerSlot, task_id: str, job: WorkJob, limit_s: float) -> Any:
        used.append(job.graphics)
        if job.graphics is not None:
            return WorkerLost.CRASHED
        return run(slot, task_id, job, limit_s)

    def found(_: int) -> int:
        looks.append(1)
        return 0

    monkeypatch.setattr(WorkerSlot, "run", dying)
    monkeypatch.setattr(local, "find_graphics", found)

    async def go() -> None:
        async with serving(tmp_path) as asker:
            for type_id in (UPSCALE, model.type_id, model.type_id):
                task_id = await asker.create(picture_bytes("png", 80, 64), type_id)
                assert (await asker.ended(task_id, type_id))["status"] == Status.FINISHED

    asyncio.run(go())
    assert used == [None, 0, None, None]
    assert len(looks) == 1
