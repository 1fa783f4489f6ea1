"""Runs the service: puts its parts together, listens, announces itself, ends cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import socket
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, cast

import uvicorn

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError, UsageError
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.own_models import models_folder
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.service.http.application import ServiceApplication
from enhance_gui.service.http.connections import ConnectionLimit, ServiceProtocol
from enhance_gui.service.http.gate import Gate
from enhance_gui.service.http.hosts import OwnHosts
from enhance_gui.service.settings import ServiceSettings, processor_count
from enhance_gui.service.store.file_store import FileStore, disk_errors
from enhance_gui.service.store.task_store import TaskThread, open_task_store
from enhance_gui.service.tasks.callbacks import CallbackSender
from enhance_gui.service.tasks.calls import Calls
from enhance_gui.service.tasks.intake import InputReceiver
from enhance_gui.service.tasks.room import StorageRoom
from enhance_gui.service.work.local import LocalSlots
from enhance_gui.service.work.memory import physical_bytes, workers_within
from enhance_gui.service.work.probes import check_models
from enhance_gui.service.work.runner import TaskRunner
from enhance_gui.service.work.slots import JobSlots

_LOG = logging.getLogger(__name__)

_REQUEST_HEAD_BYTES: Final = 16 * 1024
# Longer than clients keep idle connections, so that it is the client that closes them: a request
# that meets a connection just being closed is lost.
_KEEP_ALIVE_S: Final = 75
_LAST_ANSWERS_S: Final = 2
_SWEEP_INTERVAL_S: Final = 3600.0
_DAY_S: Final = 24 * 3600.0


class RunningService:
    """One run of the service, from an open database to the last worker's end."""

    def __init__(
        self, settings: ServiceSettings, token: Secret, clock: Clock | None = None
    ) -> None:
        """Take hold of the data folder and of the port.

        :raises EnhanceError: the data folder cannot be used, or another service uses it.
        :raises UsageError: the address cannot be listened on.
        """
        self._settings = settings
        self._clock = clock or Clock()
        clock = self._clock
        self._files = FileStore(settings.data_folder)
        database = settings.data_folder / "tasks.sqlite"
        with disk_errors():
            settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # It holds the names of the files, which are what protects them.
            database.touch(mode=0o600)
        self._slots = _slots_for(settings)
        store = open_task_store(database, clock.wall().timestamp())
        self._room = StorageRoom(self._files, settings)
        try:
            self._files.prepare()
            self._room.prepare()
            store.requeue_unfinished()
            self._files.remove_orphans(*store.file_names())
            self._unannounced = store.tasks_to_announce()
            self._socket = _listening_socket(settings.host, settings.port)
        except BaseException:
            store.close()
            raise
        self._hosts = OwnHosts(settings.host, self._socket.getsockname()[1])
        self._tasks = TaskThread(store, self._files.give_up_reserve)
        self._background = TaskSupervisor(_log_crash)
        self._runner = TaskRunner(
            self._tasks,
            self._files,
            self._slots,
            settings,
            clock,
            self._announce_task,
        )
        self._intake = InputReceiver(self._files, self._room, settings, clock)
        self._calls = Calls(
            self._tasks, self._files, self._intake, self._runner, self._hosts, settings
        )
        self._callbacks = CallbackSender(self._tasks, self._calls, settings, token, clock)
        gate = Gate(self._hosts, token)
        application = ServiceApplication(
            gate, self._calls, self._files, clock, settings.body_timeout_s
        )
        limit = ConnectionLimit(settings.max_connections, settings.max_unproven_connections)
        self._server = _Server(_uvicorn_config(application, limit))

    @property
    def base_url(self) -> str:
        """Base address of the service."""
        return self._hosts.base_url

    def apply_network(self, network: NetworkSettings) -> None:
        """Use these network settings to fetch pictures from now on; from another thread too."""
        self._intake.network = network

    def request_stop(self) -> None:
        """Ask for the end; from a signal handler or another thread too."""
        self._server.should_exit = True

    async def run(self, on_listening: Callable[[], None]) -> None:
        """Serve until :meth:`request_stop`.

        :param on_listening: called once connections are accepted.
        """

        def begin() -> None:
            on_listening()
            self._begin()

        self._server.on_listening = begin
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            await self._background.close()
            self._runner.stop()
            await self._tasks.close()

    def _begin(self) -> None:
        """Start the background work beside the answering of requests."""
        self._runner.start()
        for number, slot in enumerate(self._slots.all):
            self._background.start(self._runner.work(slot), f"worker slot {number}")
        for task_id in self._unannounced:
            self._announce_task(task_id)
        self._background.start(self._warm_up(), "warm up")
        look = asyncio.to_thread(check_models, models_folder(self._settings.data_folder))
        self._background.start(look, "look at models")
        self._background.start(self._sweep(), "sweep")

    def _announce_task(self, task_id: str) -> None:
        if self._settings.callback_url:
            self._background.start(self._callbacks.deliver(task_id), f"callback {task_id}")

    async def _warm_up(self) -> None:
        await self._runner.warm_up()
        await asyncio.to_thread(importlib.import_module, "enhance_gui.transport.open_image")

    async def _sweep(self) -> None:
        while True:
            try:
                await self._sweep_once(self._clock.wall().timestamp())
            except EnhanceError as error:
                _LOG.error("what is old was not removed: %s", error.detail)
            await asyncio.sleep(_SWEEP_INTERVAL_S)

    async def _sweep_once(self, now_s: float) -> None:
        self._room.remove_old_uploads(now_s)
        if self._settings.keep_days is not None:
            kept_s = self._settings.keep_days * _DAY_S
            await self._calls.delete_ended_before(now_s - kept_s)
        await self._tasks.do(self._tasks.store.forget_deleted)


def _slots_for(settings: ServiceSettings) -> JobSlots:
    """Return where the pixel work is done: on this computer, or on a cluster.

    :raises UsageError: the cluster cannot be used.
    """
    if settings.cluster:
        # Loads Dask, which takes a second and need not be installed.
        from enhance_gui.service.work.cluster import cluster_slots

        return cluster_slots(settings)
    processors = processor_count()
    wanted = min(settings.workers, processors)
    workers = workers_within(physical_bytes(), wanted, settings.worker_bytes)
    if workers < settings.workers:
        what = "memory is" if workers < wanted else "processors are"
        _LOG.warning("the %s enough for %d workers, not %d", what, workers, settings.workers)
    return LocalSlots(workers, settings.worker_bytes, processors // workers)


def _log_crash(error: BaseException) -> None:
    _LOG.error("work of the service broke off", exc_info=error)


class _Server(uvicorn.Server):
    """uvicorn, with our signals and our announcement."""

    on_listening: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone: uvicorn would end the process by them, not with code 0."""
        yield


def _uvicorn_config(application: ServiceApplication, limit: ConnectionLimit) -> uvicorn.Config:
    # Its messages quote what strangers send, and its errors are in our log already.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    return uvicorn.Config(
        application,
        loop="asyncio",
        http=cast("type[asyncio.Protocol]", partial(ServiceProtocol, limit=limit)),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
        h11_max_incomplete_event_size=_REQUEST_HEAD_BYTES,
    )


def _listening_socket(host: str, port: int) -> socket.socket:
    """:raises UsageError: the address is not one of this computer, or the port is taken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:  # a name with a part that is too long
        raise UsageError(f"{host} is not an address of this computer") from error
    try:
        if sys.platform == "win32":
            # There, SO_REUSEADDR would let another program take the port over.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise UsageError(f"cannot listen on {host}, port {port}: {error.strerror}") from error
    return listening
