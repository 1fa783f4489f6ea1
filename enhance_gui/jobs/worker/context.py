"""What the parts of a worker share: the service, its tasks, and how changes are published."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Concatenate, Final, ParamSpec

from enhance_gui.client.api import ApiClient
from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.carried.carrying import KeptMetadata
from enhance_gui.core.images.file_names import STEM_TEMPLATE
from enhance_gui.core.service_errors import (
    RecordUnusable,
    RequestRefused,
    ServiceBusy,
    ServiceUnreachable,
)
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.settings.saving import SidecarPlace
from enhance_gui.core.storage_errors import StorageError, TransitionRefused
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.explanations import PAUSED
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.events import Event, NextTry, ServiceStatus, ServiceStatusChanged, TaskChanged
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.queue.budgets import Spending
from enhance_gui.jobs.support.stand_bys import StandBys
from enhance_gui.storage.system.decoder_marks import WorkMarks
from enhance_gui.storage.task_db.store import TaskStore
from enhance_gui.transport.clients import HttpClient

_log = logging.getLogger(__name__)

_P = ParamSpec("_P")

STORAGE_RETRY_S: Final = 30.0
"""Wait before this computer's disk is tried again."""


class Notifier:
    """Wakes every loop that waits for something to change."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()

    def notify_all(self) -> None:
        # Whoever waits holds the old event; whoever comes later waits for the next notification.
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, due_s: float = math.inf) -> None:
        """Wait for a notification, or until the clock shows ``due_s``."""
        await self._clock.wait(self._event, max(0.0, due_s - self._clock.now_s()))


@dataclass(slots=True)
class Naming:
    """How results are named, and what is said in and beside them; a change holds at once."""

    template: str = STEM_TEMPLATE
    strip_signatures: bool = False
    """Whether sidecars leave out what looks like a signature in addresses."""
    metadata: KeptMetadata = KeptMetadata.ALL
    """How much of the original's metadata results keep."""
    sidecars: SidecarPlace = SidecarPlace.BESIDE
    """Where sidecars are written."""

    def follow(self, preferences: Preferences) -> None:
        """Take over what the user prefers, but for the template: that is the window's."""
        self.strip_signatures = preferences.strip_signatures
        self.metadata = preferences.metadata
        self.sidecars = preferences.sidecars


@dataclass(slots=True)
class Shared:
    """What the workers of all services share."""

    db: StoreThread[TaskStore]
    clock: Clock
    publish: Callable[[Event], None]
    """Sends an event to the listeners."""
    on_crash: Callable[[BaseException], None]
    """Gets every error of a worker that is a bug."""
    input_copies: Path
    """Folder for copies of pictures that came by address."""
    spending: Spending
    """The user's limits."""
    marks: WorkMarks
    """Of the pictures that are being decoded."""
    naming: Naming = field(default_factory=Naming)
    stand_bys: StandBys | None = None
    """Pictures that came beside their addresses; ``None``: none are kept."""
    taken: set[Path] = field(default_factory=set)
    """Paths promised to results that are being saved."""


