"""Holds the connection to a cluster: finds its workers, looks at each, connects anew.

For use by one event loop.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from distributed import Client, Status

from enhance_gui.core.services.model_files import all_net_files
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.service.work.cluster import on_worker
from enhance_gui.service.work.cluster.orders import (
    PART_BYTES,
    NamedFile,
    WorkerFacts,
    own_version,
    read_part,
    sha256_of,
)
from enhance_gui.service.work.cluster.seats import Seat, Seats

_LOG = logging.getLogger(__name__)

_LOOK_EVERY_S: Final = 2.0
"""At least; that workers come and go is told at once."""
_MIN_BETWEEN_LOOKS_S: Final = 0.1
_ANSWER_S: Final = 10.0
"""How long the scheduler may take to answer."""
CALL_S: Final = 60.0
"""How long a worker may take for a message, a part of a picture included."""
_SILENT_S: Final = 30.0
"""After which a worker is taken for gone; Dask's own limit is five minutes."""
_WAITS_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Before the next tries to connect; the last for all further ones."""
_LOOKED_AT_AGAIN_S: Final = 10.0
"""When a worker is looked at again that could not be looked at."""

_OTHER_VERSION: Final = (
    "the worker %s has Enhance GUI %s, and this is %s: it is given no work. Install the same "
    "version there"
)
_NO_PROGRAM: Final = (
    "the worker %s has no Enhance GUI that can be used (%s): it is given no work. Install the "
    "version of this service, %s, there"
)
_BEGINS_NOTHING: Final = (
    "the worker %s is given no work as long as it begins none (Dask calls it “%s”)"
)


class ClusterLink:
    """The connection to one cluster, which comes and goes."""

    def __init__(self, address: str, worker_bytes: int, seats: Seats) -> None:
        """:param worker_bytes: memory that each process which computes may take."""
        self._address = address
        self.worker_bytes = worker_bytes
        self.part_bytes = PART_BYTES
        self._seats = seats
        self.on_share: dict[str, Callable[[float], None]] = {}
        """By a parcel's id, who wants to know which share of its job is done."""
        self.topic = f"enhance-gui-{secrets.token_hex(8)}"
        """Of Dask's events, for this service alone."""
        self.client: Client | None = None
        self._version = own_version()
        self._known: dict[str, _Known] = {}
        """By the address of each worker that is there."""
        self._look_now = asyncio.Event()
        self._nets: dict[NamedFile, Path] | None = None

    async def hold(self) -> None:
        """Keep connected until cancelled."""
        failures = 0
        while True:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    client = await self._connect()
            # Whatever Dask makes of an address, or of its settings for TLS.
            except Exception as error:  # noqa: BLE001
                if failures == 0:
                    why = str(error) or "it does not answer"
                    _LOG.warning("no cluster at %s, the tasks wait: %s", self._address, why)
                await asyncio.sleep(_WAITS_S[min(failures, len(_WAITS_S) - 1)])
                failures += 1
                continue
            failures = 0
            _LOG.info("connected to the cluster at %s", self._address)
            try:
                await self._hold(client)
            # Whatever a scheduler of another version may answer.
            except Exception as error:  # noqa: BLE001
                _LOG.warning("the cluster at %s cannot be used: %r", self._address, error)
                await asyncio.sleep(_WAITS_S[-1])
            else:
                _LOG.warning("the cluster at %s is gone, the tasks wait", self._address)

    @property
    def is_up(self) -> bool:
        """Return whether the scheduler is connected, as far as is known."""
        return self.client is not None and self.client.status == "running"

    def give_up(self) -> None:
        """Take the connection for broken, and look what of it is left."""
        self._known.clear()
        self._seats.lose_all()
        self._look_now.set()

    def doubt(self, seat: Seat) -> None:
        """Give a worker that has failed no further jobs for a while."""
        self._seats.retire(seat)
        known = self._known.get(seat.address)
        if known is not None:
            known.look_again_at_s = time.monotonic() + _LOOKED_AT_AGAIN_S

    async def call(self, seat_address: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function of :mod:`on_worker` on one worker; return what it returns.

        :raises Exception: of the function, or of the network.
        """
        assert self.client is not None  # noqa: S101  as long as there are seats
        async with asyncio.timeout(CALL_S):
            answers = await self.client.run(function, *arguments, workers=[seat_address])
        return answers[seat_address]

    async def send_file(self, address: str, parcel_id: str, path: Path) -> None:
        """Send a file to a worker in parts; of none more than one is held in memory."""
        at_byte = 0
        while True:
            part = await asyncio.to_thread(read_part, path, at_byte, self.part_bytes)
            if not part and at_byte:
                return
            await self.call(address, on_worker.put_part, parcel_id, part, at_byte)
            at_byte += len(part)
            if len(part) < self.part_bytes:
                return

    async def _connect(self) -> Client:
        client = Client(self._address, asynchronous=True, set_as_default=False, timeout=_ANSWER_S)
        try:
            return await client
        except BaseException:
            await _close(client)
            raise

    async def _hold(self, client: Client) -> None:
        """Watch the workers until the connection breaks."""
        self.client = client
        background = TaskSupervisor(_log_crash)
        client.subscribe_topic(self.topic, self._take_event)
        # Where Dask writes down that workers come and go.
        client.subscribe_topic("all", lambda _event: self._look_now.set())
        try:
            while client.status == "running":
                self._look_now.clear()
                async with asyncio.timeout(_ANSWER_S):
                    found = await client.scheduler.identity(n_workers=-1)
                self._compare(found["workers"], background)
                await asyncio.sleep(_MIN_BETWEEN_LOOKS_S)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await self._look_now.wait()
        except (OSError, TimeoutError) as error:
            _LOG.info("the connection to the cluster broke: %s", error)
        finally:
            self._known = {}
            self._seats.lose_all()
            await background.close()
            await _close(client)

    def _compare(self, workers: dict[str, Any], background: TaskSupervisor) -> None:
        """Take note of which workers have come and gone."""
        for address, known in list(self._known.items()):
            facts = workers.get(address)
            # Another process may have come to the same address.
            if facts is not None and facts["local_directory"] == known.folder:
                if not known.is_silent(facts["last_seen"]):
                    continue
                _LOG.warning("the worker %s has been silent for long: it is given up", address)
            del self._known[address]
            self._seats.lose(address)
        for address, facts in workers.items():
            if address not in self._known:
                self._known[address] = _Known(facts["local_directory"], facts["last_seen"])
            known = self._known[address]
            if facts["status"] != Status.running.name:
                # It leaves, or has no memory left, as where others have it work too.
                if self._seats.pause(address):
                    _LOG.warning(_BEGINS_NOTHING, address, facts["status"])
                    known.look_again_at_s = 0.0
            elif known.is_to_be_looked_at():
                look = self._look_at(known, address, facts["nthreads"])
                background.start(look, f"look at {address}")

    async def _look_at(self, known: _Known, address: str, threads: int) -> None:
        """Give a worker its place, if it can do what this service does."""
        try:
            facts = await self.call(address, on_worker.describe, self._version)
            if not facts.version.fits(self._version):
                _LOG.warning(_OTHER_VERSION, address, facts.version, self._version)
                return
            sent = await self._send_nets(address, facts)
            await self.call(address, on_worker.warm_up, self.worker_bytes, bool(sent))
        except (ImportError, AttributeError) as error:
            _LOG.warning(_NO_PROGRAM, address, error, self._version)
            return
        # Whatever a strange machine may answer: it costs that worker its place alone.
        except Exception as error:  # noqa: BLE001
            _LOG.warning("the worker %s cannot be used yet: %s", address, error)
            known.look_again_at_s = time.monotonic() + _LOOKED_AT_AGAIN_S
            return
        if self._known.get(address) is known:
            self._seats.add(Seat(address, threads))

    async def _send_nets(self, address: str, facts: WorkerFacts) -> Collection[NamedFile]:
        """Send and return the nets that this service has and the worker lacks, or has others of."""
        if self._nets is None:
            self._nets = await asyncio.to_thread(_own_nets)
        wanted = self._nets.keys() - facts.nets
        for file in wanted:
            parcel_id = secrets.token_hex(16)
            await self.send_file(address, parcel_id, self._nets[file])
            await self.call(address, on_worker.put_net, parcel_id, file)
        return wanted

    def _take_event(self, event: tuple[float, tuple[str, float]]) -> None:
        _, (parcel_id, share) = event
        on_share = self.on_share.get(parcel_id)
        if on_share is not None:
            on_share(share)


class _Known:
    """What is known of one worker that is there."""

    def __init__(self, folder: str, last_seen: float) -> None:
        self.folder = folder
        """Its own, which no other process has had."""
        self.look_again_at_s = 0.0
        self._last_seen = last_seen
        self._changed_s = time.monotonic()

    def is_to_be_looked_at(self) -> bool:
        """Return whether it is time for a look; one more is only taken where this one fails."""
        if time.monotonic() < self.look_again_at_s:
            return False
        self.look_again_at_s = math.inf
        return True

    def is_silent(self, last_seen: float) -> bool:
        """Return whether the scheduler has heard nothing from it for long.

        :param last_seen: when it has, by its own clock.
        """
        if last_seen != self._last_seen:
            self._last_seen, self._changed_s = last_seen, time.monotonic()
        return time.monotonic() - self._changed_s > _SILENT_S


def _own_nets() -> dict[NamedFile, Path]:
    return {NamedFile(name, sha256_of(path)): path for name, path in all_net_files().items()}


async def _close(client: Client) -> None:
    """Close a client, of a cluster that may be gone."""
    # Else the scheduler tells it that it goes, and finds it gone.
    with suppress(Exception):
        client.unsubscribe_topic("all")
    with suppress(Exception):
        async with asyncio.timeout(_ANSWER_S):
            await client.close(timeout=1)


def _log_crash(error: BaseException) -> None:
    _LOG.error("the look at a worker broke off", exc_info=error)
