"""The lines to services: opened when first needed, renewed, held, and closed together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import KeyringProblem, ProfileInvalid, TokenMissing
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.barrier import STEADY_S, keep_running
from enhance_gui.jobs.events import PAUSED, Event, ServiceStatus, ServiceStatusChanged
from enhance_gui.jobs.local_service.supervisor import LocalServiceSupervisor
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.queue.budgets import Spending
from enhance_gui.jobs.services.network import NetworkProvider
from enhance_gui.jobs.worker.context import Naming, ServiceContext
from enhance_gui.jobs.worker.worker import ENDING, ServiceWorker, pictures_of
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.system.decoder_marks import WorkMarks
from enhance_gui.storage.task_db.store import TaskStore

CLOSE_GRACE_S: Final = 1.5
"""What a request on its way gets to be answered when the program ends."""

PRIOR_MEDIAN_S: Final = 15.0
LOCAL_PRIOR_MEDIAN_S: Final = 1.0
"""What a task is thought to take before any has finished: elsewhere, and on this computer."""

HEARTBEAT_S: Final = 5.0
ASLEEP_S: Final = 30.0
"""A heartbeat later than this means that the computer has slept."""

PAUSED_BY_USER: Final = Failure(PAUSED, "you paused sending")
"""Why nothing is sent where the user wants it so."""


class WorkerPool:
    """The line to each service that is in use, and what all of them go by."""

    def __init__(
        self,
        db: StoreThread[TaskStore],
        clock: Clock,
        folders: Folders,
        token_of: Callable[[ServiceProfile], Awaitable[Secret | None]],
        network_provider: NetworkProvider,
        spending: Spending,
        naming: Naming,
        publish: Callable[[Event], None],
        on_crash: Callable[[BaseException], None],
    ) -> None:
        """
        :param folders: where the bundled service and copies of inputs lie.
        :param token_of: gives the token of a service.
        :param network_provider: how services and picture hosts are reached.
        :param spending: the user's limits.
        :param naming: how results are named.
        :param publish: tells an event to those who listen.
        :param on_crash: told of every error of a line that is a bug.
        """
        self._db = db
        self._clock = clock
        # Not to be guessed from outside: it spreads the requests of many copies of the program.
        self._random = SystemRandom()
        self._input_copies = folders.input_copies
        self._marks = WorkMarks(folders.work_marks)
        self._token_of = token_of
        self._network_provider = network_provider
        self._spending = spending
        self._naming = naming
        self._publish = publish
        self._on_crash = on_crash
        self._pool: dict[str, ServiceWorker] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._taken: set[Path] = set()
        self._visible: frozenset[int] = frozenset()
        self._paused = False
        self._closing = False
        self._supervisor = TaskSupervisor(on_crash)
        self._local_service = LocalServiceSupervisor(
            folders.service_data, clock, self._supervisor, network_provider, self._local_worker
        )
        beating = keep_running(self._heartbeat, clock, "heartbeat", self._rest)
        self._supervisor.start(beating, "heartbeat")

    def get(self, service: str) -> ServiceWorker | None:
        """Return the line to a service, where it is open."""
        return self._pool.get(service)

    async def worker_for(self, profile: ServiceProfile) -> ServiceWorker:
        """Return the line to a service, opened if need be.

        :raises TokenMissing: the service needs a token and there is none.
        :raises KeyringProblem: it, or the proxy's login, cannot be read.
        :raises ServiceDidNotStart: the bundled service could not be started.
        """
        async with self._opening.setdefault(profile.name, asyncio.Lock()):
            context = self._pool.get(profile.name)
            if context is None:
                context = await self._open(profile)
                self._pool[profile.name] = context
                context.set_visible(self._visible)
                if self._paused:
                    self._hold(context)
                context.start()
        return context

    async def _open(self, profile: ServiceProfile) -> ServiceWorker:
        chosen = self._network_provider.chosen
        context = await self._opened(
            profile, await self._network_provider.for_service(profile.name)
        )
        if self._network_provider.chosen is chosen:
            return context
        try:  # it was chosen anew meanwhile
            context.apply_network(await self._network_provider.for_service(profile.name))
        # Cancelled or failed: nobody else knows of the line yet.
        except BaseException:
            await context.close(0)
            raise
        return context

    async def _opened(self, profile: ServiceProfile, network: NetworkSettings) -> ServiceWorker:
        prior_median_s = PRIOR_MEDIAN_S
        if profile.name == LOCAL_SERVICE_NAME:
            self._publish(ServiceStatusChanged(profile.name, ServiceStatus.STARTING))
            service = await self._local_service.start(network)
            profile = replace(profile, base_url=service.base_url)
            token: Secret | None = service.token
            api = ApiClient(profile, token)
            prior_median_s = LOCAL_PRIOR_MEDIAN_S
            self._publish(ServiceStatusChanged(profile.name, ServiceStatus.READY))
        else:
            token = await self._token_of(profile)
            if token is None and profile.needs_token:
                raise TokenMissing(f"“{profile.name}” needs a token and none is set")
            api = ApiClient(profile, token, settings=network)
        samples = await self._db.do(self._db.store.durations, profile.name)
        settings = PollerSettings(
            requests_per_s=profile.requests_per_s,
            max_in_flight=profile.max_in_flight,
            prior_median_s=prior_median_s,
            reports_progress=profile.name == LOCAL_SERVICE_NAME,
        )
        context = ServiceWorker(
            ServiceContext(
                profile=profile,
                api=api,
                pictures=pictures_of(profile, network),
                poller=Poller(
                    settings, DurationModel(samples, prior_median_s=prior_median_s), self._random
                ),
                db=self._db,
                clock=self._clock,
                owner=TaskSupervisor(self._on_crash),
                publish=self._publish,
                taken=self._taken,
                input_copies=self._input_copies,
                spending=self._spending,
                marks=self._marks,
                naming=self._naming,
            )
        )
        try:
            await context.open(token)
        # Cancelled or failed: what the line has opened by then is closed.
        except BaseException:
            await context.close(0)
            raise
        return context

    def _local_worker(self) -> ServiceWorker | None:
        """Return the line to the service of this computer, unless all are being closed."""
        return None if self._closing else self._pool.get(LOCAL_SERVICE_NAME)

    async def _heartbeat(self) -> None:
        """Notice that the computer has slept: its timers stood still, its clock did not."""
        while True:
            before_s = self._clock.now_s()
            await self._clock.sleep(HEARTBEAT_S)
            if self._clock.now_s() - before_s > HEARTBEAT_S + ASLEEP_S:
                for context in self._pool.values():
                    context.system_resumed()

    async def _rest(self, _: Failure) -> None:
        """Nothing waits for the heartbeat alone."""
        await self._clock.sleep(STEADY_S)

    # -- where services are ------------------------------------------------------------------------

    async def service_profile(self, name: str) -> ServiceProfile | None:
        """Return the profile under which stored tasks were sent."""
        return await self._db.do(self._db.store.service, name)

    async def refuse_moved(self, profile: ServiceProfile) -> None:
        """See that new tasks may go where a profile leads.

        :raises ProfileInvalid: another service of its name is at work, or still has tasks of ours.
        """
        await self._refuse_move(profile, lambda: profile.name in self._pool)

    async def remember(self, profile: ServiceProfile) -> None:
        """Keep the profile with the tasks.

        :raises ProfileInvalid: another service of this name still has tasks of ours; its tasks,
            and its token, must not go to the new address.
        """
        await self.refuse_moved(profile)
        await self._db.do(self._db.store.remember_service, profile)

    async def follow(self, profile: ServiceProfile) -> None:
        """Go by the profile of a later start, where an open line still goes by another one.

        :raises KeyringProblem: its token cannot be read; nothing has changed.
        :raises ProfileInvalid: it has moved; nothing has changed.
        """
        async with self._opening.setdefault(profile.name, asyncio.Lock()):
            context = self._pool.get(profile.name)
            if context is not None and context.profile != profile:
                await self._renew(context, profile)

    async def renew(self, profile: ServiceProfile) -> None:
        """Go by a service's changed profile or token from now on, not for what is on its way.

        :raises KeyringProblem: its token cannot be read; nothing has changed.
        :raises ProfileInvalid: it has moved, and tasks of ours are unfinished where it was;
            nothing has changed.
        """
        if await self.service_profile(profile.name) is None:
            return  # no picture has gone there yet
        async with self._opening.setdefault(profile.name, asyncio.Lock()):
            if (context := self._pool.get(profile.name)) is not None:
                await self._renew(context, profile)
            else:
                await self._refuse_move(profile, lambda: False)
                await self._db.do(self._db.store.remember_service, profile)

    async def _renew(self, context: ServiceWorker, profile: ServiceProfile) -> None:
        token = await self._token_of(profile)
        while True:
            chosen = self._network_provider.chosen
            network = await self._network_provider.for_service(profile.name)
            await self._refuse_move(profile, lambda: bool(context.tasks))
            # The list first: whoever asks it is told that a number belongs to the earlier address
            # before anything goes to the new one.
            await self._db.do(self._db.store.remember_service, profile)
            if self._network_provider.chosen is chosen:  # and nothing comes between
                break
        api = ApiClient(profile, token, settings=network)
        context.renew(profile, api, pictures_of(profile, network))
        await context.deliver_to(token)

    async def _refuse_move(self, profile: ServiceProfile, is_at_work: Callable[[], bool]) -> None:
        """:raises ProfileInvalid: it has moved, and is at work where it was, or has tasks there."""
        known = await self.service_profile(profile.name)
        moved = known is not None and known.base_url != profile.base_url
        if not moved or profile.name == LOCAL_SERVICE_NAME:
            return
        has_sent = await self._db.do(self._db.store.has_sent, profile.name)
        if has_sent or is_at_work():
            raise ProfileInvalid(
                profile.name,
                "base_url",
                f"differs from {known.base_url if known else ''}, where tasks of a service of "
                "this name are unfinished: finish them first",
            )

    # -- how they are reached ----------------------------------------------------------------------

    async def apply_network(self, network: NetworkSettings) -> None:
        """Reach services and picture hosts by other ways from now on.

        :raises KeyringProblem: the proxy's login cannot be read; the proxy is gone through all the
            same, since to go around it would tell others what it hides.
        """
        chosen = self._network_provider.choose(network)
        try:
            complete = await self._network_provider.with_login(network)
        except KeyringProblem:
            self._update_network(chosen, network)
            raise
        self._update_network(chosen, complete)

    def _update_network(self, chosen: NetworkSettings, complete: NetworkSettings) -> None:
        if self._network_provider.chosen is not chosen:
            return  # they were chosen anew while the password manager was asked
        for context in self._pool.values():
            context.apply_network(complete)
        self._local_service.apply_network(complete)

    # -- the user's choices ------------------------------------------------------------------------

    def set_visible(self, task_ids: Collection[int]) -> None:
        """Look first at tasks that a person is looking at, where requests are short."""
        self._visible = frozenset(task_ids)
        for context in self._pool.values():
            context.set_visible(task_ids)

    async def go_on(self, service: str) -> None:
        """Send again to a service that had paused.

        :raises ServiceDidNotStart: the service of this computer had ended and does not start.
        """
        if (context := self._pool.get(service)) is None:
            return
        if service == LOCAL_SERVICE_NAME:
            await self._local_service.start_again(context)
        context.resume()
        if self._paused:
            self._hold(context)

    def why_paused(self, service: str) -> Failure | None:
        """Return why nothing is sent to a service; ``None``: it is, or the program is ending."""
        context = self._pool.get(service)
        return None if context is None or context.paused == ENDING else context.paused

    def pause(self) -> None:
        """The user wants nothing sent; what is accepted is still followed and fetched."""
        self._paused = True
        for context in self._pool.values():
            self._hold(context)

    def unpause(self) -> None:
        """The user wants things sent again; a service that paused by itself stays paused."""
        self._paused = False
        for context in self._pool.values():
            if context.paused == PAUSED_BY_USER:
                context.resume()

    def _hold(self, context: ServiceWorker) -> None:
        if context.paused is None:
            context.pause(PAUSED_BY_USER)

    # -- the end -----------------------------------------------------------------------------------

    def stop_sending(self) -> None:
        """Begin no further request that is paid for: the end of the program has come."""
        for context in self._pool.values():
            context.stop_sending()

    async def close(self) -> None:
        """Stop everything, in order: lines, what watches over them, the bundled service."""
        self._closing = True
        self.stop_sending()
        await asyncio.gather(*(context.close(CLOSE_GRACE_S) for context in self._pool.values()))
        await self._supervisor.close()
        await self._local_service.stop()
