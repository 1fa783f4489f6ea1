"""Runs on the workers of a cluster: what the service calls there, by name.

A job is done as on the service's own computer, in a process of its own below Dask's worker: the
limits of time and memory, a crash and a cancel are one piece of code in both places.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import secrets
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from distributed import Status, Worker, get_worker

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.services.model_files import NETS_VARIABLE, all_net_files
from enhance_gui.service.engine import PictureFile, Verdict, WorkJob, WorkResult
from enhance_gui.service.engine.catalogue import PORTRAIT, UPSCALE_2
from enhance_gui.service.work.cluster.orders import (
    NamedFile,
    Order,
    ProgramVersion,
    Reply,
    WorkerFacts,
    files_of,
    own_version,
    read_part,
    sha256_of,
)
from enhance_gui.service.work.local import Graphics, LocalSlot
from enhance_gui.service.work.memory import WORKER_BYTES

_LOG = logging.getLogger(__name__)

_LOOKED_EVERY_S: Final = 0.2
"""How often it is looked whether a job is still wanted, and how far it is."""
_PARCEL_LIFETIME_S: Final = 3600.0
"""When what belongs to a job of which nothing was heard is removed: its service is gone."""
SMALL: Final = "small"
"""What the results of pictures are called with which a worker is tried."""
_USUAL_TYPES: Final = (PORTRAIT, UPSCALE_2)
_SMALL_PX: Final = 64
_SMALL_LIMIT_S: Final = 60.0
_WANTED: Final = frozenset({"executing", "long-running"})
"""States of a task in Dask's worker in which somebody waits for it."""
_ENDING: Final = frozenset({Status.closing, Status.closed, Status.failed})
_OTHER_VERSION: Final = (
    "this worker runs Enhance GUI %s and the service %s: it is given no work by that service"
)


class Bench:
    """What one Dask worker has for its jobs: slots, and a folder that goes when it ends."""

    def __init__(self, worker: Worker) -> None:
        self.folder = Path(worker.local_directory) / "enhance-gui"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._free: defaultdict[int, list[LocalSlot]] = defaultdict(list)
        """By the memory that their processes may take."""
        self._graphics: dict[int, Graphics] = {}
        self._lock = threading.Lock()
        self._warm: set[int] = set()
        """By the same, whether there is a slot that was tried."""
        self._warming = threading.Lock()
        self.in_work: set[str] = set()
        """Ids of the parcels whose jobs are being done."""

    @property
    def nets(self) -> Path:
        """The folder of the nets that were sent."""
        return self.folder / "nets"

    def parcel(self, parcel_id: str) -> Path:
        """Return the folder of a job's files: ``in`` and ``out`` are in it."""
        return self.folder / "parcels" / parcel_id

    def model(self, files: tuple[NamedFile, ...]) -> Path:
        """Return the folder of a user's model: one for each content."""
        return self.folder / "models" / "-".join(file.sha256[:16] for file in files)

    @contextmanager
    def slot(self, worker_bytes: int) -> Iterator[LocalSlot]:
        """Lend a slot that nobody else uses; an earlier one, where there is one."""
        with self._lock:
            free = self._free[worker_bytes]
            slot = free.pop() if free else self._new_slot(worker_bytes)
        try:
            yield slot
        finally:
            with self._lock:
                free.append(slot)

    def warm_up(self, worker_bytes: int, *, anew: bool) -> None:
        """Do a small picture of each usual type, so that the first job finds all nets loaded.

        :param anew: whether to start the process anew: nets have come that it looked for in vain.
        :raises EnhanceError: this computer cannot do it.
        """
        with self._warming:
            if worker_bytes in self._warm and not anew:
                return
            with self.slot(worker_bytes) as slot:
                slot.close()
                for type_id in _USUAL_TYPES:
                    self._try(slot, type_id)
            self._warm.add(worker_bytes)

    def _try(self, slot: LocalSlot, type_id: int) -> None:
        folder = self.parcel(secrets.token_hex(16))
        folder.mkdir(mode=0o700, parents=True)
        try:
            _write_small_picture(folder / "in")
            job = WorkJob(type_id, folder / "in", folder, name_prefix=SMALL)
            outcome = slot.run(folder.name, job, _SMALL_LIMIT_S).outcome
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if not isinstance(outcome, WorkResult):
            why = outcome.message if isinstance(outcome, Verdict) else outcome.value
            raise EnhanceError(f"a small picture of type {type_id} failed: {why}")

    def sweep(self) -> None:
        """Remove the files of jobs of which nothing was heard for long."""
        before_s = time.time() - _PARCEL_LIFETIME_S
        with suppress(OSError):
            for parcel in os.scandir(self.folder / "parcels"):
                if parcel.name not in self.in_work and parcel.stat().st_mtime < before_s:
                    shutil.rmtree(parcel.path, ignore_errors=True)

    def _new_slot(self, worker_bytes: int) -> LocalSlot:
        # Under a nanny, Dask's worker is a daemon, which Python does not let have processes of its
        # own; ours ends when its parent does.
        multiprocessing.current_process().daemon = False
        graphics = self._graphics.setdefault(worker_bytes, Graphics(worker_bytes))
        return LocalSlot(worker_bytes, graphics)


