"""The queue: what the window and the command line see of the whole work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import (
    EnhanceError,
    KeyringProblem,
    ProfileInvalid,
    ServiceDidNotStart,
    TokenMissing,
    TransitionRefused,
)
from enhance_gui.core.network import DIRECT, NetworkSettings
from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME, ServiceProfile
from enhance_gui.core.secret import Secret
from enhance_gui.core.spending import LedgerEntry, Totals, month_of, totals
from enhance_gui.core.tasks import ENDED, Failure, NewTask, Task, TaskEvent, TaskState
from enhance_gui.jobs.bundled_service import BundledService, service_command
from enhance_gui.jobs.events import Event, LineChanged, LineState, TaskChanged
from enhance_gui.jobs.line import Line, Naming
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.service_line import ServiceLine, pictures_of
from enhance_gui.jobs.spending import Budget, Spending
from enhance_gui.jobs.store_thread import StoreThread
from enhance_gui.jobs.task_owner import TaskOwner
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.input_copies import forget_oldest

_log = logging.getLogger(__name__)

CLOSE_GRACE_S: Final = 1.5
"""What a request on its way gets to be answered when the program ends."""

PRIOR_MEDIAN_S: Final = 15.0
BUNDLED_PRIOR_MEDIAN_S: Final = 1.0
"""What a task is thought to take before any has finished: elsewhere, and on this computer."""

HEARTBEAT_S: Final = 5.0
ASLEEP_S: Final = 30.0
"""A heartbeat later than this means that the computer has slept."""

RESTARTS: Final = 3
"""How often the bundled service is started anew in one run before the program gives up."""

PAUSED_BY_USER: Final = Failure("paused", "you paused sending")
"""Why nothing is sent where the user wants it so."""

STEADY_S: Final = 60.0
"""A bundled service that ran this long has earned its restarts back."""


class TaskQueue:
    """All tasks of all services."""

    def __init__(
        self,
        db: StoreThread,
        clock: Clock,
        folders: Folders,
        token_of: Callable[[ServiceProfile], Awaitable[Secret | None]],
        network: NetworkSettings = DIRECT,
        login_of: Callable[[NetworkSettings], Awaitable[NetworkSettings]] | None = None,
    ) -> None:
        """
        :param folders: where the bundled service and copies of inputs lie.
        :param token_of: gives the token of a service.
        :param network: how services and picture hosts are reached.
        :param login_of: adds the proxy's login to the network settings, where they want one.
        """
        self._db = db
        self._clock = clock
        # Not to be guessed from outside: it spreads the requests of many copies of the program.
        self._random = SystemRandom()
        self._folders = folders
        self._token_of = token_of
        self._network = network
        self._login_of = login_of
        self._listeners: list[Callable[[Event], None]] = []
        self._lines: dict[str, ServiceLine] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._bundled: BundledService | None = None
        self._bundled_ended = False
        self._taken: set[Path] = set()
        self._visible: frozenset[int] = frozenset()
        self._paused = False
        self._closing = False
        self._spending = Spending(clock.wall)
        self._joining = asyncio.Lock()
        self.naming = Naming()
        """How results are named; may be changed at any time."""
        self.crashed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Gets the error where a part of the queue ended with one that is a bug."""
        self._owner = TaskOwner(self._crash)
        self._owner.start(self._heartbeat(), "heartbeat")
        self._owner.start(
            asyncio.to_thread(forget_oldest, folders.input_copies), "tidying of input copies"
        )

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Have every event told to ``listener``, on the event loop."""
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[Event], None]) -> None:
        """Tell a listener nothing more, if it was told anything."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    # -- adding -----------------------------------------------------------------------------------

    async def add(
        self,
        profile: ServiceProfile,
        new: Sequence[NewTask],
        budget: Budget | None = None,
        or_saved: Collection[int] = (),
    ) -> list[Task]:
        """Store the tasks and begin to work on them.

        A task that is stored already and has not ended is not added again: it is returned in its
        place and continued, so that a command typed twice is not paid twice.

        :param budget: what they may cost together; shared by all tasks that are given it.
        :param or_saved: tasks that are returned in the place of new ones although they are saved.
        :raises StorageError: they cannot be stored; none was.
        """
        tasks = await self.keep(profile, new, or_saved)
        going_on = [task for task in tasks if task.state not in ENDED]
        if going_on:
            await self._hold_to(budget, going_on)
            await self._work(profile, going_on)
        return tasks

    async def keep(
        self, profile: ServiceProfile, new: Sequence[NewTask], or_saved: Collection[int] = ()
    ) -> list[Task]:
        """Store the tasks for a later run; as :meth:`add`, without beginning to work on them."""
        await self._remember(profile)
        # One step: of two calls at once, the second has to find what the first has added.
        return await self._db.do(self._db.store.add_or_find, new, or_saved)

    async def saved_earlier(self, new: Sequence[NewTask]) -> list[Task]:
        """Return the last saved task of each input, enhance type and service that has one."""
        return await self._db.do(self._db.store.saved_earlier, new)

    async def draft(
        self, profile: ServiceProfile, new: Sequence[NewTask], budget: Budget | None = None
    ) -> list[Task]:
        """Store tasks and check their pictures; nothing is sent before each is started.

        :param budget: what they may cost together, once started.
        :raises StorageError: they cannot be stored; none was.
        """
        await self._remember(profile)
        tasks = await self._db.do(self._db.store.add, new, draft=True)
        await self._hold_to(budget, tasks)
        await self._work(profile, tasks)
        return tasks

    async def twins(self, task: Task) -> list[Task]:
        """Return earlier tasks for the same picture and enhance type, whether ended or not."""
        return await self._db.do(self._db.store.twins, task)

    async def history(self) -> list[Task]:
        """Return the tasks that have ended and were not taken from the list, oldest first."""
        return await self._db.do(self._db.store.history)

    async def hide(self, task_ids: Collection[int]) -> list[Task]:
        """Take ended tasks from the list; their files, and what they cost, stay as they are.

        :returns: those that were.
        """
        return await self._db.do(self._db.store.hide, task_ids)

    async def bring_back(self, task_ids: Collection[int]) -> list[Task]:
        """Have hidden tasks in the list again; return them."""
        return await self._db.do(self._db.store.bring_back, task_ids)

    async def events(self, task_id: int) -> list[TaskEvent]:
        """Return a task's log, oldest first."""
        return await self._db.do(self._db.store.events, task_id)

    async def stored(self, service: str | None = None) -> list[Task]:
        """Return the stored tasks that have not ended."""
        states = set(TaskState) - ENDED
        return await self._db.do(self._db.store.tasks, states, service)

    async def resume(
        self, profile: ServiceProfile, tasks: Sequence[Task], budget: Budget | None = None
    ) -> None:
        """Work on stored tasks of one service; drafts and tasks in doubt stay as they are."""
        # Held to it even where the service has moved: the user may still send them where it was.
        await self._hold_to(budget, tasks)
        await self._remember(profile)
        await self._work(profile, tasks)

    async def refuse_moved(self, profile: ServiceProfile) -> None:
        """See that new tasks may go where a profile leads.

        :raises ProfileInvalid: another service of its name is at work, or still has tasks of ours.
        """
        await self._refuse_move(profile, lambda: profile.name in self._lines)

    async def service_profile(self, name: str) -> ServiceProfile | None:
        """Return the profile under which stored tasks were sent."""
        return await self._db.do(self._db.store.service, name)

    # -- the user's choices -----------------------------------------------------------------------

    async def start(self, task_id: int, budget: Budget | None = None) -> Task:
        """The user starts a draft.

        :param budget: what it may cost with others, in place of the budget of its draft.
        """
        return await self._taken_up(await self._db.do(self._db.store.start, task_id), budget)

    async def cancel(self, task_id: int) -> Task:
        """Take a task back: before it is sent at once, after that by telling the service."""
        store = self._db.store
        task = await self._db.do(store.task, task_id)
        line = self._lines.get(task.service)
        if task.state in (TaskState.DRAFT, TaskState.QUEUED):
            task = await self._db.do(store.remove, task_id)
            if line is not None:
                line.drop(task)
        else:
            task = await self._db.do(store.begin_cancel, task_id)
            if line is not None:
                line.cancel(task)
        return task

    async def send_again(self, task_id: int, budget: Budget | None = None) -> Task:
        """The user approves another attempt of a task in doubt: it may cost twice.

        :param budget: what further attempts of it, and of all others that are given the budget,
            may cost together.
        """
        return await self._taken_up(await self._db.do(self._db.store.send_again, task_id), budget)

    async def give_up(self, task_id: int) -> Task:
        """The user writes off a task in doubt."""
        task = await self._db.do(self._db.store.give_up, task_id)
        self._publish(TaskChanged(task, parked=True))
        return task

    async def retry(self, task_id: int, budget: Budget | None = None) -> Task:
        """The user wants a new attempt of an ended task: it costs again.

        :param budget: as for :meth:`send_again`.
        """
        return await self._taken_up(await self._db.do(self._db.store.retry, task_id), budget)

    async def ask_again(self, task_id: int) -> Task:
        """The user wants the service asked once more about a failed task: free."""
        return await self._taken_up(await self._db.do(self._db.store.ask_again, task_id))

    async def fetch_now(self, task_id: int) -> None:
        """Fetch the result of a finished task now, whatever it waited for."""
        task = await self._db.do(self._db.store.task, task_id)
        line = self._lines.get(task.service)
        if line is None or not line.fetch_now(task_id):
            await self._taken_up(task)

    async def want_deleted(self, task_ids: Collection[int]) -> None:
        """Keep the wish to have services delete what they keep of ended tasks; others are left out.

        It is carried out by :meth:`delete_on_service`, or whenever the service is in use.
        """
        for task_id in task_ids:
            with suppress(TransitionRefused):
                await self._db.do(self._db.store.want_deleted, task_id)

    async def delete_on_service(self, task_id: int) -> Task:
        """Have the service delete what it keeps of an ended task; files here stay.

        :returns: the task; what the service would not delete is among its
            :attr:`~enhance_gui.core.tasks.Task.on_service` still.
        :raises TransitionRefused: the task has not ended.
        :raises EnhanceError: the service could not be asked; the wish is kept.
        """
        task = await self._db.do(self._db.store.want_deleted, task_id)
        profile = await self.service_profile(task.service)
        if profile is None or not task.to_delete:
            return task
        return await (await self._line(profile)).delete_records(task)

    def set_visible(self, task_ids: Collection[int]) -> None:
        """Look first at tasks that a person is looking at, where requests are short."""
        self._visible = frozenset(task_ids)
        for line in self._lines.values():
            line.set_visible(task_ids)

    async def go_on(self, service: str) -> None:
        """Send again to a service that had paused.

        :raises ServiceDidNotStart: the service of this computer had ended and does not start.
        """
        if (line := self._lines.get(service)) is None:
            return
        if self._bundled_ended and service == BUNDLED_SERVICE_NAME:
            started = await self._restart_bundled(line)
            self._bundled_ended = False
            self._owner.start(self._watch_bundled(started), "bundled service's end")
        line.resume()
        if self._paused:
            self._hold(line)

    def park(self, service: str) -> None:
        """Wait no longer for a service that stays out of reach: its tasks are kept as they are."""
        if (line := self._lines.get(service)) is not None:
            line.park_all()

    def pause(self) -> None:
        """The user wants nothing sent; what is accepted is still followed and fetched."""
        self._paused = True
        for line in self._lines.values():
            self._hold(line)

    def unpause(self) -> None:
        """The user wants things sent again; a service that paused by itself stays paused."""
        self._paused = False
        for line in self._lines.values():
            if line.paused == PAUSED_BY_USER:
                line.resume()

    async def reach_by(self, network: NetworkSettings) -> None:
        """Reach services and picture hosts by other ways from now on.

        :raises KeyringProblem: the proxy's login cannot be read; the proxy is gone through all the
            same, since to go around it would tell others what it hides.
        """
        # A new object each time tells that there was a choice, even where what changed is the
        # login, which is no part of it.
        self._network = chosen = replace(network)
        try:
            complete = network if self._login_of is None else await self._login_of(network)
        except KeyringProblem:
            self._take_ways(chosen, network)
            raise
        self._take_ways(chosen, complete)

    def _take_ways(self, chosen: NetworkSettings, complete: NetworkSettings) -> None:
        if self._network is not chosen:
            return  # they were chosen anew while the password manager was asked
        for line in self._lines.values():
            line.reach_by(complete)
        if self._bundled is not None:
            self._bundled.reach_by(complete)

    # -- services ---------------------------------------------------------------------------------

    async def renew(self, profile: ServiceProfile) -> None:
        """Go by a service's changed profile or token from now on, not for what is on its way.

        :raises KeyringProblem: its token cannot be read; nothing has changed.
        :raises ProfileInvalid: it has moved, and tasks of ours are unfinished where it was;
            nothing has changed.
        """
        if await self.service_profile(profile.name) is None:
            return  # no picture has gone there yet
        async with self._opening.setdefault(profile.name, asyncio.Lock()):
            if (line := self._lines.get(profile.name)) is not None:
                await self._renew(line, profile)
            else:
                await self._refuse_move(profile, lambda: False)
                await self._db.do(self._db.store.remember_service, profile)

    async def rename(self, before: str, profile: ServiceProfile) -> None:
        """Have the ended tasks of a service go by its new name, where its token is from now on.

        While tasks of the earlier name are unfinished all of them keep it, and the work goes on.

        :raises EnhanceError: as for :meth:`renew`; no task has been renamed.
        """
        await self.renew(profile)
        for task in await self._db.do(self._db.store.rename_service, before, profile):
            self._publish(TaskChanged(task, parked=True))

    async def _renew(self, line: ServiceLine, profile: ServiceProfile) -> None:
        token = await self._token_of(profile)
        while True:
            chosen = self._network
            network = await self._network_for(profile.name)
            await self._refuse_move(profile, lambda: bool(line.tasks))
            # The list first: whoever asks it is told that a number belongs to the earlier address
            # before anything goes to the new one.
            await self._db.do(self._db.store.remember_service, profile)
            if self._network is chosen:  # and nothing comes between
                break
        api = ApiClient(profile, token, settings=network)
        line.renew(profile, api, pictures_of(profile, network))
        await line.hear_by(token)

    # -- money ------------------------------------------------------------------------------------

    async def ledger(self, since: datetime, service: str | None = None) -> list[LedgerEntry]:
        """Return every attempt since a moment that may have been charged, oldest first."""
        return await self._db.do(self._db.store.ledger, since, service)

    async def spent(self, service: str) -> Totals:
        """Return what a service may have charged today and this month."""
        now = self._clock.wall()
        return totals(await self.ledger(month_of(now), service), now)

    def limit_day(self, service: str, most: float | None) -> None:
        """Send no task to a service that might bring the day's charges above ``most`` credits.

        Where the next one would, the service pauses with the failure ``spending_limit``;
        :meth:`go_on` after a higher limit, or :meth:`spend_on`, continues. ``None``: no limit.
        """
        self._spending.limit_day(service, most)

    async def spend_on(self, service: str) -> None:
        """The user says yes to more: no limit on this service for today, nor on its batches."""
        if (line := self._lines.get(service)) is not None:
            self._spending.allow_more(service, line.tasks)
        await self.go_on(service)

    async def _hold_to(self, budget: Budget | None, tasks: Sequence[Task]) -> None:
        """Hold tasks to a budget in place of the one that they were held to."""
        if budget is None:
            return
        async with self._joining:  # groups stay what they are while their charges are read
            joining = {task.id for task in tasks} - budget.tasks
            for group in self._spending.by_budget(joining):
                charged = await self._db.do(self._db.store.possibly_charged, group)
                self._spending.join(budget, group, charged)

    # -- callbacks --------------------------------------------------------------------------------

    async def called_back(self, service: str, service_task_id: str, private_id: str) -> None:
        """Follow a hint that a task is finished; believe only what gettask says.

        Where the private id belongs to an attempt in doubt, gettask's word settles it. What has
        to outlast the end of the program is durable on return.

        :raises StorageError: it is not.
        """
        if (line := self._lines.get(service)) is not None:
            await line.called_back(service_task_id, private_id)

    # -- the end ----------------------------------------------------------------------------------

    def stop_sending(self) -> None:
        """Begin no further request that is paid for: the end of the program has come."""
        for line in self._lines.values():
            line.stop_sending()

    async def close(self) -> None:
        """Stop everything, in order: lines, the bundled service, the database."""
        self._closing = True
        self.stop_sending()
        await asyncio.gather(*(line.close(CLOSE_GRACE_S) for line in self._lines.values()))
        await self._owner.close()
        if self._bundled is not None:
            await self._bundled.stop()
        await self._db.close()
        if not self.crashed.done():
            self.crashed.cancel()

    # -- inside -----------------------------------------------------------------------------------

    async def _taken_up(self, task: Task, budget: Budget | None = None) -> Task:
        await self._hold_to(budget, [task])
        profile = await self.service_profile(task.service)
        if profile is not None:
            await self._work(profile, [task])
        return task

    async def _work(self, profile: ServiceProfile, tasks: Sequence[Task]) -> None:
        try:
            line = await self._line(profile)
        except EnhanceError as error:
            failure = Failure.of(error)
            self._publish(LineChanged(profile.name, LineState.PAUSED, failure))
            for task in await self._now(tasks):
                waiting = replace(task, failure=task.failure or failure)
                self._publish(TaskChanged(waiting, parked=True))
            return
        # The line may have gone on with a task since it was read; after this nothing comes between.
        line.take(await self._now(tasks))

    async def _now(self, tasks: Sequence[Task]) -> list[Task]:
        """Return tasks as they stand by now."""
        return await self._db.do(self._db.store.tasks_of, [task.id for task in tasks])

    async def _remember(self, profile: ServiceProfile) -> None:
        """Keep the profile with the tasks.

        :raises ProfileInvalid: another service of this name still has tasks of ours; its tasks,
            and its token, must not go to the new address.
        """
        await self.refuse_moved(profile)
        await self._db.do(self._db.store.remember_service, profile)

    async def _refuse_move(self, profile: ServiceProfile, is_at_work: Callable[[], bool]) -> None:
        """:raises ProfileInvalid: it has moved, and is at work where it was, or has tasks there."""
        known = await self.service_profile(profile.name)
        moved = known is not None and known.base_url != profile.base_url
        if not moved or profile.name == BUNDLED_SERVICE_NAME:
            return
        has_sent = await self._db.do(self._db.store.has_sent, profile.name)
        if has_sent or is_at_work():
            raise ProfileInvalid(
                profile.name,
                "base_url",
                f"differs from {known.base_url if known else ''}, where tasks of a service of "
                "this name are unfinished: finish them first, or choose another name",
            )

    async def _line(self, profile: ServiceProfile) -> ServiceLine:
        """Return the line to a service, opened if need be.

        :raises TokenMissing: the service needs a token and there is none.
        :raises KeyringProblem: it, or the proxy's login, cannot be read.
        :raises ServiceDidNotStart: the bundled service could not be started.
        """
        async with self._opening.setdefault(profile.name, asyncio.Lock()):
            line = self._lines.get(profile.name)
            if line is None:
                line = await self._open(profile)
                self._lines[profile.name] = line
                line.set_visible(self._visible)
                if self._paused:
                    self._hold(line)
                line.start()
        return line

    async def _network_for(self, service: str) -> NetworkSettings:
        """Return the network settings with the proxy's login.

        :raises KeyringProblem: it cannot be read, and the service is not on this computer, where
            files need no proxy.
        """
        while True:
            network = complete = self._network
            try:
                if self._login_of is not None:
                    complete = await self._login_of(network)
            except KeyringProblem:
                if service != BUNDLED_SERVICE_NAME:
                    raise
            if self._network is network:  # not chosen anew meanwhile
                return complete

    def _hold(self, line: ServiceLine) -> None:
        if line.paused is None:
            line.pause(PAUSED_BY_USER)

    async def _open(self, profile: ServiceProfile) -> ServiceLine:
        chosen = self._network
        line = await self._opened(profile, await self._network_for(profile.name))
        if self._network is chosen:
            return line
        try:  # it was chosen anew meanwhile
            line.reach_by(await self._network_for(profile.name))
        # Cancelled or failed: nobody else knows of the line yet.
        except BaseException:
            await line.close(0)
            raise
        return line

    async def _opened(self, profile: ServiceProfile, network: NetworkSettings) -> ServiceLine:
        prior_median_s = PRIOR_MEDIAN_S
        if profile.name == BUNDLED_SERVICE_NAME:
            self._publish(LineChanged(profile.name, LineState.STARTING))
            profile, api = await self._start_bundled(profile, network)
            token = self._bundled.token if self._bundled is not None else None
            prior_median_s = BUNDLED_PRIOR_MEDIAN_S
            self._publish(LineChanged(profile.name, LineState.READY))
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
        )
        line = ServiceLine(
            Line(
                profile=profile,
                api=api,
                pictures=pictures_of(profile, network),
                poller=Poller(
                    settings, DurationModel(samples, prior_median_s=prior_median_s), self._random
                ),
                db=self._db,
                clock=self._clock,
                owner=TaskOwner(self._crash),
                publish=self._publish,
                taken=self._taken,
                input_copies=self._folders.input_copies,
                spending=self._spending,
                naming=self.naming,
            )
        )
        try:
            await line.open(token)
        # Cancelled or failed: what the line has opened by then is closed.
        except BaseException:
            await line.close(0)
            raise
        return line

    async def _start_bundled(
        self, profile: ServiceProfile, network: NetworkSettings
    ) -> tuple[ServiceProfile, ApiClient]:
        service = await self._start_child(network)
        self._owner.start(self._watch_bundled(service), "bundled service's end")
        profile = replace(profile, base_url=service.base_url)
        return profile, ApiClient(profile, service.token)

    async def _start_child(self, network: NetworkSettings) -> BundledService:
        """:raises ServiceDidNotStart: it could not be started."""
        chosen = self._network
        command = service_command(self._folders.service_data)
        self._bundled = service = await BundledService.start(command, self._owner, network)
        if self._network is not chosen:  # it was chosen anew before there was a child to tell
            service.reach_by(await self._network_for(BUNDLED_SERVICE_NAME))
        return service

    async def _watch_bundled(self, service: BundledService) -> None:
        """Start the bundled service anew where it ends by itself."""
        restarts = 0
        while True:
            started_s = self._clock.now_s()
            last_words = await service.ended()
            if self._clock.now_s() - started_s > STEADY_S:
                restarts = 0
            line = self._lines.get(BUNDLED_SERVICE_NAME)
            if self._closing or line is None:
                return
            _log.warning("the service of this computer ended: %s", last_words)
            restarts += 1
            failure = Failure(ServiceDidNotStart.kind, last_words)
            if restarts <= RESTARTS:
                try:
                    service = await self._restart_bundled(line)
                    continue
                except ServiceDidNotStart as error:
                    failure = Failure.of(error)
            self._bundled_ended = True
            line.pause(failure)
            line.park_all()
            return

    async def _restart_bundled(self, line: ServiceLine) -> BundledService:
        """:raises ServiceDidNotStart: it could not be started."""
        service = await self._start_child(await self._network_for(BUNDLED_SERVICE_NAME))
        profile = replace(line.profile, base_url=service.base_url)
        await line.reconnect(profile, ApiClient(profile, service.token))
        return service

    async def _heartbeat(self) -> None:
        """Notice that the computer has slept: its timers stood still, its clock did not."""
        while True:
            before_s = self._clock.now_s()
            await self._clock.sleep(HEARTBEAT_S)
            if self._clock.now_s() - before_s > HEARTBEAT_S + ASLEEP_S:
                for line in self._lines.values():
                    line.woke()

    def _publish(self, event: Event) -> None:
        for listener in list(self._listeners):
            listener(event)

    def _crash(self, error: BaseException) -> None:
        _log.error("a part of the queue failed", exc_info=error)
        if not self.crashed.done():
            self.crashed.set_exception(error)
