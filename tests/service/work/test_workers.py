"""Workers that die or hang: their picture is tried again or given up, the others go on."""

from __future__ import annotations

import asyncio
import io
import multiprocessing.connection
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from enhance_gui.service.store.task_store import TaskStore
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.work.memory import physical_bytes, workers_within
from tests.service.serving import PORTRAIT, UPSCALE, Asker, a_worker, serving, until
from tests.support.pictures import picture_bytes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="stops processes with POSIX signals")


class Given:
    """Counts the pictures that workers were handed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._wait = multiprocessing.connection.wait
        monkeypatch.setattr(multiprocessing.connection, "wait", self._noted)

    def _noted(self, objects: Sequence[Any], timeout: float | None = None) -> list[Any]:
        # For the answer of a worker or its end; others wait for one thing only.
        self.count += len(objects) == 2
        return self._wait(objects, timeout)

    async def until(self, count: int) -> None:
        await until(lambda: self.count >= count)


@pytest.fixture
def given_to(monkeypatch: pytest.MonkeyPatch) -> Given:
    return Given(monkeypatch)


async def stopped_in_work(asker: Asker, given_to: Given) -> tuple[str, int]:
    """Return a task and the worker that has it and stands still."""
    before = given_to.count
    worker = await a_worker()
    os.kill(worker, signal.SIGSTOP)
    task_id = await asker.create(picture_bytes())
    await given_to.until(before + 1)
    return task_id, worker


def test_a_task_whose_worker_was_killed_is_done_by_another(tmp_path: Path, given_to: Given) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            task_id, worker = await stopped_in_work(asker, given_to)
            os.kill(worker, signal.SIGKILL)
            assert (await asker.ended(task_id))["status"] == Status.FINISHED
            assert await a_worker() != worker

    asyncio.run(go())


def test_a_task_that_kills_two_workers_fails_with_a_sentence_and_the_next_is_done(
    tmp_path: Path, given_to: Given
) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            task_id, worker = await stopped_in_work(asker, given_to)
            following = await asker.create(picture_bytes())
            os.kill(worker, signal.SIGKILL)
            await given_to.until(2)
            second = await a_worker(other_than=worker)
            os.kill(second, signal.SIGKILL)
            record = await asker.ended(task_id)
            assert record["status"] == Status.FAILED
            assert record["errorcode"] == 1001001
            assert "twice" in record["errormsg"]
            assert (await asker.ended(following))["status"] == Status.FINISHED

    asyncio.run(go())


@pytest.mark.long
def test_a_worker_that_hangs_is_given_up_and_the_next_task_is_done(
    tmp_path: Path, given_to: Given
) -> None:
    async def go() -> None:
        # Two seconds for the one that hangs, and half a minute for the next one.
        async with serving(tmp_path, work_base_s=2.0, work_per_megapixel_s=100.0) as asker:
            task_id, worker = await stopped_in_work(asker, given_to)
            following = await asker.create(picture_bytes("png", 600, 600))
            record = await asker.ended(task_id)
            assert (record["status"], record["errorcode"]) == (Status.FAILED, 1001001)
            assert "too long" in record["errormsg"]
            assert (await asker.ended(following))["status"] == Status.FINISHED
            with pytest.raises(ProcessLookupError):
                os.kill(worker, 0)

    asyncio.run(go())


def test_a_worker_killed_while_idle_costs_nothing(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            await asker.ended(await asker.create(picture_bytes()))
            os.kill(await a_worker(), signal.SIGKILL)
            task_id = await asker.create(picture_bytes())
            assert (await asker.ended(task_id))["status"] == Status.FINISHED

    asyncio.run(go())


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts the memory of a process")
@pytest.mark.parametrize("type_id", [UPSCALE, PORTRAIT])
def test_a_picture_too_large_for_the_memory_fails_alone_and_its_worker_goes_on(
    tmp_path: Path, type_id: int
) -> None:
    async def go() -> None:
        # The libraries and a net take most of it.
        async with serving(tmp_path, worker_bytes=900_000_000) as asker:
            plain = Image.new("RGB", (9000, 9000), "teal")
            file = io.BytesIO()
            plain.save(file, "PNG")
            task_id = await asker.create(file.getvalue(), type_id)
            record = await asker.ended(task_id, type_id)
            assert (record["status"], record["errorcode"]) == (Status.FAILED, 1001003)
            assert "not enough memory for a picture of this size" in record["errormsg"]
            worker = await a_worker()
            following = await asker.create(picture_bytes(), type_id)
            assert (await asker.ended(following, type_id))["status"] == Status.FINISHED
            assert await a_worker() == worker

    asyncio.run(go())


def test_there_are_no_more_workers_than_the_memory_allows_but_one_always() -> None:
    assert workers_within(16 * 2**30, 7, 3 * 2**30) == 5
    assert workers_within(16 * 2**30, 2, 3 * 2**30) == 2
    assert workers_within(2**30, 7, 3 * 2**30) == 1
    assert workers_within(None, 7, 3 * 2**30) == 7


def test_the_service_starts_no_more_workers_than_the_memory_allows(tmp_path: Path) -> None:
    async def go() -> None:
        memory_bytes = physical_bytes()
        assert memory_bytes is not None
        async with serving(tmp_path, workers=4, worker_bytes=memory_bytes // 2) as asker:
            assert len(asker.service.runner.slots.all) == 2

    asyncio.run(go())


def _loaded_by(module: str) -> set[str]:
    """Return the top-level packages in memory after an import, in a fresh interpreter."""
    script = f"import {module}, sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(answer.stdout.split())


def test_workers_load_nothing_of_http() -> None:
    loaded = _loaded_by("enhance_gui.service.work.worker")
    assert "enhance_gui" in loaded
    assert not loaded & {"starlette", "uvicorn", "h11", "httpx", "httpcore", "sqlite3"}


def test_the_service_listens_before_it_loads_what_it_needs_only_later() -> None:
    loaded = _loaded_by("enhance_gui.service.assembly")
    assert "uvicorn" in loaded
    assert not loaded & {"numpy", "cv2", "PIL", "httpx", "httpcore"}


def test_a_task_whose_end_cannot_be_recorded_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = TaskStore.end
    seen: list[str] = []

    def end_but_for_the_first(store: TaskStore, task_id: str, *how: Any) -> bool:
        seen.append(task_id)
        if len(seen) == 1:
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        return end(store, task_id, *how)

    monkeypatch.setattr(TaskStore, "end", end_but_for_the_first)

    async def go() -> None:
        async with serving(tmp_path) as asker:
            first, second = [await asker.create(picture_bytes()) for _ in range(2)]
            failed = await asker.ended(first)
            assert failed["status"] == Status.FAILED
            assert "was not processed" in str(failed)
            assert (await asker.ended(second))["status"] == Status.FINISHED

    asyncio.run(go())
