"""Opens the workers of services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import SystemRandom
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.errors import TokenMissing
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.jobs.events import ServiceStatus, ServiceStatusChanged
from enhance_gui.jobs.local_service.supervisor import LocalServiceSupervisor
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.services.network import NetworkProvider
from enhance_gui.jobs.worker.context import ServiceContext, Shared
from enhance_gui.jobs.worker.worker import ServiceWorker, pictures_of

PRIOR_MEDIAN_S: Final = 15.0
LOCAL_PRIOR_MEDIAN_S: Final = 1.0
"""What a task is thought to take before any has finished: elsewhere, and on this computer."""


# Not to be guessed from outside: it spreads the requests of many copies of the program.
_RANDOM: Final = SystemRandom()


class WorkerFactory:
    """Opens workers: finds the token, starts the local service, knows how both are reached."""

    def __init__(
        self,
        shared: Shared,
        token_of: Callable[[ServiceProfile], Awaitable[Secret | None]],
        network_provider: NetworkProvider,
        local_service: LocalServiceSupervisor,
    ) -> None:
        self._shared = shared
        self.token_of = token_of
        """Gives the token of a service; ``None``: there is none."""
        self._network_provider = network_provider
        self._local_service = local_service

    async def token_for(self, profile: ServiceProfile) -> Secret | None:
        """Return the token of a service.

        :raises TokenMissing: the service needs a token and there is none.
        :raises KeyringProblem: it cannot be read.
        """
        if profile.name == LOCAL_SERVICE_NAME:
            return None  # it has one of its own at each start
        token = await self.token_of(profile)
        if token is None and profile.needs_token:
            raise TokenMissing("“{service}” needs a token and none is set", service=profile.name)
        return token

    async def open(self, profile: ServiceProfile, token: Secret | None) -> ServiceWorker:
        """Return the worker of a service, ready to start.

        :raises KeyringProblem: the proxy's login cannot be read.
        :raises ServiceError: the local service could not be started.
        """
        chosen = self._network_provider.chosen
        network = await self._network_provider.for_service(profile.name)
        worker = await self._made(profile, token, network)
        if self._network_provider.chosen is chosen:
            return worker
        try:  # it was chosen anew meanwhile
            worker.apply_network(await self._network_provider.for_service(profile.name))
        # Cancelled or failed: nobody else knows of the worker yet.
        except BaseException:
            await worker.close(0)
            raise
        return worker

    async def renew(
        self,
        worker: ServiceWorker,
        profile: ServiceProfile,
        token: Secret | None,
        refuse_moved: Callable[[], Awaitable[None]],
    ) -> None:
        """Have a worker go by another profile or token.

        :param refuse_moved: raises where the service has moved and tasks are unfinished there.
        """
        while True:
            chosen = self._network_provider.chosen
            network = await self._network_provider.for_service(profile.name)
            await refuse_moved()
            # The list first: whoever asks it learns that a number belongs to the earlier address
            # before anything goes to the new one.
            await self._shared.db.do(self._shared.db.store.services.remember, profile)
            if self._network_provider.chosen is chosen:  # and nothing comes between
                break
        api = ApiClient(profile, token, settings=network)
        worker.renew(profile, api, pictures_of(profile, network))
        await worker.callbacks.listen(token)

    async def _made(
        self, profile: ServiceProfile, token: Secret | None, network: NetworkSettings
    ) -> ServiceWorker:
        if profile.name == LOCAL_SERVICE_NAME:
            self._shared.publish(ServiceStatusChanged(profile.name, ServiceStatus.STARTING))
            service = await self._local_service.start(network)
            profile = replace(profile, base_url=service.base_url)
            token = service.token
            api = ApiClient(profile, token)
            self._shared.publish(ServiceStatusChanged(profile.name, ServiceStatus.READY))
        else:
            api = ApiClient(profile, token, settings=network)
        return await _make_worker(self._shared, profile, api, token, network)


async def _make_worker(
    shared: Shared,
    profile: ServiceProfile,
    api: ApiClient,
    token: Secret | None,
    network: NetworkSettings,
) -> ServiceWorker:
    """Return a worker that listens for callbacks and is ready to start."""
    is_local_service = profile.name == LOCAL_SERVICE_NAME
    prior_median_s = LOCAL_PRIOR_MEDIAN_S if is_local_service else PRIOR_MEDIAN_S
    samples = await shared.db.do(shared.db.store.services.durations, profile.name)
    settings = PollerSettings(
        requests_per_s=profile.requests_per_s,
        max_in_flight=profile.max_in_flight,
        reports_progress=is_local_service,
        asking_is_free=is_local_service,
    )
    durations = DurationModel(samples, prior_median_s=prior_median_s)
    worker = ServiceWorker(
        ServiceContext(
            shared,
            profile,
            api,
            pictures=pictures_of(profile, network),
            poller=Poller(settings, durations, _RANDOM),
            owner=TaskSupervisor(shared.on_crash),
        )
    )
    try:
        await worker.callbacks.open(token)
    # Cancelled or failed: what the worker has opened by then is closed.
    except BaseException:
        await worker.close(0)
        raise
    return worker
