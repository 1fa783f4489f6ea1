"""Takes one job to a worker of a cluster, and its results back; anew where the worker is lost."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from distributed import Future

from enhance_gui.core.errors import EnhanceError
from enhance_gui.service.engine import PictureFile, WorkJob, WorkResult
from enhance_gui.service.store.file_store import disk_errors
from enhance_gui.service.work.cluster import on_worker
from enhance_gui.service.work.cluster.link import CALL_S, ClusterLink
from enhance_gui.service.work.cluster.orders import (
    NamedFile,
    Order,
    Reply,
    files_of,
    model_files,
)
from enhance_gui.service.work.cluster.seats import Seat, SeatLost, Seats
from enhance_gui.service.work.slots import JobEnd, WorkerLost

_LOG = logging.getLogger(__name__)

_MAX_LOST: Final = 3
"""How many workers may be lost with one job: it may be what brings them down."""
_TRIES: Final = 3
"""How often a worker may try a job: with a graphics processor, without, and once more."""
_FAREWELL_S: Final = 2.0
"""How long a worker is waited for that is told to drop what it has of a job."""


class Errand:
    """One job of the service, on its way to a worker and back."""

    def __init__(self, job: WorkJob, limit_s: float) -> None:
        """:param limit_s: how long one try of a worker may take."""
        self._job = job
        self._limit_s = limit_s
        self._models: tuple[NamedFile, ...] = ()
        self.share = 0.0
        """Which share of the job is done, as far as its worker has said."""

    async def run(self, link: ClusterLink, seats: Seats) -> JobEnd:
        """Have the job done; return how it ended, with the pictures in ``job.out_folder``.

        Waits for as long as the cluster has no worker. Cancelled, its worker is free at once.

        :raises DiskFull: no room for the results.
        :raises FolderNotUsable: the picture cannot be read, or the results not be written.
        """
        if self._job.own_model is not None:
            with disk_errors():
                self._models = await asyncio.to_thread(
                    model_files, self._job.own_model, self._job.models_folder
                )
        lost = 0
        while lost < _MAX_LOST:
            seat = await seats.take()
            try:
                return await _Visit(link, seat, self).run()
            except SeatLost as error:
                # A cluster that goes away as a whole says nothing of the picture.
                lost += not error.with_cluster
                _LOG.warning("the worker %s was lost: its task is done again", seat.address)
            finally:
                self.share = 0.0
                seats.give_back(seat)
        return JobEnd(WorkerLost.GONE)

    def order(self, parcel_id: str, link: ClusterLink, picture: bytes | None) -> Order:
        """Return what to tell a worker."""
        job = self._job
        return Order(
            parcel_id,
            link.topic,
            job.type_id,
            job.name_prefix,
            job.threads,
            job.own_model,
            self._models,
            picture,
            link.part_bytes,
            self._limit_s,
            link.worker_bytes,
        )

    @property
    def source(self) -> Path:
        """The picture."""
        return self._job.source_path

    @property
    def may_take_s(self) -> float:
        """How long a worker may take for all its tries."""
        return _TRIES * self._limit_s + CALL_S

    def model_file(self, file: NamedFile) -> Path:
        """Return the path of a file of the user's model."""
        return self._job.models_folder / file.name

    def path_of(self, picture: PictureFile) -> Path:
        """Return where to write a picture of the result.

        :raises ValueError: it is not one of this job.
        """
        name = picture.name
        if Path(name).name != name or not name.startswith(self._job.name_prefix):
            raise ValueError(f"{name} is no name of a result")
        return self._job.out_folder / name


