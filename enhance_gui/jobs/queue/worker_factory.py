"""Makes the worker of a service."""

from __future__ import annotations

from random import SystemRandom
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.worker.context import ServiceContext, Shared
from enhance_gui.jobs.worker.worker import ServiceWorker, pictures_of

PRIOR_MEDIAN_S: Final = 15.0
LOCAL_PRIOR_MEDIAN_S: Final = 1.0
"""What a task is thought to take before any has finished: elsewhere, and on this computer."""


# Not to be guessed from outside: it spreads the requests of many copies of the program.
_RANDOM: Final = SystemRandom()


async def make_worker(
    shared: Shared,
    profile: ServiceProfile,
    api: ApiClient,
    token: Secret | None,
    network: NetworkSettings,
) -> ServiceWorker:
    """Return the worker of a service; it listens for callbacks and is ready to start."""
    is_local_service = profile.name == LOCAL_SERVICE_NAME
    prior_median_s = LOCAL_PRIOR_MEDIAN_S if is_local_service else PRIOR_MEDIAN_S
    samples = await shared.db.do(shared.db.store.services.durations, profile.name)
    settings = PollerSettings(
        requests_per_s=profile.requests_per_s,
        max_in_flight=profile.max_in_flight,
        reports_progress=is_local_service,
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
