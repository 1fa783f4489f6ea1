"""Makes the workers of services: what they share, and what each has of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.clock import Clock
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.events import Event
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.queue.budgets import Spending
from enhance_gui.jobs.worker.context import Naming, ServiceContext
from enhance_gui.jobs.worker.worker import ServiceWorker, pictures_of
from enhance_gui.storage.system.decoder_marks import WorkMarks
from enhance_gui.storage.task_db.store import TaskStore

PRIOR_MEDIAN_S: Final = 15.0
LOCAL_PRIOR_MEDIAN_S: Final = 1.0
"""What a task is thought to take before any has finished: elsewhere, and on this computer."""


@dataclass(slots=True)
class WorkerFactory:
    """Holds what all workers share, and makes each of them."""

    db: StoreThread[TaskStore]
    clock: Clock
    input_copies: Path
    """Folder for copies of pictures that came by address."""
    spending: Spending
    marks: WorkMarks
    naming: Naming
    publish: Callable[[Event], None]
    on_crash: Callable[[BaseException], None]
    """Gets every error of a worker that is a bug."""
    _taken: set[Path] = field(default_factory=set)
    # Not to be guessed from outside: it spreads the requests of many copies of the program.
    _random: SystemRandom = field(default_factory=SystemRandom)

    async def make(
        self,
        profile: ServiceProfile,
        api: ApiClient,
        token: Secret | None,
        network: NetworkSettings,
    ) -> ServiceWorker:
        """Return the worker of a service; it listens for callbacks and is ready to start."""
        is_local_service = profile.name == LOCAL_SERVICE_NAME
        prior_median_s = LOCAL_PRIOR_MEDIAN_S if is_local_service else PRIOR_MEDIAN_S
        samples = await self.db.do(self.db.store.services.durations, profile.name)
        settings = PollerSettings(
            requests_per_s=profile.requests_per_s,
            max_in_flight=profile.max_in_flight,
            reports_progress=is_local_service,
        )
        durations = DurationModel(samples, prior_median_s=prior_median_s)
        worker = ServiceWorker(
            ServiceContext(
                profile=profile,
                api=api,
                pictures=pictures_of(profile, network),
                poller=Poller(settings, durations, self._random),
                db=self.db,
                clock=self.clock,
                owner=TaskSupervisor(self.on_crash),
                publish=self.publish,
                taken=self._taken,
                input_copies=self.input_copies,
                spending=self.spending,
                marks=self.marks,
                naming=self.naming,
            )
        )
        try:
            await worker.callbacks.open(token)
        # Cancelled or failed: what the worker has opened by then is closed.
        except BaseException:
            await worker.close(0)
            raise
        return worker
