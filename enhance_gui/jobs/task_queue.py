"""The queue: what the window and the command line see of the whole work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError, ServiceDidNotStart, TokenMissing
from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME, ServiceProfile
from enhance_gui.core.secret import Secret
from enhance_gui.core.tasks import ENDED, Failure, NewTask, Task, TaskState
from enhance_gui.jobs.bundled_service import BundledService, service_command
from enhance_gui.jobs.events import Event, LineChanged, LineState, TaskChanged
from enhance_gui.jobs.line import Line, Naming
from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings
from enhance_gui.jobs.service_line import ServiceLine
from enhance_gui.jobs.store_thread import StoreThread
from enhance_gui.jobs.task_owner import TaskOwner
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.input_copies import forget_oldest
from enhance_gui.transport.clients import picture_client
from enhance_gui.transport.policy import AddressPolicy

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
        token_of: Callable[[str], Awaitable[Secret | None]],
    ) -> None:
        """
        :param folders: where the bundled service and copies of inputs lie.
        :param token_of: gives the token of the service of a name.
        """
        self._db = db
        self._clock = clock
        # Not to be guessed from outside: it spreads the requests of many copies of the program.
        self._random = SystemRandom()
        self._folders = folders
        self._token_of = token_of
        self._listeners: list[Callable[[Event], None]] = []
        self._lines: dict[str, ServiceLine] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._bundled: BundledService | None = None
        self._taken: set[Path] = set()
        self._paused = False
        self._closing = False
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
        self._listeners.remove(listener)

    # -- adding -----------------------------------------------------------------------------------

    async def add(self, profile: ServiceProfile, new: Sequence[NewTask]) -> list[Task]:
        """Store the tasks and begin to work on them.

        A task that is stored already and has not ended is not added again: it is returned in its
        place and continued, so that a command typed twice is not paid twice.

        :raises StorageError: they cannot be stored; none was.
        """
        store = self._db.store
        await self._db.do(store.remember_service, profile)
        known = [await self._db.do(store.unfinished_like, each) for each in new]
        fresh = [each for each, old in zip(new, known, strict=True) if old is None]
        added = iter(await self._db.do(store.add, fresh))
        tasks = [old if old is not None else next(added) for old in known]
        await self._work(profile, tasks)
        return tasks

    async def draft(self, profile: ServiceProfile, new: Sequence[NewTask]) -> list[Task]:
        """Store tasks and check their pictures; nothing is sent before each is started.

        :raises StorageError: they cannot be stored; none was.
        """
        await self._db.do(self._db.store.remember_service, profile)
        tasks = await self._db.do(self._db.store.add, new, draft=True)
        await self._work(profile, tasks)
        return tasks

    async def twins(self, task: Task) -> list[Task]:
        """Return earlier tasks for the same picture and enhance type, whether ended or not."""
        return await self._db.do(self._db.store.twins, task)

    async def history(self) -> list[Task]:
        """Return every stored task, in the order in which they were added."""
        return await self._db.do(self._db.store.tasks, set(TaskState))

    async def stored(self, service: str | None = None) -> list[Task]:
        """Return the stored tasks that have not ended."""
        states = set(TaskState) - ENDED
        return await self._db.do(self._db.store.tasks, states, service)

    async def resume(self, profile: ServiceProfile, tasks: Sequence[Task]) -> None:
        """Work on stored tasks of one service; drafts and tasks in doubt stay as they are."""
        await self._db.do(self._db.store.remember_service, profile)
        await self._work(profile, tasks)

    async def service_profile(self, name: str) -> ServiceProfile | None:
        """Return the profile under which stored tasks were sent."""
        return await self._db.do(self._db.store.service, name)

    # -- the user's choices -----------------------------------------------------------------------

    async def start(self, task_id: int) -> Task:
        """The user starts a draft."""
        return await self._taken_up(await self._db.do(self._db.store.start, task_id))

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

    async def send_again(self, task_id: int) -> Task:
        """The user approves another attempt of a task in doubt: it may cost twice."""
        return await self._taken_up(await self._db.do(self._db.store.send_again, task_id))

    async def give_up(self, task_id: int) -> Task:
        """The user writes off a task in doubt."""
        task = await self._db.do(self._db.store.give_up, task_id)
        self._publish(TaskChanged(task, parked=True))
        return task

    async def retry(self, task_id: int) -> Task:
        """The user wants a new attempt of an ended task: it costs again."""
        return await self._taken_up(await self._db.do(self._db.store.retry, task_id))

    async def ask_again(self, task_id: int) -> Task:
        """The user wants the service asked once more about a failed task: free."""
        return await self._taken_up(await self._db.do(self._db.store.ask_again, task_id))

    async def go_on(self, service: str) -> None:
        """Send again to a service that had paused."""
        if (line := self._lines.get(service)) is not None:
            line.resume()

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

    # -- callbacks --------------------------------------------------------------------------------

    async def called_back(self, service: str, service_task_id: str, private_id: str) -> None:
        """Follow a hint that a task is finished; believe only what gettask says.

        Where the private id belongs to an attempt in doubt, gettask's word settles it.
        """
        line = self._lines.get(service)
        task = await self._db.do(self._db.store.task_of_private_id, private_id)
        if line is None or task is None or task.service != service:
            return
        if task.service_task_id == service_task_id:
            line.hint(task.id)
            return
        try:
            record = await line.api.get_task(service_task_id, task.type_id)
        except EnhanceError as error:
            _log.info("a callback could not be confirmed: %s", error.kind)
            return
        if record.private_id != private_id:
            return
        adopted = await self._db.do(self._db.store.adopt, private_id, service_task_id)
        if adopted is not None:
            line.adopted(adopted)

    # -- the end ----------------------------------------------------------------------------------

    async def close(self) -> None:
        """Stop everything, in order: lines, the bundled service, the database."""
        self._closing = True
        for line in list(self._lines.values()):
            await line.close(CLOSE_GRACE_S)
        await self._owner.close()
        if self._bundled is not None:
            await self._bundled.stop()
        await self._db.close()
        if not self.crashed.done():
            self.crashed.cancel()

    # -- inside -----------------------------------------------------------------------------------

    async def _taken_up(self, task: Task) -> Task:
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
            for task in tasks:
                waiting = await self._db.do(self._db.store.wait, task.id, failure)
                self._publish(TaskChanged(waiting, parked=True))
            return
        line.take(tasks)

    async def _line(self, profile: ServiceProfile) -> ServiceLine:
        """Return the line to a service, opened if need be.

        :raises TokenMissing: the service needs a token and there is none.
        :raises ServiceDidNotStart: the bundled service could not be started.
        """
        async with self._opening.setdefault(profile.name, asyncio.Lock()):
            line = self._lines.get(profile.name)
            if line is None:
                line = await self._open(profile)
                self._lines[profile.name] = line
                if self._paused:
                    self._hold(line)
                line.start()
        return line

    def _hold(self, line: ServiceLine) -> None:
        if line.paused is None:
            line.pause(PAUSED_BY_USER)

    async def _open(self, profile: ServiceProfile) -> ServiceLine:
        prior_median_s = PRIOR_MEDIAN_S
        if profile.name == BUNDLED_SERVICE_NAME:
            self._publish(LineChanged(profile.name, LineState.STARTING))
            profile, api = await self._start_bundled(profile)
            prior_median_s = BUNDLED_PRIOR_MEDIAN_S
            self._publish(LineChanged(profile.name, LineState.READY))
        else:
            token = await self._token_of(profile.name)
            if token is None and profile.needs_token:
                raise TokenMissing(f"“{profile.name}” needs a token and none is set")
            api = ApiClient(profile, token)
        samples = await self._db.do(self._db.store.durations, profile.name)
        settings = PollerSettings(
            requests_per_s=profile.requests_per_s,
            max_in_flight=profile.max_in_flight,
            prior_median_s=prior_median_s,
        )
        private = profile.allow_private_addresses
        return ServiceLine(
            Line(
                profile=profile,
                api=api,
                pictures=picture_client(
                    AddressPolicy.ANY if private else AddressPolicy.PUBLIC_ONLY
                ),
                poller=Poller(
                    settings, DurationModel(samples, prior_median_s=prior_median_s), self._random
                ),
                db=self._db,
                clock=self._clock,
                owner=TaskOwner(self._crash),
                publish=self._publish,
                taken=self._taken,
                input_copies=self._folders.input_copies,
                naming=self.naming,
            )
        )

    async def _start_bundled(self, profile: ServiceProfile) -> tuple[ServiceProfile, ApiClient]:
        command = service_command(self._folders.service_data)
        self._bundled = await BundledService.start(command, self._owner)
        self._owner.start(self._watch_bundled(self._bundled), "bundled service's end")
        profile = replace(profile, base_url=self._bundled.base_url)
        return profile, ApiClient(profile, self._bundled.token)

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
            if restarts > RESTARTS:
                failure = Failure(ServiceDidNotStart.kind, last_words)
                line.pause(failure)
                return
            try:
                service = await BundledService.start(
                    service_command(self._folders.service_data), self._owner
                )
            except ServiceDidNotStart as error:
                line.pause(Failure.of(error))
                return
            self._bundled = service
            profile = replace(line.profile, base_url=service.base_url)
            await line.reconnect(profile, ApiClient(profile, service.token))

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
