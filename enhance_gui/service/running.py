"""Runs the service: from an open data folder to the last worker's end."""

from __future__ import annotations

import asyncio
import importlib
import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from enhance_gui.core.services.own_models import models_folder
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.service.http.announcing import announce
from enhance_gui.service.http.hosts import OwnHosts
from enhance_gui.service.http.readiness import Readiness
from enhance_gui.service.http.server import HttpServer
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store.task_store import TaskThread
from enhance_gui.service.tasks.cleaning import Cleaner
from enhance_gui.service.tasks.ends import TaskEnds
from enhance_gui.service.tasks.intake import InputReceiver
from enhance_gui.service.work.probes import check_models
from enhance_gui.service.work.runner import TaskRunner

_LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class RunningService:
    """One run of the service, of which :func:`~enhance_gui.service.assembly.open_service` has
    put the parts together."""

    settings: ServiceSettings
    listening: socket.socket
    hosts: OwnHosts
    server: HttpServer
    tasks: TaskThread
    intake: InputReceiver
    runner: TaskRunner
    ends: TaskEnds
    unannounced: Sequence[str]
    """Ids of tasks that ended in an earlier run, and have callbacks left."""
    cleaner: Cleaner
    readiness: Readiness
    background: TaskSupervisor

    def __post_init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drain_asked = asyncio.Event()

    @property
    def base_url(self) -> str:
        """Base address of the service."""
        return self.hosts.base_url

    def apply_network(self, network: NetworkSettings) -> None:
        """Use these network settings to fetch pictures from now on; from another thread too."""
        self.intake.network = network

    def request_drain(self) -> None:
        """Take nothing more, finish what is worked on, then end; asked once more, end at once.

        From a signal handler or another thread too.
        """
        if self._loop is None or self.readiness.is_draining:
            self.request_stop()
            return
        self.readiness.is_draining = True
        self._loop.call_soon_threadsafe(self._drain_asked.set)

    def request_stop(self) -> None:
        """Ask for the end at once; from a signal handler or another thread too."""
        self.server.should_exit = True

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
        self.server.on_listening = begin
        try:
            await self.server.serve(sockets=[self.listening])
        finally:
            await self.background.close()
            self.runner.stop()
            await self.tasks.close()
            _LOG.info("the service has ended")

    def _begin(self) -> None:
        """Start the background work beside the answering of requests."""
        self.runner.start(self.ends.note)
        for number, slot in enumerate(self.runner.slots.all):
            self.background.start(self.runner.work(slot), f"worker slot {number}")
        self.ends.announce(self.unannounced)
        self.background.start(self._warm_up(), "warm up")
        look = asyncio.to_thread(check_models, models_folder(self.settings.data_folder))
        self.background.start(look, "look at models")
        self.background.start(self.cleaner.run(), "clean up")
        self.background.start(self._drain(), "drain")
        https_name = self.hosts.https_name
        if self.settings.announces and https_name is not None:
            # Now: it may be closed before the announcement has loaded what it needs.
            ip, port = self.listening.getsockname()[:2]
            self.background.start(announce(ip, port, https_name), "announcement")

    async def _drain(self) -> None:
        """Once it is asked for, finish what is worked on, and ask for the end."""
        await self._drain_asked.wait()
        limit_s = self.settings.drain_s
        _LOG.info("no further task is taken; what is worked on has %g seconds", limit_s)
        try:
            async with asyncio.timeout(limit_s):
                await self.runner.drain()
        except TimeoutError:
            _LOG.warning("some tasks were not finished in time: the next start does them")
        self.request_stop()

    async def _warm_up(self) -> None:
        await self.runner.warm_up()
        await asyncio.to_thread(importlib.import_module, "enhance_gui.transport.open_image")
