"""The workers of services: opened when first needed, renewed, held, and closed together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError, ProfileInvalid
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.storage_errors import LIST_UNSAFE, KeyringProblem
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.explanations import PAUSED
from enhance_gui.core.text.i18n import N_
from enhance_gui.jobs.barrier import failure_of
from enhance_gui.jobs.events import ServiceStatus, ServiceStatusChanged, TaskChanged
from enhance_gui.jobs.local_service.supervisor import LocalServiceSupervisor
from enhance_gui.jobs.queue.worker_factory import WorkerFactory
from enhance_gui.jobs.services.network import NetworkProvider
from enhance_gui.jobs.worker.context import Shared
from enhance_gui.jobs.worker.worker import ServiceWorker

_log = logging.getLogger(__name__)

CLOSE_GRACE_S: Final = 1.5
"""What a request on its way gets to be answered when the program ends."""

PAUSED_BY_USER: Final = Failure(PAUSED, Detail("you paused sending"))
"""Why nothing is sent where the user wants it so."""

ENDING: Final = Failure(PAUSED, Detail("the program is ending"))
"""Why nothing is sent any more while the last answers come in."""

_MOVED: Final = N_(
    "differs from {address}, where tasks of a service of this name are unfinished: "
    "finish them first"
)


class WorkerPool:
    """Opens, renews, pauses and closes the worker of each service that is in use."""

    def __init__(
        self,
        shared: Shared,
        service_data: Path,
        token_of: Callable[[ServiceProfile], Awaitable[Secret | None]],
        network_provider: NetworkProvider,
    ) -> None:
        """
        :param service_data: folder of the local service.
        :param token_of: gives the token of a service.
        :param network_provider: how services and picture hosts are reached.
        """
        self._shared = shared
        self._db = shared.db
        self._publish = shared.publish
        self._network_provider = network_provider
        self._workers: dict[str, ServiceWorker] = {}
        self._without_token: set[str] = set()
        """Services whose worker only checks pictures until it is given its token."""
        self._unusable: set[str] = set()
        """Services that were published as paused, since they could not be used."""
        self._opening: dict[str, asyncio.Lock] = {}
        self._visible: frozenset[int] = frozenset()
        self._paused = False
        self._closing = False
        self._supervisor = TaskSupervisor(shared.on_crash)
        self._local_service = LocalServiceSupervisor(
            service_data, shared.clock, self._supervisor, network_provider, self._local_worker
        )
        self._factory = WorkerFactory(shared, token_of, network_provider, self._local_service)

    def get(self, service: str) -> ServiceWorker | None:
        """Return the worker of a service, where it is open."""
        return self._workers.get(service)

    async def worker_for(self, profile: ServiceProfile) -> ServiceWorker:
        """Return the worker of a service, opened if need be.

        :raises TokenMissing: the service needs a token and there is none.
        :raises KeyringProblem: it, or the proxy's login, cannot be read.
        :raises ServiceError: the local service could not be started.
        """
        name, token = profile.name, None
        if not self._may_send(name):
            # Before the lock: pictures are checked while the password manager keeps it back.
            token = await self._factory.token_for(profile)
        async with self._opening.setdefault(name, asyncio.Lock()):
            worker = self._workers.get(name)
            if worker is None:
                worker = await self._opened(profile, token)
            elif not self._may_send(name):
                await self._renew(worker, profile, token)
            if name in self._unusable:
                self._unusable.discard(name)
                worker.context.announce_anew()
        return worker

    def _may_send(self, service: str) -> bool:
        return service in self._workers and service not in self._without_token

    async def _checking_worker(self, profile: ServiceProfile) -> ServiceWorker:
        """Return the worker of a service; one that is opened for this has no token yet.

        :raises EnhanceError: as :meth:`worker_for` does, but for the token.
        """
        async with self._opening.setdefault(profile.name, asyncio.Lock()):
            worker = self._workers.get(profile.name)
            if worker is None:
                if not profile.needs_token or profile.name == LOCAL_SERVICE_NAME:
                    return await self._opened(profile, await self._factory.token_for(profile))
                worker = await self._opened(profile, None)
                self._without_token.add(profile.name)
        return worker

    async def _opened(self, profile: ServiceProfile, token: Secret | None) -> ServiceWorker:
        worker = await self._factory.open(profile, token)
        self._workers[profile.name] = worker
        worker.context.poller.set_visible(self._visible)
        if self._paused:
            _hold(worker)
        worker.start()
        return worker

    def _local_worker(self) -> ServiceWorker | None:
        """Return the worker of the local service, unless all are being closed."""
        return None if self._closing else self._workers.get(LOCAL_SERVICE_NAME)

    async def work_on(self, profile: ServiceProfile, tasks: Sequence[Task]) -> None:
        """Work on stored tasks of one service; of drafts the pictures are checked, no more.

        That it cannot be reached is published after the tasks: who mends it knows all that wait.
        """
        only_checks = bool(tasks) and all(task.state is TaskState.DRAFT for task in tasks)
        open_worker = self._checking_worker if only_checks else self.worker_for
        try:
            worker = await open_worker(profile)
        except LIST_UNSAFE:
            raise
        # A service for which no worker can be opened must not keep others from theirs.
        except Exception as error:  # noqa: BLE001
            if not isinstance(error, EnhanceError):
                _log.exception("%s: met a fault", profile.name)
            failure = failure_of(error)
            for task in await self._now(tasks):
                waiting = replace(task, failure=task.failure or failure)
                self._publish(TaskChanged(waiting, suspended=True))
            self._unusable.add(profile.name)
            self._publish(ServiceStatusChanged(profile.name, ServiceStatus.PAUSED, failure))
            return
        # It may have gone on with a task since that was read; after this nothing comes between.
        worker.take(await self._now(tasks))

    async def _now(self, tasks: Sequence[Task]) -> list[Task]:
        """Return tasks as they stand by now."""
        return await self._db.do(self._db.store.tasks.of, [task.id for task in tasks])

    # -- where services are ------------------------------------------------------------------------

    async def profile(self, service: str) -> ServiceProfile | None:
        """Return the profile under which stored tasks were sent."""
        return await self._db.do(self._db.store.services.profile, service)

    async def moved_from(self, profile: ServiceProfile) -> str | None:
        """Return the other address at which a service was used so far; ``None``: it has not moved.

        The local service is at another one at each start.
        """
        if profile.name == LOCAL_SERVICE_NAME:
            return None
        known = await self.profile(profile.name)
        return None if known is None or known.base_url == profile.base_url else known.base_url

    async def refuse_moved(self, profile: ServiceProfile, *, may_idle: bool = False) -> None:
        """See that new tasks may go where a profile leads.

        :param may_idle: whether a worker that goes by the earlier one may be open, without tasks.
        :raises ProfileInvalid: another service of its name is at work, or still has tasks of ours.
        """
        if (before := await self.moved_from(profile)) is None:
            return
        has_sent = await self._db.do(self._db.store.services.has_sent, profile.name)
        # Looked at last: work may begin while the list is read.
        worker = self._workers.get(profile.name)
        is_at_work = worker is not None and (bool(worker.context.tasks) or not may_idle)
        if has_sent or is_at_work:
            raise ProfileInvalid(profile.name, "base_url", Detail(_MOVED, address=before))

    async def remember(self, profile: ServiceProfile) -> None:
        """Keep the profile with the tasks.

        :raises ProfileInvalid: another service of this name still has tasks of ours; its tasks,
            and its token, must not go to the new address.
        """
        await self.refuse_moved(profile)
        await self._db.do(self._db.store.services.remember, profile)

    async def follow(self, profile: ServiceProfile) -> None:
        """Go by the profile of a later start, where a worker still goes by another one.

        :raises KeyringProblem: its token cannot be read; nothing has changed.
        :raises ProfileInvalid: it has moved; nothing has changed.
        """
        if profile.name == LOCAL_SERVICE_NAME:
            return
        async with self._opening.setdefault(profile.name, asyncio.Lock()):
            worker = self._workers.get(profile.name)
            if worker is not None and worker.context.profile != profile:
                await self._renew(worker, profile, await self._factory.token_of(profile))

    async def renew(self, profile: ServiceProfile) -> None:
        """Go by a service's changed profile or token from now on, not for what is on its way.

        :raises KeyringProblem: its token cannot be read; nothing has changed.
        :raises ProfileInvalid: it has moved, and tasks of ours are unfinished where it was;
            nothing has changed.
        """
        if await self.profile(profile.name) is None:
            return  # no picture has gone there yet
        async with self._opening.setdefault(profile.name, asyncio.Lock()):
            if (worker := self._workers.get(profile.name)) is not None:
                await self._renew(worker, profile, await self._factory.token_of(profile))
            else:
                await self.remember(profile)

    async def rename(self, before: str, profile: ServiceProfile) -> None:
        """Have the ended tasks of a service go by its new name, where its token is from now on.

        While tasks of the earlier name are unfinished all of them keep it, and the work goes on.

        :raises EnhanceError: as for :meth:`renew`; no task has been renamed.
        """
        await self.renew(profile)
        for task in await self._db.do(self._db.store.services.rename, before, profile):
            self._publish(TaskChanged(task, suspended=True))

    async def _renew(
        self, worker: ServiceWorker, profile: ServiceProfile, token: Secret | None
    ) -> None:
        refuse_moved = partial(self.refuse_moved, profile, may_idle=True)
        await self._factory.renew(worker, profile, token, refuse_moved)
        if token is not None or not profile.needs_token:
            self._without_token.discard(profile.name)

    # -- how they are reached ----------------------------------------------------------------------

    async def apply_network(self, network: NetworkSettings) -> None:
        """Reach services and picture hosts by other network settings from now on.

        :raises KeyringProblem: the proxy's login cannot be read; the proxy is gone through all the
            same, since to go around it would show others what it hides.
        """
        chosen = self._network_provider.choose(network)
        problem, complete = None, network
        try:
            complete = await self._network_provider.with_login(network)
        except KeyringProblem as error:
            problem = error
        if self._network_provider.chosen is chosen:  # not anew while the password manager was asked
            for worker in self._workers.values():
                worker.apply_network(complete)
            self._local_service.apply_network(complete)
        if problem is not None:
            raise problem

    # -- the user's choices ------------------------------------------------------------------------

    def set_visible(self, task_ids: Collection[int]) -> None:
        """Poll first the tasks that a person is looking at, where requests are short."""
        self._visible = frozenset(task_ids)
        for worker in self._workers.values():
            worker.context.poller.set_visible(task_ids)
            worker.context.notifier.notify_all()

    async def unpause_service(self, service: str) -> None:
        """Send again to a service that had paused.

        :raises ServiceError: the local service had ended and does not start.
        """
        if (worker := self._workers.get(service)) is None:
            return
        if service == LOCAL_SERVICE_NAME:
            await self._local_service.restart(worker)
        worker.resume()
        if self._paused:
            _hold(worker)

    def suspend(self, service: str) -> None:
        """Wait no longer for a service that stays out of reach: its tasks are kept as they are."""
        if (worker := self._workers.get(service)) is not None:
            worker.context.suspend_all()

    def why_paused(self, service: str) -> Failure | None:
        """Return why nothing is sent to a service; ``None``: it is, or the program is ending."""
        worker = self._workers.get(service)
        paused = None if worker is None else worker.context.paused
        return None if paused == ENDING else paused

    async def pause(self) -> None:
        """Send nothing, as the user wants; what is accepted is still polled and fetched.

        It holds over the end of the program: see :meth:`pause_as_before`.
        """
        self._hold_all()
        await self._db.do(self._db.store.batches.set_paused, True)

    async def pause_as_before(self) -> bool:
        """Send nothing where the user had paused when the program ended; return whether so."""
        paused = await self._db.do(self._db.store.batches.is_paused)
        if paused:
            self._hold_all()
        return paused

    async def unpause(self) -> None:
        """Send again, as the user wants; a service that paused by itself stays paused."""
        await self._db.do(self._db.store.batches.set_paused, False)
        self._paused = False
        for worker in self._workers.values():
            if worker.context.paused == PAUSED_BY_USER:
                worker.resume()

    def _hold_all(self) -> None:
        self._paused = True
        for worker in self._workers.values():
            _hold(worker)

    def stop_sending(self) -> None:
        """Begin no further request that is paid for: the end of the program has come."""
        for worker in self._workers.values():
            worker.context.paused = ENDING

    async def close(self) -> None:
        """Stop everything, in order: workers, what watches over them, the local service."""
        self._closing = True
        self.stop_sending()
        await asyncio.gather(*(worker.close(CLOSE_GRACE_S) for worker in self._workers.values()))
        await self._supervisor.close()
        await self._local_service.stop()


def _hold(worker: ServiceWorker) -> None:
    if worker.context.paused is None:
        worker.context.pause(PAUSED_BY_USER)