class _Visit:
    """One try of a job, with one worker."""

    def __init__(self, link: ClusterLink, seat: Seat, errand: Errand) -> None:
        self._link = link
        self._seat = seat
        self._errand = errand
        # Of this try alone: nothing of an earlier one can be taken for it.
        self._parcel_id = secrets.token_hex(16)
        self._in_parts = False
        """Whether something has been left with the worker, or is there to be fetched."""

    async def run(self) -> JobEnd:
        """Have the job done by this worker.

        :raises SeatLost: it is not there any more, or cannot do it.
        """
        try:
            async with asyncio.timeout(None) as timeout:
                with self._seat.watch(timeout):
                    return await self._deliver(timeout)
        except (SeatLost, EnhanceError):
            raise
        except CancelledError as error:  # Dask's, not asyncio's: the scheduler knows it no more
            self._link.give_up()
            raise SeatLost(with_cluster=True) from error
        # Whatever a strange machine may answer: the job is done by another.
        except Exception as error:
            if self._seat.lost is not None:
                raise self._seat.lost from error
            if self._seat.is_paused:
                raise SeatLost(with_cluster=True) from error
            _LOG.warning("the worker %s failed: %r", self._seat.address, error)
            self._link.doubt(self._seat)
            raise SeatLost(with_cluster=not self._link.is_up) from error
        finally:
            if self._in_parts and self._seat.lost is None:
                with suppress(Exception):
                    async with asyncio.timeout(_FAREWELL_S):
                        await self._call(on_worker.drop_parcel, self._parcel_id)

    async def _deliver(self, timeout: asyncio.Timeout) -> JobEnd:
        errand = self._errand
        with disk_errors():
            size_bytes = errand.source.stat().st_size
            is_small = size_bytes <= self._link.part_bytes
            picture = await asyncio.to_thread(errand.source.read_bytes) if is_small else None
        if picture is None:
            self._in_parts = True
            await self._link.send_file(self._seat.address, self._parcel_id, errand.source)
        order = errand.order(self._parcel_id, self._link, picture)
        reply = await self._ordered(order, timeout)
        if reply.lacking:
            for file in reply.lacking:
                await self._send_model(file, order)
            reply = await self._ordered(order, timeout)
        if reply.end is None:
            raise ValueError("the models that were sent are not there")
        if isinstance(reply.end.outcome, WorkResult):
            await self._fetch(reply.end.outcome, reply.files)
        return reply.end

    async def _ordered(self, order: Order, timeout: asyncio.Timeout) -> Reply:
        """Give the order to Dask; return the worker's reply."""

        def note(share: float) -> None:
            self._errand.share = share
            if timeout.when() is None:  # it has begun: until then, others' jobs may be before it
                loop = asyncio.get_running_loop()
                timeout.reschedule(loop.time() + self._errand.may_take_s)

        client = self._link.client
        assert client is not None  # noqa: S101  as long as there are seats
        self._link.on_share[self._parcel_id] = note
        future: Future[Reply] = client.submit(
            on_worker.do_order,
            order,
            key=f"enhance-gui-{secrets.token_hex(16)}",
            workers=[self._seat.address],
            pure=False,
        )
        try:
            reply: Reply = await future
            return reply
        finally:
            del self._link.on_share[self._parcel_id]
            # Where it is still in work, the worker sees from this that nobody waits for it.
            future.release()
            if not timeout.expired():
                timeout.reschedule(None)

    async def _send_model(self, file: NamedFile, order: Order) -> None:
        parcel_id = secrets.token_hex(16)
        path = self._errand.model_file(file)
        await self._link.send_file(self._seat.address, parcel_id, path)
        await self._call(on_worker.put_model_file, parcel_id, file, order.model_files)

    async def _fetch(self, result: WorkResult, files: tuple[bytes, ...] | None) -> None:
        """Write the pictures of a result."""
        pictures = files_of(result)
        if files is None:
            self._in_parts = True
            for picture in pictures:
                await self._fetch_parts(picture)
            return
        for picture, data in zip(pictures, files, strict=True):
            await self._write(picture, data, 0)

    async def _fetch_parts(self, picture: PictureFile) -> None:
        at_byte = 0
        while at_byte < picture.size_bytes:
            place = self._parcel_id, picture.name, at_byte, self._link.part_bytes
            part = await self._call(on_worker.get_part, *place)
            if not part:
                raise ValueError(f"{picture.name} is not as large as it should be")
            await self._write(picture, part, at_byte)
            at_byte += len(part)

    async def _write(self, picture: PictureFile, data: bytes, at_byte: int) -> None:
        path = self._errand.path_of(picture)
        with disk_errors():
            await asyncio.to_thread(_write_at, path, data, at_byte)

    async def _call(self, function: Callable[..., Any], *arguments: object) -> Any:
        return await self._link.call(self._seat.address, function, *arguments)


def _write_at(path: Path, data: bytes, at_byte: int) -> None:
    with path.open("r+b" if at_byte else "wb") as file:
        file.seek(at_byte)
        file.write(data)
