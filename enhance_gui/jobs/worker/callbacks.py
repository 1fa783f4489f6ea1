"""Receives callbacks of one service and treats each as a hint to poll.

What a callback can do is small: a polled task is polled sooner, and an attempt of
which nothing is known but that it was sent (in doubt, or its answer still to come) is asked about.
Only the second has to outlast the end of the program, and is stored before the service is
answered: its number on the service stands nowhere else. A polled task is asked about at the
next start anyway.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from enhance_gui.client.callback_server import CallbackReceiver
from enhance_gui.core.backoff import Backoff
from enhance_gui.core.errors import CallbacksNotReceived, EnhanceError
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import ServiceBusy, TaskDeleted, TaskUnknown
from enhance_gui.core.services.profile import CallbackSettings
from enhance_gui.core.storage_errors import StorageError, TransitionRefused
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.jobs.barrier import Barrier
from enhance_gui.jobs.events import CallbacksMended
from enhance_gui.jobs.worker.context import STORAGE_RETRY_S, ServiceContext
from enhance_gui.storage.task_db.store import StoredHint
from enhance_gui.wire.callback import CallbackHint

_log = logging.getLogger(__name__)

BETWEEN_QUESTIONS_S: Final = 10.0
"""Minimum time between two questions about one task, whatever callbacks say of it."""

_BACKOFF: Final = Backoff(BETWEEN_QUESTIONS_S, 600.0)
"""Waits before a question that had no answer is asked again."""

UNKNOWN_TRIES: Final = 3
"""Questions after which a task that the service does not know is believed not to be."""

_LOOK_AGAIN_S: Final = 1.0
"""Wait while createtask's own answer is still to come."""


@dataclass(slots=True)
class _Waiting:
    """A callback about an attempt whose own answer is not known."""

    task_id: int
    due_s: float
    tries: int = 0


