"""Keeps the local service running: the child is started anew where it ends by itself.

With each start it gets another address and another token; its worker goes on with these.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.clock import Clock
from enhance_gui.core.service_errors import SERVICE_DID_NOT_START
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.task import Failure
from enhance_gui.jobs.barrier import failure_of
from enhance_gui.jobs.local_service.process import LocalService, service_command
from enhance_gui.jobs.services.network import NetworkProvider
from enhance_gui.jobs.worker.worker import ServiceWorker

_log = logging.getLogger(__name__)

RESTARTS: Final = 3
"""How often the local service is started anew in one run before the program gives up."""

STEADY_S: Final = 60.0
"""A local service that ran this long has earned its restarts back."""


class LocalServiceSupervisor:
    """Keeps the local service running, from its first start to the end of the program."""

    def __init__(
        self,
        data: Path,
        clock: Clock,
        owner: TaskSupervisor,
        network_provider: NetworkProvider,
        worker: Callable[[], ServiceWorker | None],
    ) -> None:
        """
        :param data: folder of the service's own files.
        :param owner: supervises what watches the child; closed before :meth:`stop`.
        :param network_provider: how the service is to fetch pictures.
        :param worker: gives the worker of the service; ``None`` where a child that has ended is not
            wanted any more.
        """
        self._data = data
        self._clock = clock
        self._supervisor = owner
        self._network_provider = network_provider
        self._worker = worker
        self._local_service: LocalService | None = None
        self._local_service_ended = False
        self._starting_again = asyncio.Lock()

    async def start(self, network: NetworkSettings) -> LocalService:
        """Start the service, and keep it running.

        :param network: how it is to fetch pictures.
        :raises ServiceError: it could not be started.
        """
        service = await self._start_child(network)
        self._supervisor.start(self._watch(service), "local service: end")
        return service

    async def restart(self, worker: ServiceWorker) -> None:
        """Start the service once more, where it ended so often that nobody does so any more.

        :raises ServiceError: it could not be started.
        """
        # Of two requests at once, the second finds it running.
        async with self._starting_again:
            if self._local_service_ended:
                started = await self._restart(worker)
                self._local_service_ended = False
                self._supervisor.start(self._watch(started), "local service: end")

    def apply_network(self, network: NetworkSettings) -> None:
        """Have the service use other network settings from now on, where it runs."""
        if self._local_service is not None:
            self._local_service.apply_network(network)

    async def stop(self) -> None:
        """End the service, where it was started."""
        if self._local_service is not None:
            await self._local_service.stop()

    async def _start_child(self, network: NetworkSettings) -> LocalService:
        """:raises ServiceError: it could not be started."""
        chosen = self._network_provider.chosen
        command = service_command(self._data)
        self._local_service = service = await LocalService.start(command, self._supervisor, network)
        if (
            self._network_provider.chosen is not chosen
        ):  # it was chosen anew before there was a child to send it to
            service.apply_network(await self._network_provider.for_service(LOCAL_SERVICE_NAME))
        return service

    async def _watch(self, service: LocalService) -> None:
        """Start the local service anew where it ends by itself."""
        restarts = 0
        while True:
            started_s = self._clock.now_s()
            last_text = await service.ended()
            if self._clock.now_s() - started_s > STEADY_S:
                restarts = 0
            worker = self._worker()
            if worker is None:
                return
            _log.warning("the service of this computer ended: %s", last_text)
            restarts += 1
            failure = Failure(SERVICE_DID_NOT_START, last_text)
            if restarts <= RESTARTS:
                try:
                    service = await self._restart(worker)
                    continue
                # Whatever keeps it from starting, the service pauses and the program goes on.
                except Exception as error:  # noqa: BLE001
                    _log.warning("it does not start again", exc_info=error)
                    failure = failure_of(error)
            self._local_service_ended = True
            worker.context.pause(failure)
            worker.context.suspend_all()
            return

    async def _restart(self, worker: ServiceWorker) -> LocalService:
        """:raises ServiceError: it could not be started."""
        service = await self._start_child(
            await self._network_provider.for_service(LOCAL_SERVICE_NAME)
        )
        profile = replace(worker.context.profile, base_url=service.base_url)
        await worker.reconnect(profile, ApiClient(profile, service.token))
        return service
