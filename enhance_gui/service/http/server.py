"""Runs the service: puts its parts together, listens, announces itself, ends cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import UsageError
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.own_models import models_folder
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.service.engine import Verdict, WorkResult
from enhance_gui.service.http.announcing import announce
from enhance_gui.service.http.application import ServiceApplication
from enhance_gui.service.http.connections import ConnectionLimit, Handshake, ServiceProtocol
from enhance_gui.service.http.gate import Gate
from enhance_gui.service.http.hosts import OwnHosts
from enhance_gui.service.http.metrics import Tally
from enhance_gui.service.http.operators import OperatorPages
from enhance_gui.service.http.proxies import Proxies
from enhance_gui.service.http.readiness import Readiness
from enhance_gui.service.settings import ServiceSettings, processor_count
from enhance_gui.service.store.file_store import FileStore, disk_errors
from enhance_gui.service.store.task_store import StoredTask, TaskThread, open_task_store
from enhance_gui.service.tasks.callbacks import CallbackSender
from enhance_gui.service.tasks.calls import Calls
from enhance_gui.service.tasks.cleaning import Cleaner
from enhance_gui.service.tasks.intake import InputReceiver
from enhance_gui.service.tasks.partial_uploads import PartialUploads
from enhance_gui.service.tasks.room import StorageRoom
from enhance_gui.service.users import Users
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
_HANDSHAKE_S: Final = 10.0
_MakeProtocol = Callable[[], asyncio.Protocol]


class RunningService:
    """One run of the service, from an open database to the last worker's end."""

    def __init__(
        self, settings: ServiceSettings, token: Secret, clock: Clock | None = None
    ) -> None:
        """Take hold of the data folder and of the port.

        :raises EnhanceError: the data folder cannot be used, or another service uses it.
        :raises UsageError: the address cannot be listened on, the certificate not be used, or the
            file of users has a mistake.
        """
        self._settings = settings
        self._clock = clock or Clock()
        clock = self._clock
        tls = _tls_context(settings.tls_certificate, settings.tls_key)
        users = Users(token, settings.users_file, clock)
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
        self._hosts = OwnHosts(
            settings.host,
            self._socket.getsockname()[1],
            has_tls=tls is not None,
            public_url=settings.public_url,
        )
        self._tasks = TaskThread(store, self._files.give_up_reserve)
        self._background = TaskSupervisor(_log_crash)
        self._runner = TaskRunner(
            self._tasks,
            self._files,
            self._slots,
            settings,
            clock,
            self._note_end,
        )
        self._intake = InputReceiver(self._files, self._room, settings, clock)
        uploads = PartialUploads(self._files, self._room, settings, clock)
        self._calls = Calls(
            self._tasks,
            self._files,
            self._intake,
            uploads,
            self._runner,
            self._hosts,
            settings,
            clock,
        )
        self._callbacks = CallbackSender(self._tasks, self._calls, settings, token, clock)
        self._cleaner = Cleaner(self._tasks, self._files, self._room, self._calls, settings, clock)
        self._tally = Tally()
        self._readiness = Readiness(self._room, lambda: self._slots.room)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drain_asked = asyncio.Event()
        proxies = Proxies(settings.proxies)
        application = ServiceApplication(
            Gate(self._hosts, users),
            proxies,
            self._calls,
            self._files,
            OperatorPages(self._readiness, self._tally, self._tasks, self._runner, self._room),
            clock,
            settings.body_timeout_s,
        )
        limit = ConnectionLimit(
            settings.max_connections, settings.max_unproven_connections, proxies
        )
        handshake = None
        if tls is not None:
            handshake = partial(
                Handshake, tls=tls, limit_s=_HANDSHAKE_S, limit=limit, background=self._background
            )
        self._server = _Server(_uvicorn_config(application, limit), handshake)

    @property
    def base_url(self) -> str:
        """Base address of the service."""
        return self._hosts.base_url

    def apply_network(self, network: NetworkSettings) -> None:
        """Use these network settings to fetch pictures from now on; from another thread too."""
        self._intake.network = network

    def request_drain(self) -> None:
        """Take nothing more, finish what is worked on, then end; asked once more, end at once.

        From a signal handler or another thread too.
        """
        if self._loop is None or self._readiness.is_draining:
            self.request_stop()
            return
        self._readiness.is_draining = True
        self._loop.call_soon_threadsafe(self._drain_asked.set)

    def request_stop(self) -> None:
        """Ask for the end at once; from a signal handler or another thread too."""
        self._server.should_exit = True

    async def run(self, on_listening: Callable[[], None]) -> None:
        """Serve until :meth:`request_drain` or :meth:`request_stop`.

        What is worked on at the end goes back into the queue: the next run does it.

        :param on_listening: called once connections are accepted.
        """

        def begin() -> None:
            _LOG.info("the service listens at %s", self.base_url)
            on_listening()
            self._begin()

        self._loop = asyncio.get_running_loop()
        self._server.on_listening = begin
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            await self._background.close()
            self._runner.stop()
            await self._tasks.close()
            _LOG.info("the service has ended")

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
        self._background.start(self._cleaner.run(), "clean up")
        self._background.start(self._drain(), "drain")
        https_name = self._https_name()
        if self._settings.announces and https_name is not None:
            # Asked for at once: a service that is told to end soon has no socket by then.
            ip, port = self._socket.getsockname()[:2]
            self._background.start(announce(ip, port, https_name), "announcement")

    def _https_name(self) -> str | None:
        """Return by which name others reach it with TLS.

        Empty: it speaks plain HTTP; ``None``: TLS, and nobody has said which name is certified, or
        it answers to that at another port, as that of a proxy.
        """
        settings = self._settings
        if settings.tls_certificate is None:
            return ""
        name = urlsplit(settings.public_url).hostname or ""
        port = self._socket.getsockname()[1]
        return name if self._hosts.accepts(f"{name}:{port}") else None

    async def _drain(self) -> None:
        """Once it is asked for, finish what is worked on, and ask for the end."""
        await self._drain_asked.wait()
        limit_s = self._settings.drain_s
        _LOG.info("no further task is taken; what is worked on has %g seconds", limit_s)
        try:
            async with asyncio.timeout(limit_s):
                await self._runner.drain()
        except TimeoutError:
            _LOG.warning("some tasks were not finished in time: the next start does them")
        self.request_stop()

    def _note_end(self, task: StoredTask, outcome: WorkResult | Verdict, took_s: float) -> None:
        ended = "finished" if isinstance(outcome, WorkResult) else "failed"
        self._tally.note_end(task.type_id, ended, took_s)
        _LOG.info(
            "task %s %s after %.1f s",
            task.task_id,
            ended,
            took_s,
            extra={
                "task": task.task_id,
                "type": task.type_id,
                "outcome": ended,
                "took_s": round(took_s, 3),
            },
        )
        self._announce_task(task.task_id)

    def _announce_task(self, task_id: str) -> None:
        if self._settings.callback_url:
            self._background.start(self._callbacks.deliver(task_id), f"callback {task_id}")

    async def _warm_up(self) -> None:
        await self._runner.warm_up()
        await asyncio.to_thread(importlib.import_module, "enhance_gui.transport.open_image")


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

    def __init__(
        self, config: uvicorn.Config, handshake: Callable[[_MakeProtocol], Handshake] | None
    ) -> None:
        """:param handshake: begins one, after which the protocol is made; ``None``: no TLS."""
        super().__init__(config)
        self._handshake = handshake

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([] if self._handshake else sockets)
        if self._handshake is not None:
            # As uvicorn does it, but that a connection counts before TLS is agreed on.
            for each in sockets or []:
                self.servers.append(await self._listen(each, self._handshake))
        self.on_listening()

    async def _listen(
        self, listening: socket.socket, handshake: Callable[[_MakeProtocol], Handshake]
    ) -> asyncio.Server:
        protocol = cast("type[H11Protocol]", self.config.http_protocol_class)
        make_protocol = partial(protocol, self.config, self.server_state, {})
        return await asyncio.get_running_loop().create_server(
            partial(handshake, make_protocol), sock=listening, backlog=self.config.backlog
        )

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


def _tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return what connections are encrypted with; ``None``: nothing.

    :raises UsageError: certificate or key cannot be read, or do not belong together.
    """
    if certificate is None:
        if key is not None:
            raise UsageError("a key was given without its certificate")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # An encrypted key is refused: asked for a password, a service would wait for ever.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise UsageError(f"the certificate or its key cannot be used: {reason}") from error
    return context


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