@dataclass(slots=True)
class ServiceContext:
    """One service and the tasks that are being worked on."""

    shared: Shared
    profile: ServiceProfile
    api: ApiClient
    pictures: HttpClient
    """Fetches pictures and results; has no credentials."""
    poller: Poller
    owner: TaskSupervisor
    db: StoreThread[TaskStore] = field(init=False)
    store: TaskStore = field(init=False)
    clock: Clock = field(init=False)
    publish: Callable[[Event], None] = field(init=False)
    notifier: Notifier = field(init=False)
    tasks: dict[int, Task] = field(default_factory=dict)
    """What is being worked on, as last stored."""
    ready: OrderedDict[int, Task] = field(default_factory=OrderedDict)
    """Checked tasks that may be sent now, in order."""
    paused: Failure | None = None
    """Why nothing is sent; ``None`` while sending."""
    problem: Failure | None = None
    """What is wrong with this computer's disk or database, as far as is known."""
    suspended: set[int] = field(default_factory=set)
    """Tasks that wait for something that this run may not see."""
    _busy: Failure | None = None
    """Why the service has asked to be asked later, the last time that it has."""
    _announced: tuple[ServiceStatus, bool, str] | None = (ServiceStatus.READY, False, "")
    _next_try_s: float | None = None

    def __post_init__(self) -> None:
        shared = self.shared
        self.db, self.clock, self.publish = shared.db, shared.clock, shared.publish
        self.store = self.db.store
        self.notifier = Notifier(self.clock)

    def changed(self, task: Task) -> None:
        """Publish a step of a task that is stored and that others will follow."""
        if task.id in self.tasks:
            self.tasks[task.id] = task
        self.suspended.discard(task.id)
        if self.problem is not None:
            self.problem = None
            self.announce()
        self.publish(TaskChanged(task))

    def suspend(self, task: Task) -> None:
        """Suspend a task: it waits for something that this run may not see."""
        if task.id in self.tasks:
            self.tasks[task.id] = task
            self.suspended.add(task.id)
        self.publish(TaskChanged(task, suspended=True))

    def end(self, task: Task) -> None:
        """Let go of a task that will take no further step by itself."""
        self.tasks.pop(task.id, None)
        self.suspended.discard(task.id)
        self.publish(TaskChanged(task, suspended=True))
        self.notifier.notify_all()

    def publish_task(self, task_id: int) -> None:
        """Publish once more how a task stands; with the reason, where the user is to mend it."""
        task, paused = self.tasks[task_id], self.paused
        held = task.state is TaskState.QUEUED and paused is not None
        if held and paused is not None and paused.kind != PAUSED:
            task = replace(task, failure=task.failure or paused)
        self.publish(TaskChanged(task, suspended=held or task_id in self.suspended))

    def pause(self, failure: Failure) -> None:
        """Stop sending until the user does something; what is accepted is still followed."""
        self.paused = failure
        self.announce()
        for task in list(self.tasks.values()):
            if task.state is TaskState.QUEUED:
                self.publish_task(task.id)
            elif task.state is TaskState.IN_DOUBT:
                self.publish(TaskChanged(task, suspended=True))
        self.notifier.notify_all()

    def suspend_all(self) -> None:
        """Suspend all tasks that wait for the service: it is out of reach."""
        failure = self.paused or Failure(ServiceUnreachable.kind, Detail("it does not answer"))
        for task in list(self.tasks.values()):
            self.suspended.add(task.id)
            waiting = replace(task, failure=task.failure or failure)
            self.publish(TaskChanged(waiting, suspended=True))

    def resume(self) -> None:
        """Send again."""
        was_paused, self.paused = self.paused, None
        self.announce()
        if was_paused is not None:
            for task in list(self.tasks.values()):
                if task.state is TaskState.QUEUED:
                    self.publish_task(task.id)
        self.notifier.notify_all()

    async def step(
        self,
        take: Callable[Concatenate[int, _P], Task],
        task_id: int,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Task | None:
        """Take a step of the stored task that must not be lost; on a full disk, again and again.

        :returns: the task after it; ``None`` where the user or a proof was faster, and the task
            stands elsewhere by now.
        """
        while True:
            try:
                return await self.db.do(take, task_id, *args, **kwargs)
            except TransitionRefused as error:
                _log.info("overtaken: %s", error.detail)
                return None
            except StorageError as error:
                self.report_storage_error(error, task_id)
                await self.clock.sleep(STORAGE_RETRY_S)

    @contextmanager
    def queued_to_ask(self) -> Iterator[object]:
        """Queue up for :meth:`turn_to_ask`; yield the place, which is to be held until
        :meth:`asking`.
        """
        place, askers = object(), self.poller.turns.askers
        askers.append(place)
        try:
            yield place
        finally:
            askers.remove(place)
            self.notifier.notify_all()

    async def turn_to_ask(self, place: object, within_s: float = math.inf) -> bool:
        """Wait until all who came first have asked, and the pace that the service bears allows one
        more question; return whether that is soon enough.
        """
        askers, now_s = self.poller.turns.askers, self.clock.now_s()
        give_up_s = now_s + within_s
        while (due_s := self.poller.probe_due_s(now_s)) > now_s or askers[0] is not place:
            if due_s > give_up_s or now_s >= give_up_s:
                return False
            await self.notifier.wait(due_s if askers[0] is place else give_up_s)
            now_s = self.clock.now_s()
        return True

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Have the poller know of a question that is none of its polls, and how it was answered."""
        poller, clock = self.poller, self.clock
        poller.probe_sent(clock.now_s())
        self.announce()
        try:
            yield
        except ServiceBusy as error:
            self.busy(None, error)
            raise
        except (RequestRefused, RecordUnusable):
            poller.probe_answered(clock.now_s())
            raise
        except EnhanceError:
            poller.unreachable(None, clock.now_s())
            raise
        poller.probe_answered(clock.now_s())

    def busy(self, task_id: int | None, error: ServiceBusy) -> None:
        """Take in that the service asks to be asked later.

        :param task_id: the task that it was asked about; ``None``: it was another request.
        """
        self._busy = Failure.of(error)
        self.poller.busy(task_id, self.clock.now_s(), error.retry_after_s)

    def report_storage_error(self, error: StorageError, task_id: int | None = None) -> None:
        """Report that this computer's disk or database keeps the worker from its work.

        :param task_id: the task that waits for it, where it is one.
        """
        _log.error("%s: %s", error.kind, error.detail)
        self.problem = Failure.of(error)
        self.announce()
        if task_id is not None and (task := self.tasks.get(task_id)) is not None:
            self.suspended.add(task_id)
            self.publish(TaskChanged(replace(task, failure=self.problem), suspended=True))

    def report_problem(self, failure: Failure) -> None:
        """Publish a problem that hinders no task, and once more the service's status."""
        self.publish(ServiceStatusChanged(self.profile.name, ServiceStatus.READY, failure))
        self.announce_anew()

    def announce_anew(self) -> None:
        """Publish the service's status, which others may have been told otherwise."""
        self._announced = None
        self.announce()

    def announce(self) -> None:
        """Publish the service's status and its next try, where they have changed."""
        status = self.poller.status(self.clock.now_s())
        failure = self.paused or self.problem
        state = status if failure is None else ServiceStatus.PAUSED
        if state is ServiceStatus.BUSY:
            failure = self._busy
        out_of_reach = status is ServiceStatus.OFFLINE
        announced = (state, out_of_reach, "" if failure is None else failure.kind)
        if announced != self._announced:
            self._announced = announced
            self.publish(ServiceStatusChanged(self.profile.name, state, failure, out_of_reach))
        next_try_s = self.poller.turns.next_probe_s if self._is_to_ask else None
        if next_try_s != self._next_try_s:
            self._next_try_s = next_try_s
            self.publish(NextTry(self.profile.name, next_try_s))

    @property
    def _is_to_ask(self) -> bool:
        """Whether there is something to ask the service, as soon as it may be asked."""
        poller, sends = self.poller, bool(self.ready) and self.paused is None
        return sends or poller.in_flight > 0 or bool(poller.turns.askers)
