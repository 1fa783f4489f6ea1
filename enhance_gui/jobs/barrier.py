"""Keeps a fault in the work on one task, or in one loop, from everything else.

An error that nobody foresaw is written into the log with its traceback, and ends where it arose.
The task says so: where nothing of it was sent it has failed, where it may have been sent it is in
doubt, and where the service has it, it is asked about again a few times, each later than the one
before, and then rests until the next start or until the user wants it to go on. Only what makes
the list of tasks itself unsafe to work on goes further, and ends the program.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec

from enhance_gui.core.backoff import Waits
from enhance_gui.core.errors import EnhanceError, Fault
from enhance_gui.core.storage_errors import LIST_UNSAFE, StorageError, TransitionRefused
from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.jobs.worker.context import STORAGE_RETRY_S, ServiceContext

_log = logging.getLogger(__name__)

TASK_DELAYS_S: Final = Waits((5.0, 30.0, 120.0))
"""Waits before work that met a fault is tried again; after the last the task is suspended."""

LOOP_DELAYS_S: Final = Waits((1.0, 2.0, 4.0, 8.0, 16.0))
"""Waits before a loop is started again; after the last its service pauses."""

_P = ParamSpec("_P")

STEADY_S: Final = 60.0
"""A loop that ran this long has earned its restarts back."""


def failure_of(error: BaseException, task: Task | None = None) -> Failure:
    """Return an error as the reason of a failure, with what it may have cost.

    The text of an error that is not ours may hold anything, and stands in the log alone.
    """
    if isinstance(error, EnhanceError) and not isinstance(error, TransitionRefused):
        return Failure.of(error)
    detail = Detail("an unforeseen error ({error})", error=type(error).__name__)
    return Failure(Fault.kind, detail if task is None else _with_charge(detail, task))


def _with_charge(what: str, task: Task) -> Detail:
    if task.charges_possible > 0:
        return Detail("{what}; it may have been charged", what=what)
    return Detail("{what}; nothing was charged for it", what=what)


class Barrier:
    """Runs the work on the tasks of one service, each for itself."""

    def __init__(self, context: ServiceContext, route: Callable[[Task], None]) -> None:
        """:param route: takes a task up from the state that it is in."""
        self._context = context
        self._route = route
        self._faults: dict[int, int] = {}
        """How often in a row each task has met one."""
        self._resting: dict[int, asyncio.Event] = {}

    def start(
        self,
        task_id: int,
        what: str,
        work: Callable[_P, Awaitable[None]],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> asyncio.Task[None]:
        """Begin a piece of work on a task."""
        guarded = self._guarded(task_id, work, *args, **kwargs)
        return self._context.owner.start(guarded, f"task {task_id}: {what}")

    def take_up(self, task: Task) -> None:
        """Take a task up from the state that it is in.

        One that has brought the program down is left aside until the user wants it to go on.
        """
        if self._context.shared.marks.sets_aside(task.id):
            self.start(task.id, "set aside", self._set_aside, task)
            return
        try:
            self._route(task)
        # The work on one task must not keep others from theirs.
        except Exception as error:  # noqa: BLE001
            self.start(task.id, "take up", _raised, error)

    async def _set_aside(self, task: Task) -> None:
        what = N_("the program ended twice while it was reading this picture")
        _log.error("task %s is set aside: %s", task.id, what)
        failure = Failure(Fault.kind, _with_charge(what, task))
        waits = await self._context.step(self._context.store.drafts.wait, task.id, failure)
        if waits is not None:
            self._context.end(waits)

    async def rest(self, task_id: int, delay_s: float) -> bool:
        """Wait before a task is tried again; return whether somebody wanted it at once."""
        resting = self._resting[task_id] = asyncio.Event()
        try:
            await self._context.clock.wait(resting, delay_s)
        finally:
            # Another way to go on with the task may have begun a rest of its own meanwhile.
            if self._resting.get(task_id) is resting:
                del self._resting[task_id]
        return resting.is_set()

    def hurry(self, task_id: int) -> None:
        """End a task's rest."""
        if (resting := self._resting.get(task_id)) is not None:
            resting.set()

    async def _guarded(
        self,
        task_id: int,
        work: Callable[_P, Awaitable[None]],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> None:
        try:
            await work(*args, **kwargs)
        except LIST_UNSAFE:
            raise
        # The barrier of one task: see above.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            _log.exception("the work on task %s met a fault", task_id)
            current = asyncio.current_task()
            if current is None or not current.cancelling():
                await self._met(task_id, error)
            # Else the program ends, and the next start finds the task where it is.
        else:
            self._faults.pop(task_id, None)

    async def _met(self, task_id: int, error: BaseException) -> None:
        context = self._context
        task = await context.step(context.store.tasks.get, task_id)
        if task is None:
            return
        known = context.tasks.get(task_id)
        if isinstance(error, TransitionRefused) and known and known.state is not task.state:
            return  # overtaken: whoever has brought it there goes on with it
        if isinstance(error, StorageError):
            context.report_storage_error(error, task_id)
        stands = await self._recorded(task, error)
        if stands is not None:
            self._after_fault(stands, error)

    async def _recorded(self, task: Task, error: BaseException) -> Task | None:
        """Record a fault with its task; ``None`` where that was overtaken."""
        context, store = self._context, self._context.store
        failure = failure_of(error, task)
        if task.state in ENDED or task.state is TaskState.IN_DOUBT:
            return task
        if task.state is TaskState.SENDING:
            return await context.step(store.attempts.in_doubt, task.id, failure)
        if task.state is TaskState.FETCHING:
            return await context.step(store.outputs.put_off, task.id, failure)
        is_unsent = task.state in (TaskState.DRAFT, TaskState.QUEUED)
        if is_unsent and not isinstance(error, StorageError):
            return await context.step(store.drafts.refuse, task.id, failure)
        return await context.step(store.drafts.wait, task.id, failure)

    def _after_fault(self, task: Task, error: BaseException) -> None:
        """Wait before a task is taken up again; suspend it for this run after too many faults."""
        context = self._context
        context.poller.forget(task.id)
        faults = self._faults.pop(task.id, 0) + 1
        delay_s = TASK_DELAYS_S.after(faults)
        is_over = task.state in ENDED or task.state is TaskState.IN_DOUBT
        if is_over or delay_s is None:
            context.end(task)
            return
        self._faults[task.id] = faults
        if isinstance(error, StorageError):
            context.suspend(task)
            delay_s = STORAGE_RETRY_S
        else:
            context.changed(task)
        context.owner.start(self._again(task, delay_s), f"task {task.id}: rest after a fault")

    async def _again(self, task: Task, delay_s: float) -> None:
        await self.rest(task.id, delay_s)
        now = self._context.tasks.get(task.id)
        if now is not None and now.state is task.state:
            self.take_up(now)

    async def keep_running(self, run: Callable[[], Awaitable[None]], name: str) -> None:
        """Run a loop, and start it again after each fault.

        Where it fails again and again its service pauses, until the user wants it to go on.
        """
        context = self._context
        faults = 0
        while True:
            began_s = context.clock.now_s()
            try:
                await run()
            except LIST_UNSAFE:
                raise
            # The barrier of one loop: see above.
            except (Exception, SystemExit) as error:  # noqa: BLE001
                _log.exception("%s: met a fault", name)
                if context.clock.now_s() - began_s >= STEADY_S:
                    faults = 0
                faults += 1
                if (delay_s := LOOP_DELAYS_S.after(faults)) is not None:
                    await context.clock.sleep(delay_s)
                    continue
                faults = 0
                context.pause(failure_of(error))
                context.suspend_all()
                while context.paused is not None:
                    await context.notifier.wait()
            else:
                return


async def _raised(error: Exception) -> None:
    raise error
