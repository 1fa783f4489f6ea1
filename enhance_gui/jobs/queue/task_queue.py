"""The queue: what the window and the command line see of the whole work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import LIST_UNSAFE, EnhanceError, TransitionRefused
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.network import DIRECT, NetworkSettings
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.spending import LedgerEntry, Totals, month_of, totals
from enhance_gui.core.tasks.task import ENDED, Failure, NewTask, Task, TaskEvent, TaskState
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.barrier import failure_of
from enhance_gui.jobs.events import Event, ServiceStatus, ServiceStatusChanged, TaskChanged
from enhance_gui.jobs.queue.budgets import Batches, Budget, Spending, priced
from enhance_gui.jobs.queue.worker_pool import WorkerPool
from enhance_gui.jobs.services.network import NetworkProvider
from enhance_gui.jobs.worker.context import Naming
from enhance_gui.storage.files.input_copies import forget_oldest
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.task_db.store import TaskStore

_log = logging.getLogger(__name__)


class TaskQueue:
    """All tasks of all services."""

    def __init__(
        self,
        db: StoreThread[TaskStore],
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
        self._listeners: list[Callable[[Event], None]] = []
        self._spending = Spending(clock.wall)
        self._batches = Batches(db)
        self.naming = Naming()
        """How results are named; may be changed at any time."""
        self.crashed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Gets the error after which nothing may be done with the list of tasks any more."""
        self._pool = WorkerPool(
            db=db,
            clock=clock,
            folders=folders,
            token_of=token_of,
            network_provider=NetworkProvider(network, login_of),
            spending=self._spending,
            naming=self.naming,
            publish=self._publish,
            on_crash=self._crash,
        )
        self._supervisor = TaskSupervisor(self._crash)
        self._supervisor.start(
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
        or_fetched: Collection[int] = (),
    ) -> list[Task]:
        """Store the tasks and begin to work on them.

        A task that is stored already and has not ended is not added again: it is returned in its
        place and continued, so that a command typed twice is not paid twice. Nor is one whose last
        order may have been charged and has brought nothing: where the service may have its result
        it is asked once more, else it is returned as it has ended.

        :param budget: what they may cost together; shared by all tasks that are given it.
        :param or_saved: tasks that are returned in the place of new ones although they are saved.
        :param or_fetched: saved tasks that are fetched once more in the place of new ones.
        :raises StorageError: they cannot be stored; none was.
        """
        tasks = await self.keep(profile, new, budget, or_saved, or_fetched)
        going_on = [task for task in tasks if task.state not in ENDED]
        for name in dict.fromkeys(task.service for task in going_on):
            # What is found may go by another name of a service at the same address.
            known = profile if name == profile.name else await self.service_profile(name)
            await self._work(known or profile, [task for task in going_on if task.service == name])
        return tasks

    async def keep(
        self,
        profile: ServiceProfile,
        new: Sequence[NewTask],
        budget: Budget | None = None,
        or_saved: Collection[int] = (),
        or_fetched: Collection[int] = (),
    ) -> list[Task]:
        """Store the tasks for a later run; as :meth:`add`, without beginning to work on them."""
        await self._pool.remember(profile)
        batch = await self._batches.number_of(budget)
        # One step: of two calls at once, the second has to find what the first has added.
        return await self._db.do(
            self._db.store.add_or_find, priced(new, profile), or_saved, or_fetched, batch
        )

    async def saved_earlier(self, new: Sequence[NewTask]) -> list[Task]:
        """Return the last saved task that stands for each order, where there is one."""
        return await self._db.do(self._db.store.saved_earlier, new)

    async def draft(
        self, profile: ServiceProfile, new: Sequence[NewTask], budget: Budget | None = None
    ) -> list[Task]:
        """Store tasks as drafts; :meth:`check_drafts`, or the next run, begins with them.

        Two steps, so that they can be shown at once: to reach a service may take its time.

        :param budget: what they may cost together, once started.
        :raises StorageError: they cannot be stored; none was.
        """
        await self._pool.remember(profile)
        batch = await self._batches.number_of(budget)
        return await self._db.do(self._db.store.add, priced(new, profile), draft=True, batch=batch)

    async def check_drafts(self, profile: ServiceProfile, drafts: Sequence[Task]) -> None:
        """Check the pictures of drafts; nothing is sent before each is started."""
        await self._work(profile, drafts)

    async def duplicates(self, task: Task) -> list[Task]:
        """Return the other tasks for the picture of a draft that speak against sending it."""
        return await self._db.do(self._db.store.duplicates, task)

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

    @property
    def is_list_in_place(self) -> bool:
        """Whether what is stored here is what the next start will find."""
        return self._db.store.is_in_place

    async def stored(self, service: str | None = None) -> list[Task]:
        """Return the stored tasks that have not ended."""
        states = set(TaskState) - ENDED
        return await self._db.do(self._db.store.tasks, states, service)

    async def resume(
        self, profile: ServiceProfile, tasks: Sequence[Task], budget: Budget | None = None
    ) -> None:
        """Work on stored tasks of one service; drafts and tasks in doubt stay as they are.

        :param budget: what they may cost together from now on; ``None``: each stays in the batch
            that it is in.
        """
        # Held to it even where the service has moved: the user may still send them where it was.
        await self._batches.join(budget, tasks)
        await self._pool.remember(profile)
        await self._work(profile, tasks)

    async def save_in(self, folder: Path, task_ids: Collection[int]) -> None:
        """Have the results of stored tasks saved elsewhere, but of those of which a part is there
        already, or on its way.
        """
        await self._db.do(self._db.store.save_in, folder, task_ids)

    async def refuse_moved(self, profile: ServiceProfile) -> None:
        """See that new tasks may go where a profile leads.

        :raises ProfileInvalid: another service of its name is at work, or still has tasks of ours.
        """
        await self._pool.refuse_moved(profile)

    async def service_profile(self, name: str) -> ServiceProfile | None:
        """Return the profile under which stored tasks were sent."""
        return await self._pool.service_profile(name)

    async def namesakes(self, profile: ServiceProfile) -> list[str]:
        """Return the other names under which pictures were sent to the address of a profile."""
        return await self._db.do(self._db.store.namesakes, profile)

    # -- the user's choices -----------------------------------------------------------------------

    async def start_unless_repeated(
        self, task_id: int, known: Collection[int] = (), budget: Budget | None = None
    ) -> list[Task]:
        """Start a draft, unless its picture was ordered by tasks that the user does not know of.

        :param known: the tasks for the same picture in spite of which the user wants it sent.
        :param budget: what it may cost with others, in place of the budget of its draft.
        :returns: those that speak against it, where it was not started.
        """
        store = self._db.store
        against = await self._db.do(store.start_unless_repeated, task_id, known)
        if not against:
            await self._taken_up(await self._db.do(store.task, task_id), budget)
        return against

    async def named(self, private_id: str) -> Task | None:
        """Return the stored task that one of whose attempts has a private id."""
        return await self._db.do(self._db.store.task_of_private_id, private_id)

    async def cancel(self, task_id: int) -> Task:
        """Take a task back: before it is sent at once, after that by telling the service."""
        store = self._db.store
        task = await self._db.do(store.task, task_id)
        context = self._pool.get(task.service)
        if task.state in (TaskState.DRAFT, TaskState.QUEUED):
            task = await self._db.do(store.remove, task_id)
            if context is not None:
                context.drop(task)
            else:
                self._publish(TaskChanged(task, suspended=True))
        else:
            task = await self._db.do(store.begin_cancel, task_id)
            if context is not None:
                context.cancel(task)
            else:
                await self._taken_up(task)
        return task

    async def send_again(self, task_id: int, budget: Budget | None = None) -> Task:
        """The user approves another attempt of a task in doubt: it may cost twice.

        A service to which an equal private id is the same task is sent that very request again
        instead, which is free; unless it has refused it.

        :param budget: what further attempts of it, and of all others that are given the budget,
            may cost together.
        """
        task = await self._db.do(self._db.store.task, task_id)
        profile = await self.service_profile(task.service)
        same_is_one = profile is not None and profile.private_id_is_idempotent
        if not (same_is_one and task.may_be_repeated and not task.is_refused_again):
            task = await self._db.do(self._db.store.send_again, task_id)
        return await self._taken_up(task, budget)

    async def give_up(self, task_id: int) -> Task:
        """The user writes off a task in doubt."""
        task = await self._db.do(self._db.store.give_up, task_id)
        self._publish(TaskChanged(task, suspended=True))
        return task

    async def retry(self, task_id: int, budget: Budget | None = None) -> Task:
        """The user wants a new attempt of an ended task: it costs again.

        :param budget: as for :meth:`send_again`.
        """
        return await self._taken_up(await self._db.do(self._db.store.retry, task_id), budget)

    async def ask_again(self, task_id: int) -> Task:
        """The user wants the service asked once more about an ended task: free."""
        return await self._taken_up(await self._db.do(self._db.store.ask_again, task_id))

    async def fetch_now(self, task_id: int) -> None:
        """Fetch the result of a finished task now, whatever it waited for."""
        task = await self._db.do(self._db.store.task, task_id)
        context = self._pool.get(task.service)
        if context is None or not context.fetch_now(task_id):
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
            :attr:`~enhance_gui.core.tasks.task.Task.on_service` still.
        :raises TransitionRefused: the task has not ended.
        :raises EnhanceError: the service could not be asked; the wish is kept.
        """
        task = await self._db.do(self._db.store.want_deleted, task_id)
        profile = await self.service_profile(task.service)
        if profile is None or not task.to_delete:
            return task
        return await (await self._pool.worker_for(profile)).delete_records(task)

    def set_visible(self, task_ids: Collection[int]) -> None:
        """Look first at tasks that a person is looking at, where requests are short."""
        self._pool.set_visible(task_ids)

    async def go_on(self, service: str) -> None:
        """Send again to a service that had paused, and try again what waited for a limit.

        :raises ServiceDidNotStart: the service of this computer had ended and does not start.
        """
        await self._pool.go_on(service)
        await self.try_limits(service)

    def suspend(self, service: str) -> None:
        """Wait no longer for a service that stays out of reach: its tasks are kept as they are."""
        if (context := self._pool.get(service)) is not None:
            context.suspend_all()

    async def pause(self) -> None:
        """The user wants nothing sent; what is accepted is still followed and fetched.

        It holds over the end of the program: see :meth:`pause_as_before`.
        """
        self._pool.pause()
        await self._db.do(self._db.store.set_paused, True)

    async def unpause(self) -> None:
        """The user wants things sent again; a service that paused by itself stays paused."""
        await self._db.do(self._db.store.set_paused, False)
        self._pool.unpause()

    async def pause_as_before(self) -> bool:
        """Send nothing where the user had paused when the program ended; return whether so."""
        paused = await self._db.do(self._db.store.is_paused)
        if paused:
            self._pool.pause()
        return paused

    def why_paused(self, service: str) -> Failure | None:
        """Return why nothing is sent to a service; ``None``: it is, or the program is ending."""
        return self._pool.why_paused(service)

    async def apply_network(self, network: NetworkSettings) -> None:
        """Reach services and picture hosts by other ways from now on.

        :raises KeyringProblem: the proxy's login cannot be read; the proxy is gone through all the
            same, since to go around it would tell others what it hides.
        """
        await self._pool.apply_network(network)

    # -- services ---------------------------------------------------------------------------------

    async def renew(self, profile: ServiceProfile) -> None:
        """Go by a service's changed profile or token from now on, not for what is on its way.

        :raises KeyringProblem: its token cannot be read; nothing has changed.
        :raises ProfileInvalid: it has moved, and tasks of ours are unfinished where it was;
            nothing has changed.
        """
        await self._pool.renew(profile)

    async def follow(self, profile: ServiceProfile) -> None:
        """Go by the profile of a later start, where the work still goes by another one.

        :raises EnhanceError: as for :meth:`renew`.
        """
        if profile.name != LOCAL_SERVICE_NAME:
            await self._pool.follow(profile)

    async def rename(self, before: str, profile: ServiceProfile) -> None:
        """Have the ended tasks of a service go by its new name, where its token is from now on.

        While tasks of the earlier name are unfinished all of them keep it, and the work goes on.

        :raises EnhanceError: as for :meth:`renew`; no task has been renamed.
        """
        await self.renew(profile)
        for task in await self._db.do(self._db.store.rename_service, before, profile):
            self._publish(TaskChanged(task, suspended=True))

    # -- money ------------------------------------------------------------------------------------

    async def ledger(self, since: datetime, service: str | None = None) -> list[LedgerEntry]:
        """Return every attempt since a moment that may have been charged, oldest first."""
        return await self._db.do(self._db.store.ledger, since, service)

    async def incomplete_before(self) -> datetime | None:
        """Return up to when the ledger may lack requests; ``None``: it lacks none."""
        return await self._db.do(self._db.store.incomplete_before)

    async def spent(self, service: str) -> Totals:
        """Return what a service may have charged today and this month."""
        now = self._clock.wall()
        return totals(await self.ledger(month_of(now), service), now)

    def limit_day(self, service: str, maximum: float | None) -> None:
        """Send no task to a service that might bring the day's charges above ``maximum`` credits.

        Where the next one would, or its cost is not known, what is to be sent waits with a failure
        of :data:`~enhance_gui.core.tasks.spending.LIMIT_KINDS`, over the end of the program too;
        :meth:`try_limits` after a higher limit, or :meth:`spend_on`, continues. ``None``: no limit.
        """
        self._spending.limit_day(service, maximum)

    def limit_batches(self, maximum: float | None) -> None:
        """Set what each batch may cost that has no limit of its own, those at work included.

        As for :meth:`limit_day`; what waits is the batch alone.
        """
        self._spending.batch_limit = maximum

    async def spend_on(self, service: str) -> None:
        """The user says yes to more: no limit on this service for today, nor on the batches of
        what waits now.
        """
        self._spending.free_day(service)
        await self._db.do(self._db.store.allow_more, service)
        await self.go_on(service)

    async def try_limits(self, service: str) -> None:
        """Try again what waited for the user's word on a limit: it may have another limit now."""
        tasks = await self._db.do(self._db.store.let_go, service)
        profile = await self.service_profile(service) if tasks else None
        if profile is not None:
            await self._work(profile, tasks)

    # -- callbacks --------------------------------------------------------------------------------

    async def called_back(self, service: str, service_task_id: str, private_id: str) -> None:
        """Follow a hint that a task is finished; believe only what gettask says.

        Where the private id belongs to an attempt in doubt, gettask's word settles it. What has
        to outlast the end of the program is durable on return.

        :raises StorageError: it is not.
        """
        if (context := self._pool.get(service)) is not None:
            await context.called_back(service_task_id, private_id)

    # -- the end ----------------------------------------------------------------------------------

    def stop_sending(self) -> None:
        """Begin no further request that is paid for: the end of the program has come."""
        self._pool.stop_sending()

    async def close(self) -> None:
        """Stop everything, in order: lines, the bundled service, the database."""
        await self._pool.close()
        await self._supervisor.close()
        await self._db.close()
        if not self.crashed.done():
            self.crashed.cancel()

    # -- inside -----------------------------------------------------------------------------------

    async def _taken_up(self, task: Task, budget: Budget | None = None) -> Task:
        await self._batches.join(budget, [task])
        profile = await self.service_profile(task.service)
        if profile is not None:
            await self._work(profile, [task])
        return task

    async def _work(self, profile: ServiceProfile, tasks: Sequence[Task]) -> None:
        try:
            context = await self._pool.worker_for(profile)
        except LIST_UNSAFE:
            raise
        # A service to which no line can be opened must not keep others from theirs.
        except Exception as error:  # noqa: BLE001
            if not isinstance(error, EnhanceError):
                _log.exception("%s: met a fault", profile.name)
            failure = failure_of(error)
            self._publish(ServiceStatusChanged(profile.name, ServiceStatus.PAUSED, failure))
            for task in await self._now(tasks):
                waiting = replace(task, failure=task.failure or failure)
                self._publish(TaskChanged(waiting, suspended=True))
            return
        # The line may have gone on with a task since it was read; after this nothing comes between.
        context.take(await self._now(tasks))

    async def _now(self, tasks: Sequence[Task]) -> list[Task]:
        """Return tasks as they stand by now."""
        return await self._db.do(self._db.store.tasks_of, [task.id for task in tasks])

    def _publish(self, event: Event) -> None:
        for listener in list(self._listeners):
            try:
                listener(event)
            # Who hears of the work must not be able to break it off.
            except Exception:  # noqa: BLE001
                _log.exception("an event was told in vain")

    def _crash(self, error: BaseException) -> None:
        """Take in the end of a part that is no work on one task: see :mod:`.barrier`."""
        _log.error("a part of the queue failed", exc_info=error)
        if isinstance(error, LIST_UNSAFE) and not self.crashed.done():
            self.crashed.set_exception(error)