_BENCHES: Final[WeakKeyDictionary[Worker, Bench]] = WeakKeyDictionary()
_MAKING: Final = threading.Lock()


def bench_of(worker: Worker) -> Bench:
    """Return the bench of a Dask worker; the same one always."""
    with _MAKING:
        if worker not in _BENCHES:
            _BENCHES[worker] = Bench(worker)
        return _BENCHES[worker]


async def dask_setup(worker: Worker) -> None:
    """Prepare a worker that "enhance-gui worker" starts, before it joins."""
    await asyncio.to_thread(bench_of(worker).warm_up, WORKER_BYTES, anew=False)


async def describe(service: ProgramVersion, dask_worker: Worker) -> WorkerFacts:
    """Return what this worker has; say it here too where its version is another.

    :param service: the version of the service that asks.
    """
    version = own_version()
    if not version.fits(service):
        _LOG.warning(_OTHER_VERSION, version, service)
        return WorkerFacts(version)
    return await asyncio.to_thread(facts_of, version)


def facts_of(version: ProgramVersion) -> WorkerFacts:
    """Return what this computer has. Blocks: all nets are read."""
    nets = {NamedFile(name, sha256_of(path)) for name, path in all_net_files().items()}
    return WorkerFacts(version, frozenset(nets))


async def put_part(parcel_id: str, part: bytes, at_byte: int, dask_worker: Worker) -> None:
    """Take a part of the picture of an order that is to come."""
    await asyncio.to_thread(_put, bench_of(dask_worker), parcel_id, part, at_byte)


def _put(bench: Bench, parcel_id: str, part: bytes, at_byte: int) -> None:
    parcel = bench.parcel(parcel_id)
    if at_byte == 0:
        bench.sweep()
        parcel.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (parcel / "in").open("r+b" if at_byte else "wb") as file:
        file.seek(at_byte)
        file.write(part)


async def get_part(
    parcel_id: str, name: str, at_byte: int, part_bytes: int, dask_worker: Worker
) -> bytes:
    """Return a part of a result's picture."""
    path = bench_of(dask_worker).parcel(parcel_id) / "out" / name
    return await asyncio.to_thread(read_part, path, at_byte, part_bytes)


async def drop_parcel(parcel_id: str, dask_worker: Worker) -> None:
    """Remove what was sent for a job, and what it made."""
    parcel = bench_of(dask_worker).parcel(parcel_id)
    await asyncio.to_thread(shutil.rmtree, parcel, ignore_errors=True)


async def put_net(parcel_id: str, file: NamedFile, dask_worker: Worker) -> None:
    """Take a net that was sent in parts.

    :raises ValueError: not all of it has arrived.
    """
    bench = bench_of(dask_worker)
    await asyncio.to_thread(_adopt, bench.parcel(parcel_id), bench.nets, file)
    # For the processes that are started from now on.
    os.environ[NETS_VARIABLE] = str(bench.nets)


