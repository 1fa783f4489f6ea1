"""Jobs on a Dask cluster of real processes: the same results, whatever becomes of the workers."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from enhance_gui.core.services.own_models import models_folder
from enhance_gui.service.engine.catalogue import QUICK_UPSCALE_2
from enhance_gui.service.tasks.status import Status
from enhance_gui.service.work.cluster import link
from enhance_gui.service.work.cluster.orders import PART_BYTES
from enhance_gui.service.work.probes import check_models
from tests.service.engine.photographs import photograph
from tests.service.serving import PORTRAIT, UPSCALE, Asker, addresses_of, serving, until
from tests.service.tasks.cancels import STOPPED_WITHIN_S, is_there
from tests.service.work.cluster.clusters import (
    Cluster,
    Member,
    a_cluster,
    cluster_serving,
    room,
    slots_of,
)
from tests.support.models.tiny import write_ncnn
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="finds and stops processes as Linux has them"
)


def link_of(asker: Asker) -> link.ClusterLink:
    running = slots_of(asker)._running
    assert running is not None
    return running._link


@contextlib.asynccontextmanager
async def at_work(
    folder: Path, cluster: Cluster, picture: bytes, **changes: Any
) -> AsyncIterator[tuple[Asker, str, Member]]:
    """Run a service of which a worker has a task, and what computes it there stands still."""
    async with cluster_serving(folder, cluster, **changes) as asker:
        await room(asker, 2)
        yield asker, *await stopped_in_work(asker, cluster, picture)


async def stopped_in_work(asker: Asker, cluster: Cluster, picture: bytes) -> tuple[str, Member]:
    """Return a task and the worker that has it; what computes there stands still."""
    # A job that brought it down leaves a worker without. A small picture may have too little time.
    while not all(map(_computing, cluster.workers)):
        large = picture_bytes("png", 360, 360)
        for task_id in [await asker.create(large, QUICK_UPSCALE_2) for _ in cluster.workers]:
            await asker.ended(task_id, QUICK_UPSCALE_2)
    for worker in cluster.workers:
        os.kill(worker.computing, signal.SIGSTOP)
    task_id = await asker.create(picture)
    running = slots_of(asker)._running
    assert running is not None
    await until(lambda: any(timeout.when() for timeout in watches(asker)))
    (busy,) = [seat for seat in running.seats._seats.values() if seat.taken]
    for worker in cluster.workers:
        if worker.address != busy.address:
            os.kill(worker.computing, signal.SIGCONT)
    return task_id, cluster.worker_at(busy.address)


def _computing(worker: Member) -> int | None:
    with contextlib.suppress(LookupError, OSError):
        return worker.computing
    return None


def watches(asker: Asker) -> Iterator[asyncio.Timeout]:
    """Yield the time limits of the jobs that are away; one that has begun has an end."""
    running = slots_of(asker)._running
    assert running is not None
    for seat in list(running.seats._seats.values()):
        yield from list(seat._watches)


async def results(asker: Asker, picture: bytes, type_id: int) -> list[bytes]:
    """Return the pictures that the service makes of one."""
    record = await asker.ended(await asker.create(picture, type_id), type_id)
    assert record["status"] == Status.FINISHED, record
    return [(await asker.http.get(address)).content for address in addresses_of(record)]


def test_results_are_those_of_this_computer_byte_for_byte(tmp_path: Path, cluster: Cluster) -> None:
    file = io.BytesIO()
    Image.fromarray(photograph("hopper")).reduce(4).save(file, "JPEG")
    picture = file.getvalue()

    async def go() -> None:
        async with (
            serving(tmp_path / "here") as here,
            cluster_serving(tmp_path / "there", cluster) as there,
        ):
            # Whole, then picture and results in parts.
            for type_id, part_bytes, pictures in ((UPSCALE, PART_BYTES, 1), (PORTRAIT, 5_000, 3)):
                link_of(there).part_bytes = part_bytes
                made_here = await results(here, picture, type_id)
                assert len(made_here) == pictures
                assert await results(there, picture, type_id) == made_here
            assert len(picture) > part_bytes

    asyncio.run(go())


def test_a_task_whose_worker_was_killed_is_done_by_another(
    tmp_path: Path, cluster: Cluster
) -> None:
    async def go() -> None:
        async with at_work(tmp_path, cluster, picture_bytes()) as (asker, task_id, worker):
            address = worker.address
            os.kill(worker.dask_worker, signal.SIGKILL)
            record = await asker.ended(task_id)
            assert record["status"] == Status.FINISHED
            assert len(list((tmp_path / "results").iterdir())) == 1
            assert link_of(asker).on_share == {}
            # Its nanny starts it anew.
            await until(lambda: worker.address != address)
            await room(asker, 2)

    asyncio.run(go())


def test_what_computes_may_die_and_is_tried_again_by_the_same_worker(
    tmp_path: Path, cluster: Cluster
) -> None:
    async def go() -> None:
        async with at_work(tmp_path, cluster, picture_bytes()) as (asker, task_id, worker):
            os.kill(worker.computing, signal.SIGKILL)
            assert (await asker.ended(task_id))["status"] == Status.FINISHED
            task_id, worker = await stopped_in_work(asker, cluster, picture_bytes())
            first = worker.computing
            os.kill(first, signal.SIGKILL)
            await until(lambda: _computing(worker) not in (None, first))
            os.kill(worker.computing, signal.SIGKILL)
            record = await asker.ended(task_id)
            assert (record["status"], record["errorcode"]) == (Status.FAILED, 1001001)
            assert "ended unexpectedly, twice" in record["errormsg"]

    asyncio.run(go())


def test_a_job_that_hangs_is_given_up_and_its_worker_does_the_next(
    tmp_path: Path, cluster: Cluster
) -> None:
    async def go() -> None:
        # Two seconds for the one that hangs, and a minute for the next ones.
        limits = {"work_base_s": 0.1, "work_per_megapixel_s": 470.0}
        hangs = picture_bytes("png", 64, 64)
        async with at_work(tmp_path, cluster, hangs, **limits) as (asker, task_id, worker):
            hanging = worker.computing
            record = await asker.ended(task_id)
            assert (record["status"], record["errorcode"]) == (Status.FAILED, 1001001)
            assert "too long" in record["errormsg"]
            assert not is_there(hanging)
            large = picture_bytes("png", 360, 360)
            for task_id in [await asker.create(large, QUICK_UPSCALE_2) for _ in range(2)]:
                record = await asker.ended(task_id, QUICK_UPSCALE_2)
                assert record["status"] == Status.FINISHED

    asyncio.run(go())


def test_a_deleted_task_frees_its_worker_at_once(tmp_path: Path, cluster: Cluster) -> None:
    async def go() -> None:
        async with at_work(tmp_path, cluster, picture_bytes()) as (asker, task_id, worker):
            computing = worker.computing
            begun_s = time.monotonic()
            await asker.data("deletetask", taskid=task_id)
            await until(lambda: not is_there(computing))
            assert time.monotonic() - begun_s < STOPPED_WITHIN_S
            for _ in cluster.workers:
                following = await asker.create(picture_bytes())
                assert (await asker.ended(following))["status"] == Status.FINISHED

    asyncio.run(go())


def test_a_service_that_ends_leaves_no_job_behind_and_does_it_again_at_its_next_start(
    tmp_path: Path, cluster: Cluster
) -> None:
    async def go() -> None:
        async with at_work(tmp_path, cluster, picture_bytes()) as (asker, task_id, worker):
            computing = worker.computing
        await until(lambda: not is_there(computing))
        async with cluster_serving(tmp_path, cluster) as asker:
            assert (await asker.ended(task_id))["status"] == Status.FINISHED

    asyncio.run(go())


@pytest.mark.long
def test_a_task_waits_for_scheduler_and_workers_and_survives_that_they_start_anew(
    tmp_path: Path,
) -> None:
    async def go(cluster: Cluster) -> None:
        async with cluster_serving(tmp_path / "data", cluster) as asker:
            first, second = [await asker.create(picture_bytes()) for _ in range(2)]
            assert (await asker.record(first))["queuenum"] == 1
            assert (await asker.record(second))["queuenum"] == 2
            scheduler = cluster.start_scheduler()
            cluster.start_worker()
            for task_id in (first, second):
                assert (await asker.ended(task_id))["status"] == Status.FINISHED
            third, _ = await stopped_in_work(asker, cluster, picture_bytes())
            waiting = await asker.create(picture_bytes())
            scheduler.process.kill()
            scheduler.process.wait()
            await room(asker, 0)
            assert (await asker.record(third))["status"] == Status.PROCESSING
            assert (await asker.record(waiting))["queuenum"] == 1
            cluster.start_scheduler()
            for task_id in (third, waiting):
                assert (await asker.ended(task_id))["status"] == Status.FINISHED
            assert len(list((tmp_path / "data" / "results").iterdir())) == 4

    cluster = Cluster(tmp_path / "cluster")
    try:
        asyncio.run(go(cluster))
    finally:
        cluster.end()


def test_a_worker_of_another_version_is_given_no_work(
    tmp_path: Path, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    preload = tmp_path / "older.py"
    preload.write_text("import enhance_gui\nenhance_gui.__version__ = '0.0.1'\n")
    older = cluster.start_dask_worker(preload, "--no-nanny")

    async def go() -> None:
        async with cluster_serving(tmp_path / "data", cluster) as asker:
            await until(lambda: "has Enhance GUI 0.0.1" in caplog.text)
            assert "Install the same version there" in caplog.text
            await room(asker, 2)
            for task_id in [await asker.create(picture_bytes()) for _ in range(3)]:
                assert (await asker.ended(task_id))["status"] == Status.FINISHED
            assert slots_of(asker).room == 2
            assert "it is given no work by that service" in older.said()
            assert caplog.text.count("has Enhance GUI 0.0.1") == 1

    with cluster.guest(older):
        asyncio.run(go())


@pytest.mark.long
def test_a_worker_without_nets_is_sent_them_once(tmp_path: Path) -> None:
    picture = picture_bytes()
    bare = tmp_path / "bare.py"
    # Where they are looked for; what computes starts anew and is led to those that were sent.
    bare.write_text("import sys\nsys.prefix = '/nowhere'\n")

    async def go(cluster: Cluster) -> list[bytes]:
        for run in range(2):
            async with cluster_serving(tmp_path / f"data{run}", cluster) as asker:
                made = await results(asker, picture, UPSCALE)
        return made

    with a_cluster(tmp_path / "cluster") as cluster:
        worker = cluster.start_dask_worker(bare, "--no-nanny")
        made = asyncio.run(go(cluster))
        said = worker.said()
        (net,) = (tmp_path / "cluster").rglob("enhance-gui/nets/waifu2x-photo.bin")
        assert net.stat().st_size > 1_000_000
        assert "is not installed" not in said

    async def here() -> list[bytes]:
        async with serving(tmp_path / "here") as asker:
            return await results(asker, picture, UPSCALE)

    assert made == asyncio.run(here())


def test_a_model_of_the_users_travels_to_the_workers(tmp_path: Path, cluster: Cluster) -> None:
    folder = models_folder(tmp_path)
    folder.mkdir()
    write_ncnn(folder, "double", 2)
    (model,) = check_models(folder)

    async def go() -> None:
        async with cluster_serving(tmp_path, cluster) as asker:
            for _ in range(2):
                (made,) = await results(asker, picture_bytes("png", 80, 64), model.type_id)
                assert made

    asyncio.run(go())


def test_a_job_tells_how_far_it_is(tmp_path: Path, cluster: Cluster) -> None:
    async def go() -> None:
        async with cluster_serving(tmp_path, cluster) as asker:
            task_id = await asker.create(picture_bytes("jpg", 1200, 1200))
            async with asyncio.timeout(HUNG_S):
                while not (await asker.record(task_id)).get("x_progress"):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            await asker.data("deletetask", taskid=task_id)

    asyncio.run(go())


def test_an_answer_that_nobody_expects_costs_the_connection_and_no_more(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_WAITS_S", (0.1,))
    compare, looks = link.ClusterLink._compare, []

    def strange_once(self: link.ClusterLink, *answer: Any) -> None:
        looks.append(answer)
        if len(looks) == 1:
            raise KeyError("nthreads")  # of a scheduler of another version
        compare(self, *answer)

    monkeypatch.setattr(link.ClusterLink, "_compare", strange_once)

    async def go() -> None:
        async with cluster_serving(tmp_path / "data", cluster):
            await until(lambda: len(looks) > 1)

    asyncio.run(go())