class Callbacks:
    """Receives and follows the callbacks of one service."""

    def __init__(self, context: ServiceContext, barrier: Barrier) -> None:
        self._context = context
        self._barrier = barrier
        self._receiver: CallbackReceiver | None = None
        self._received_by: tuple[CallbackSettings, Mapping[str, str], Secret | None] | None = None
        self._is_deaf = False
        self._waiting: dict[tuple[str, str], _Waiting] = {}
        self._asked_s: dict[int, float] = {}
        self._held: set[int] = set()
        self._changed = asyncio.Event()

    async def open(self, token: Secret | None) -> None:
        """Take up the callbacks that an earlier run did not ask about; :meth:`listen`.

        Not before the token is there, where the service needs one.
        """
        context = self._context
        for hint in await context.db.do(context.store.hints.of, context.profile.name):
            self._wait_for(hint)
        if token is not None or not context.profile.needs_token:
            await self.listen(token)

    async def listen(self, token: Secret | None) -> None:
        """Listen where the profile wants it, and nowhere else any more.

        Where the address cannot be listened on, that is reported and the worker does without.
        """
        context = self._context
        callback = context.profile.callback
        wanted = (callback, context.profile.fields, token)
        if wanted == self._received_by:
            return
        self.close()
        self._received_by = None
        try:
            if callback.listen:
                self._receiver = await self._listening(callback, token)
        except CallbacksNotReceived as error:
            _log.warning("%s: %s", context.profile.name, error.detail)
            self._is_deaf = True
            context.report_problem(Failure.of(error))
            return
        self._received_by = wanted
        if self._is_deaf:
            self._is_deaf = False
            context.publish(CallbacksMended(context.profile.name))

    async def _listening(
        self, callback: CallbackSettings, token: Secret | None
    ) -> CallbackReceiver:
        """:raises CallbacksNotReceived: the address cannot be listened on, or there is no token."""
        if not token:
            raise CallbacksNotReceived("there is no token by which to know them")
        receiver = CallbackReceiver(
            callback.listen,
            token,
            callback.md5,
            self.take,
            self._context.owner.start,
            names=self._context.profile.fields,
        )
        await receiver.open()
        return receiver

    def close(self) -> None:
        """Stop listening."""
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.close()

    async def run(self) -> None:
        """Ask about what callbacks say of attempts in doubt: the fourth loop of a worker."""
        while True:
            self._changed.clear()
            try:
                due_s = await self._follow_due()
            except StorageError as error:
                self._context.report_storage_error(error)
                due_s = self._context.clock.now_s() + STORAGE_RETRY_S
            await self._context.clock.wait(
                self._changed, max(0.0, due_s - self._context.clock.now_s())
            )

    async def take(self, callback: CallbackHint) -> None:
        """Take a callback in; what has to outlast the end of the program is durable on return.

        :raises StorageError: it is not.
        """
        context = self._context
        hint = await context.db.do(
            context.store.hints.note, context.profile.name, callback.task_id, callback.private_id
        )
        if hint is None:
            return
        if hint.outcome is Outcome.ACCEPTED:
            self._look_at(hint.task_id)
        else:
            self._wait_for(hint)

    def holds(self, task: Task) -> bool:
        """Return whether a task in doubt may be settled soon; if not it is suspended from here
        then."""
        for waiting in self._waiting.values():
            if waiting.task_id == task.id and not waiting.tries:
                self._held.add(task.id)
                return True
        return False

    def _look_at(self, task_id: int) -> None:
        self._context.poller.hint(task_id, self._context.clock.now_s())
        self._context.notifier.notify_all()

    def _wait_for(self, hint: StoredHint) -> None:
        now_s = self._context.clock.now_s()
        key = (hint.private_id, hint.service_task_id)
        self._waiting.setdefault(key, _Waiting(hint.task_id, now_s))
        self._changed.set()

    async def _follow_due(self) -> float:
        """Follow what is due; return when to come again."""
        clock = self._context.clock
        for key, waiting in list(self._waiting.items()):
            if waiting.due_s > clock.now_s():
                continue
            try:
                waiting.due_s = await self._follow(key, waiting)
            except EnhanceError:
                raise
            # A fault with one callback must not keep the others from being followed.
            except Exception:  # noqa: BLE001
                _log.exception("task %s: a callback could not be followed", waiting.task_id)
                await self._met_fault(waiting)
                continue
            if math.isinf(waiting.due_s):
                del self._waiting[key]
                await self._context.db.do(self._context.store.hints.forget, *key)
        return min((each.due_s for each in self._waiting.values()), default=math.inf)

    async def _met_fault(self, waiting: _Waiting) -> None:
        """Follow a callback later, a few times; then at the next start, which finds it stored."""
        await self._let_go(waiting.task_id)
        waiting.tries += 1
        is_over = waiting.tries > UNKNOWN_TRIES
        waiting.due_s = math.inf if is_over else self._later_s(waiting)

    def _later_s(self, waiting: _Waiting) -> float:
        return self._context.clock.now_s() + _BACKOFF.delay_s(waiting.tries)

    async def _follow(self, key: tuple[str, str], waiting: _Waiting) -> float:
        """Take a step with one callback; return when to take the next, infinity: none."""
        context = self._context
        private_id, service_task_id = key
        now_s = context.clock.now_s()
        task = await context.db.do(context.store.tasks.get, waiting.task_id)
        attempt = next(each for each in task.attempts if each.private_id == private_id)
        if attempt.outcome is Outcome.OPEN:
            return now_s + _LOOK_AGAIN_S
        if attempt.outcome is not Outcome.IN_DOUBT:
            # createtask's own answer has come meanwhile.
            if attempt.service_task_id == service_task_id:
                self._look_at(task.id)
            return math.inf
        free_s = self._asked_s.get(task.id, -math.inf) + BETWEEN_QUESTIONS_S
        ready_s = max(free_s, context.poller.probe_due_s(now_s))
        if ready_s > now_s:
            return ready_s
        self._asked_s[task.id] = now_s
        waiting.tries += 1
        confirmed = await self._confirmed(task, service_task_id, private_id, waiting.tries)
        if confirmed:
            await self._accepted(private_id, service_task_id)
        await self._let_go(task.id)
        if confirmed is not None:
            return math.inf
        return self._later_s(waiting)

    async def _confirmed(
        self, task: Task, service_task_id: str, private_id: str, tries: int
    ) -> bool | None:
        """Ask the service whether a task of its carries our private id; ``None``: not known."""
        try:
            with self._context.asking():
                record = await self._context.api.get_task(service_task_id, task.type_id)
        except (TaskUnknown, TaskDeleted):
            return None if tries < UNKNOWN_TRIES else False
        except ServiceBusy:
            return None
        except EnhanceError as error:
            _log.info("a callback could not be confirmed: %s", error.kind)
            return None
        return record.private_id == private_id

    async def _accepted(self, private_id: str, service_task_id: str) -> None:
        """Follow a task whose attempt has turned out to be accepted, where it stands for that."""
        context = self._context
        accepted = context.store.hints.confirm_accepted
        try:
            task = await context.db.do(accepted, private_id, service_task_id)
        except TransitionRefused as error:
            _log.warning("a proof contradicts what is stored: %s", error.detail)
            return
        if task is None:
            return
        known = context.tasks.get(task.id)
        is_followed = known is not None and known.state is TaskState.ACCEPTED
        if task.state is not TaskState.ACCEPTED or is_followed:
            context.changed(task)  # it stands where another attempt has brought it
            return
        context.ready.pop(task.id, None)
        context.tasks[task.id] = task
        self._barrier.take_up(task)
        context.notifier.notify_all()

    async def _let_go(self, task_id: int) -> None:
        """Suspend a task that was waiting for its first question, where that settled nothing."""
        if task_id in self._held:
            self._held.discard(task_id)
            task = await self._context.db.do(self._context.store.tasks.get, task_id)
            if task.state is TaskState.IN_DOUBT:
                self._context.end(task)