async def put_model_file(
    parcel_id: str, file: NamedFile, model: tuple[NamedFile, ...], dask_worker: Worker
) -> None:
    """Take a file of a user's model that was sent in parts.

    :param model: all files of that model.
    :raises ValueError: not all of it has arrived.
    """
    bench = bench_of(dask_worker)
    await asyncio.to_thread(_adopt, bench.parcel(parcel_id), bench.model(model), file)


def _adopt(parcel: Path, folder: Path, file: NamedFile) -> None:
    arrived = parcel / "in"
    if sha256_of(arrived) != file.sha256:
        raise ValueError(f"{file.name} did not arrive as it was sent")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    arrived.replace(folder / Path(file.name).name)
    shutil.rmtree(parcel, ignore_errors=True)


async def warm_up(worker_bytes: int, anew: bool, dask_worker: Worker) -> None:
    """Have nets and libraries loaded, so that the first job does not wait. See :class:`Bench`.

    :raises EnhanceError: this worker cannot do what a job needs.
    """
    await asyncio.to_thread(bench_of(dask_worker).warm_up, worker_bytes, anew=anew)


def do_order(order: Order) -> Reply:
    """Do one job: a task of Dask's."""
    worker = get_worker()
    bench = bench_of(worker)
    lacking = _lacking(bench, order)
    if lacking:
        return Reply(None, lacking=lacking)
    parcel = bench.parcel(order.parcel_id)
    keeps = False
    bench.in_work.add(order.parcel_id)
    try:
        job = WorkJob(
            order.type_id,
            _source(parcel, order),
            parcel / "out",
            order.name_prefix,
            threads=order.threads,
            own_model=order.own_model,
            models_folder=bench.model(order.model_files),
        )
        job.out_folder.mkdir(mode=0o700, exist_ok=True)
        with bench.slot(order.worker_bytes) as slot, _watched(worker, order, slot):
            end = slot.run(order.parcel_id, job, order.limit_s)
        if not isinstance(end.outcome, WorkResult):
            return Reply(end)
        made = files_of(end.outcome)
        keeps = sum(each.size_bytes for each in made) > order.part_bytes
        return Reply(end, None if keeps else _contents(made, job.out_folder))
    finally:
        bench.in_work.discard(order.parcel_id)
        if keeps:
            (parcel / "in").unlink()  # which also says when its lifetime begins
        else:
            shutil.rmtree(parcel, ignore_errors=True)


def _lacking(bench: Bench, order: Order) -> tuple[NamedFile, ...]:
    folder = bench.model(order.model_files)
    return tuple(file for file in order.model_files if not (folder / file.name).is_file())


def _source(parcel: Path, order: Order) -> Path:
    path = parcel / "in"
    if order.picture is not None:
        parcel.mkdir(mode=0o700, parents=True)
        path.write_bytes(order.picture)
    return path


def _contents(pictures: list[PictureFile], folder: Path) -> tuple[bytes, ...]:
    return tuple((folder / each.name).read_bytes() for each in pictures)


def _write_small_picture(path: Path) -> None:
    # The worker's own process has no other use for it.
    from PIL import Image

    Image.new("RGB", (_SMALL_PX, _SMALL_PX), "teal").save(path, "PNG")


@contextmanager
def _watched(worker: Worker, order: Order, slot: LocalSlot) -> Iterator[None]:
    """Meanwhile say how far the job is, and stop it when nobody waits for it any more."""
    ended = threading.Event()
    key = worker.get_current_task()

    def watch() -> None:
        reported = 0.0
        worker.log_event(order.topic, (order.parcel_id, reported))
        while not ended.wait(_LOOKED_EVERY_S):
            # Dask forgets a task that was cancelled, or whose service is gone, and lets its
            # thread run on; a worker that ends waits for it.
            task = worker.state.tasks.get(key)
            is_wanted = task is not None and task.state in _WANTED
            if not is_wanted or worker.status in _ENDING:
                slot.withdraw(order.parcel_id)
                return
            share = slot.share(order.parcel_id)
            if share > reported:
                reported = share
                worker.log_event(order.topic, (order.parcel_id, share))

    watching = threading.Thread(target=watch, name="watch over job", daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()
