"""Workers of a cluster with too little memory: for a picture, for their part, for the moment."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from enhance_gui.service.tasks.status import Status
from tests.service.work.cluster.clusters import Cluster, cluster_serving, room, slots_of
from tests.support.pictures import picture_bytes

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux counts the memory of a process"
)

_MIB = 2**20


@pytest.mark.long
def test_a_picture_too_large_for_a_workers_memory_fails_alone_and_its_worker_goes_on(
    tmp_path: Path, cluster: Cluster
) -> None:
    plain = io.BytesIO()
    Image.new("RGB", (9000, 9000), "teal").save(plain, "PNG", compress_level=1)

    async def go() -> None:
        # The libraries and a net take most of it.
        async with cluster_serving(tmp_path, cluster, worker_bytes=900_000_000) as asker:
            await room(asker, 2)
            too_large = await asker.create(plain.getvalue())
            others = [await asker.create(picture_bytes()) for _ in range(4)]
            record = await asker.ended(too_large)
            assert (record["status"], record["errorcode"]) == (Status.FAILED, 1001003)
            assert "not enough memory for a picture of this size" in record["errormsg"]
            await room(asker, 2)
            others += [await asker.create(picture_bytes()) for _ in range(2)]
            for task_id in others:
                assert (await asker.ended(task_id))["status"] == Status.FINISHED

    asyncio.run(go())


def test_a_worker_is_not_ended_for_a_small_part_of_the_computers_memory(
    tmp_path: Path, cluster: Cluster
) -> None:
    """Many processors that share little memory, as in a container."""
    worker = cluster.start_worker(memory_bytes=60 * _MIB)

    async def go() -> None:
        async with cluster_serving(tmp_path, cluster) as asker:
            await room(asker, 3)
            for task_id in [await asker.create(picture_bytes()) for _ in range(6)]:
                assert (await asker.ended(task_id))["status"] == Status.FINISHED
            assert slots_of(asker).room == 3

    with cluster.guest(worker):
        asyncio.run(go())
        assert "memory" not in worker.said()


_HOLDS_MEMORY = """
import threading, time
from pathlib import Path

def hold():
    while not Path({file!r}).exists():
        time.sleep(0.02)
    held = b"\\1" * {held_bytes}
    while Path({file!r}).exists():
        time.sleep(0.02)

threading.Thread(target=hold, daemon=True).start()
"""


@pytest.mark.long
def test_a_worker_whose_memory_others_have_is_given_no_work_until_it_is_free(
    tmp_path: Path, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    held = tmp_path / "held"
    holds = tmp_path / "holds.py"
    holds.write_text(_HOLDS_MEMORY.format(file=str(held), held_bytes=500 * _MIB))
    limits = "--no-nanny", f"--memory-limit={500 * _MIB}"
    worker = cluster.start_dask_worker(holds, *limits)

    async def go() -> None:
        async with cluster_serving(tmp_path / "data", cluster) as asker:
            await room(asker, 3)
            held.touch()
            await room(asker, 2)
            for task_id in [await asker.create(picture_bytes()) for _ in range(4)]:
                assert (await asker.ended(task_id))["status"] == Status.FINISHED
            held.unlink()
            await room(asker, 3)
            assert caplog.text.count("Dask calls it “paused”") == 1

    with cluster.guest(worker):
        asyncio.run(go())
