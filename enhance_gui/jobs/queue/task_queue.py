"""The queue: what the window and the command line see of the whole work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress

from enhance_gui.core.clock import Clock
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.storage_errors import LIST_UNSAFE, TransitionRefused
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.tasks.task import NewTask, Task
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.events import Event, TaskChanged
from enhance_gui.jobs.queue.budgets import Batches, Budget, Spending, priced
from enhance_gui.jobs.queue.worker_pool import WorkerPool
from enhance_gui.jobs.services.network import NetworkProvider
from enhance_gui.jobs.support.stand_bys import StandBys
from enhance_gui.jobs.worker.context import Naming, Shared
from enhance_gui.storage.folders import Folders, forget_oldest
from enhance_gui.storage.system.decoder_marks import WorkMarks
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
        network_provider: NetworkProvider,
    ) -> None:
        """
        :param folders: where the local service and copies of inputs lie.
        :param token_of: gives the token of a service.
        :param network_provider: how services and picture hosts are reached.
        """
        self.db = db
        """The list of tasks."""
        self._listeners: list[Callable[[Event], None]] = []
        self.wall = clock.wall
        """Gives the moment at which pictures are added together."""
        self.spending = Spending(clock.wall)
        """The user's limits. Beyond one, what is to be sent waits with a failure of
        :data:`~enhance_gui.core.tasks.spending.LIMIT_KINDS`, over the end of the program too;
        :meth:`try_limits` after a higher limit, or :meth:`spend_on`, continues."""
        self._batches = Batches(db)
        self.naming = Naming()
        """How results are named; may be changed at any time."""
        self.crashed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Gets the error after which nothing may be done with the list of tasks any more."""
        shared = Shared(
            db,
            clock,
            self._publish,
            self._crash,
            folders.input_copies,
            self.spending,
            WorkMarks(folders.work_marks),
            self.naming,
            StandBys(folders.pasted),
        )
        self.pool = WorkerPool(shared, folders.service_data, token_of, network_provider)
        """The work on each service."""
        self._supervisor = TaskSupervisor(self._crash)
        self._supervisor.start(
            asyncio.to_thread(forget_oldest, folders.input_copies), "tidying of input copies"
        )
        tidying = asyncio.to_thread(StandBys(folders.pasted).tidy, clock.wall())
        self._supervisor.start(tidying, "tidying of stand-bys")

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call ``listener`` with every event, on the event loop."""
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[Event], None]) -> None:
        """Remove a listener, if it is one."""
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
        *,
        keep_only: bool = False,
    ) -> list[Task]:
        """Store the tasks and begin to work on them.

        A task that is stored already and has not ended is not added again: it is returned in its
        place and continued, so that a command typed twice is not paid twice. Nor is one whose last
        order may have been charged and has brought nothing: where the service may have its result
        it is asked once more, else it is returned as it has ended.

        :param budget: what they may cost together; shared by all tasks that are given it.
        :param or_saved: tasks that are returned in the place of new ones although they are saved.
        :param or_fetched: saved tasks that are fetched once more in the place of new ones.
        :param keep_only: store them for a later run, and begin nothing.
        :raises StorageError: they cannot be stored; none was.
        """
        await self.pool.remember(profile)
        batch = await self._batches.number_of(budget)
        # One step: of two calls at once, the second has to find what the first has added.
        tasks = await self.db.do(
            self.db.store.drafts.add_or_find, priced(new, profile), or_saved, or_fetched, batch
        )
        going_on = [] if keep_only else [task for task in tasks if task.state not in ENDED]
        for name in dict.fromkeys(task.service for task in going_on):
            # What is found may go by another name of a service at the same address.
            known = profile if name == profile.name else await self.pool.profile(name)
            await self.pool.work_on(
                known or profile, [task for task in going_on if task.service == name]
            )
        return tasks

    async def draft(
        self, profile: ServiceProfile, new: Sequence[NewTask], budget: Budget | None = None
    ) -> list[Task]:
        """Store tasks as drafts; :meth:`.WorkerPool.work_on`, or the next run, checks them.

        Two steps, so that they can be shown at once: to reach a service may take its time.

        :param budget: what they may cost together, once started.
        :raises StorageError: they cannot be stored; none was.
        """
        await self.pool.remember(profile)
        batch = await self._batches.number_of(budget)
        return await self.db.do(
            self.db.store.drafts.add, priced(new, profile), draft=True, batch=batch
        )

    async def stored(self, service: str | None = None) -> list[Task]:
        """Return the stored tasks that have not ended."""
        states = set(TaskState) - ENDED
        return await self.db.do(self.db.store.tasks.in_states, states, service)

    async def resume(
        self, profile: ServiceProfile, tasks: Sequence[Task], budget: Budget | None = None
    ) -> None:
        """Work on stored tasks of one service; drafts and tasks in doubt stay as they are.

        :param budget: what they may cost together from now on; ``None``: each stays in the batch
            that it is in.
        """
        # Held to it even where the service has moved: the user may still send them where it was.
        await self._batches.join(budget, tasks)
        await self.pool.remember(profile)
        await self.pool.work_on(profile, tasks)

    # -- the user's choices -----------------------------------------------------------------------

    async def start_unless_repeated(
        self, task_id: int, known: Collection[int] = (), budget: Budget | None = None
    ) -> list[Task]:
        """Start a draft, unless its picture was ordered by tasks that the user does not know of.

        :param known: the tasks for the same picture in spite of which the user wants it sent.
        :param budget: what it may cost with others, in place of the budget of its draft.
        :returns: those that speak against it, where it was not started.
        """
        store = self.db.store
        against = await self.db.do(store.drafts.start_unless_repeated, task_id, known)
        if not against:
            await self._taken_up(await self.db.do(store.tasks.get, task_id), budget)
        return against

    async def cancel(self, task_id: int) -> Task:
        """Cancel a task: before it is sent at once, after that by a request to the service."""
        store = self.db.store
        task = await self.db.do(store.tasks.get, task_id)
        if task.state in (TaskState.DRAFT, TaskState.QUEUED):
            return await self.take_back(task_id)
        task = await self.db.do(store.deletions.begin_cancel, task_id)
        if (worker := self.pool.get(task.service)) is not None:
            worker.cancel(task)
        else:
            await self._taken_up(task)
        return task

    async def take_back(self, task_id: int) -> Task:
        """Cancel a task that is not sent yet.

        :raises TransitionRefused: it has gone on meanwhile, and does.
        """
        task = await self.db.do(self.db.store.drafts.remove, task_id)
        if (worker := self.pool.get(task.service)) is not None:
            worker.drop(task)
        else:
            self._publish(TaskChanged(task, suspended=True))
        return task

    async def send_again(self, task_id: int, budget: Budget | None = None) -> Task:
        """Send another attempt of a task in doubt, which the user approved: it may cost twice.

        A service to which an equal private id is the same task is sent that very request again
        instead, which is free; unless it has refused it.

        :param budget: what further attempts of it, and of all others that are given the budget,
            may cost together.
        """
        task = await self.db.do(self.db.store.tasks.get, task_id)
        profile = await self.pool.profile(task.service)
        same_is_one = profile is not None and profile.private_id_is_idempotent
        if not (same_is_one and task.may_be_repeated and not task.is_refused_again):
            task = await self.db.do(self.db.store.attempts.send_again, task_id)
        return await self._taken_up(task, budget)

    async def give_up(self, task_id: int) -> Task:
        """Write off a task in doubt."""
        task = await self.db.do(self.db.store.attempts.give_up, task_id)
        self._publish(TaskChanged(task, suspended=True))
        return task

    async def retry(self, task_id: int, budget: Budget | None = None) -> Task:
        """Start a new attempt of an ended task: it costs again.

        :param budget: as for :meth:`send_again`.
        """
        return await self._taken_up(await self.db.do(self.db.store.attempts.retry, task_id), budget)

    async def ask_again(self, task_id: int) -> Task:
        """Ask the service once more about an ended task: free."""
        return await self._taken_up(await self.db.do(self.db.store.accepted.ask_again, task_id))

    async def fetch_now(self, task_id: int) -> None:
        """Fetch the result of a finished task now, whatever it waited for."""
        task = await self.db.do(self.db.store.tasks.get, task_id)
        worker = self.pool.get(task.service)
        if worker is None or not worker.fetch_now(task_id):
            await self._taken_up(task)

    async def want_deleted(self, task_ids: Collection[int]) -> None:
        """Store the request to delete services' records of ended tasks; other tasks are left out.

        It is carried out by :meth:`delete_on_service`, or whenever the service is in use.
        """
        for task_id in task_ids:
            with suppress(TransitionRefused):
                await self.db.do(self.db.store.deletions.want, task_id)

    async def delete_on_service(self, task_id: int) -> Task:
        """Have the service delete what it keeps of an ended task; files here stay.

        :returns: the task; what the service would not delete is among its
            :attr:`~enhance_gui.core.tasks.task.Task.on_service` still.
        :raises TransitionRefused: the task has not ended.
        :raises EnhanceError: the service could not be asked; the request is kept.
        """
        task = await self.db.do(self.db.store.deletions.want, task_id)
        profile = await self.pool.profile(task.service)
        if profile is None or not task.to_delete:
            return task
        return await (await self.pool.worker_for(profile)).deleter.delete_records(task)

    async def unpause_service(self, service: str) -> None:
        """Send again to a service that had paused, and try again what waited for a limit.

        :raises ServiceError: the local service had ended and does not start.
        """
        await self.pool.unpause_service(service)
        await self.try_limits(service)

    # -- money ------------------------------------------------------------------------------------

    async def spend_on(self, service: str) -> None:
        """Lift the limits on this service for today, and on the batches of what waits now."""
        self.spending.free_day(service)
        await self.db.do(self.db.store.batches.allow_more, service)
        await self.unpause_service(service)

    async def try_limits(self, service: str) -> None:
        """Try again what waited for the user's word on a limit: it may have another limit now."""
        tasks = await self.db.do(self.db.store.batches.let_go, service)
        profile = await self.pool.profile(service) if tasks else None
        if profile is not None:
            await self.pool.work_on(profile, tasks)

    # -- the end ----------------------------------------------------------------------------------

    async def close(self) -> None:
        """Stop everything, in order: workers, the local service, the database."""
        await self.pool.close()
        await self._supervisor.close()
        await self.db.close()
        if not self.crashed.done():
            self.crashed.cancel()

    # -- inside -----------------------------------------------------------------------------------

    async def _taken_up(self, task: Task, budget: Budget | None = None) -> Task:
        await self._batches.join(budget, [task])
        profile = await self.pool.profile(task.service)
        if profile is not None:
            await self.pool.work_on(profile, [task])
        return task

    def _publish(self, event: Event) -> None:
        for listener in list(self._listeners):
            try:
                listener(event)
            # A listener must not be able to break the work off.
            except Exception:  # noqa: BLE001
                _log.exception("an event was not taken in")

    def _crash(self, error: BaseException) -> None:
        """Take in a fault outside of the work on one task: see :mod:`enhance_gui.jobs.barrier`."""
        _log.error("a part of the queue failed", exc_info=error)
        if isinstance(error, LIST_UNSAFE) and not self.crashed.done():
            self.crashed.set_exception(error)
