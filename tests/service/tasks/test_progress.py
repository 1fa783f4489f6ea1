"""How far a running task is, in its record."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enhance_gui.service.engine import ENHANCE_TYPES, WorkJob, recipes, run_work
from enhance_gui.service.engine.nets.nets import Colour, NetFacts
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.work.worker import REPORT_EVERY_S, ShareReporter
from tests.service.serving import ENDED, a_worker, serving
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes


def large_picture(width_px: int = 800, height_px: int = 800) -> bytes:
    """Return a JPEG that keeps a worker busy for seconds."""
    grain = np.random.default_rng(3).integers(0, 256, (height_px, width_px, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(grain).save(file, "JPEG")
    return file.getvalue()


def test_a_running_task_tells_how_far_it_is_and_an_ended_one_does_not(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            task_id = await asker.create(large_picture(500, 500))
            reported = []
            async with asyncio.timeout(HUNG_S):
                while (record := await asker.record(task_id))["status"] not in ENDED:
                    # Not in the moment in which a worker takes it up or hands it in.
                    if "x_progress" in record:
                        assert record["status"] == Status.PROCESSING
                        reported.append(record["x_progress"])
                    await asyncio.sleep(0.05)
            assert record["status"] == Status.FINISHED
            assert "x_progress" not in record
            assert reported == sorted(reported)
            assert 0 <= reported[0] < 50 < reported[-1] <= 100
            assert len(set(reported)) >= 3

    asyncio.run(go())


@pytest.mark.skipif(os.name == "nt", reason="stops a process with a POSIX signal")
def test_a_task_that_waits_does_not_tell_how_far_it_is(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            worker = await a_worker()
            os.kill(worker, signal.SIGSTOP)
            at_work = await asker.create(picture_bytes())
            waiting = await asker.create(picture_bytes())
            await asker.until_processing(at_work)
            assert (await asker.record(at_work))["x_progress"] == 0
            assert "x_progress" not in await asker.record(waiting)
            os.kill(worker, signal.SIGCONT)
            await asker.ended(waiting)

    asyncio.run(go())


class QuickNet:
    """Enlarges four times, as the net that takes seconds a tile does."""

    facts = NetFacts("data", "output", scale=4, margin_px=5)
    takes_little_memory = False

    def __call__(self, tile: Colour) -> Colour:
        inner = tile[5:-5, 5:-5].astype(np.float32)
        return inner.repeat(4, axis=0).repeat(4, axis=1)


@pytest.mark.parametrize("type_id", [type_.id for type_ in ENHANCE_TYPES])
def test_every_type_tells_shares_that_grow_up_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type_id: int
) -> None:
    # How far the work is depends on the tiles, and not on what is computed of each.
    monkeypatch.setattr(recipes, "find_net", lambda *_: QuickNet())
    source = tmp_path / "in.jpg"
    source.write_bytes(large_picture(330, 200))
    shares: list[float] = []
    run_work(WorkJob(type_id, source, tmp_path, "aa"), shares.append)
    assert shares == sorted(shares)
    assert len(shares) >= 4
    assert 0 < shares[0] < 0.1
    assert 0.85 <= shares[-1] <= 1


def test_shares_are_passed_on_now_and_then_and_only_when_they_grow() -> None:
    now_s = 100.0
    reported: list[float] = []
    tell = ShareReporter(reported.append, lambda: now_s)
    for tenths in range(50):
        now_s = 100 + tenths / 10
        tell(tenths / 50)
    assert 5 / REPORT_EVERY_S * 0.6 < len(reported) <= 5 / REPORT_EVERY_S
    now_s += 60
    tell(reported[-1])
    tell(0.1)
    assert reported == sorted(set(reported))
    tell(1)
    assert reported[-1] == 1
    assert type(reported[-1]) is float
