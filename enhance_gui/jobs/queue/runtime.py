"""Composes the work of one run: list of tasks, tokens, network, limits, and the later starts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from enhance_gui.core.clock import Clock
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.spending import is_held
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.threads import StoreThread
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.jobs.queue.task_queue import TaskQueue
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.jobs.services.network import NetworkProvider, ProxyLogin
from enhance_gui.jobs.single_instance.server import Handler, InstanceServer
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.task_db.database import errors_of_own_folder
from enhance_gui.storage.task_db.store import TaskStore


class Runtime:
    """Holds the queue of one run, watches it for crashes, and serves later starts."""

    def __init__(
        self, queue: TaskQueue, folder: Path, on_crash: Callable[[BaseException], None]
    ) -> None:
        """
        :param queue: closed with the runtime.
        :param folder: where later starts find this one.
        """
        self.queue = queue
        self.store = queue.db.store
        self._folder = folder
        self._server: InstanceServer | None = None
        self._supervisor = TaskSupervisor(on_crash)
        self._supervisor.start(self._watch_crash(), "crash of the queue")

    @classmethod
    async def open(
        cls,
        clock: Clock,
        folders: Folders,
        tokens: CredentialStore,
        preferences: Preferences,
        on_crash: Callable[[BaseException], None],
    ) -> Runtime:
        """Open the list of tasks and begin to work; where it is cancelled nothing stays open.

        :param on_crash: gets what ends the trust in the list of tasks, and faults in serving.
        :raises StorageError: the list cannot be used.
        """
        opening = asyncio.get_running_loop().run_in_executor(
            None, TaskStore.open, folders.database, clock.wall, folders.list_record
        )
        try:
            store = await asyncio.shield(opening)
        except asyncio.CancelledError:
            # Whoever ends the run gives the lock of the list back right after this.
            await asyncio.wait([opening])
            if opening.exception() is None:
                opening.result().close()
            raise
        network_provider = NetworkProvider(preferences.network, ProxyLogin(tokens).complete)
        queue = TaskQueue(StoreThread(store), clock, folders, tokens.get, network_provider)
        queue.naming.follow(preferences)
        for service, maximum in preferences.day_limits.items():
            queue.spending.limit_day(service, maximum)
        return cls(queue, folders.data, on_crash)

    @property
    def is_ready(self) -> bool:
        """Whether the work has begun so far that requests of later starts are accepted."""
        return self._server is not None

    async def listen(self, handle: Handler) -> None:
        """Accept the requests of later starts.

        :raises StorageError: the data folder cannot be written to.
        """
        self._server = InstanceServer(self._folder, handle, self._supervisor)
        with errors_of_own_folder():
            await self._server.start()

    async def resume_stored(self, profile: ServiceProfile, tasks: Sequence[Task]) -> None:
        """Continue a service's tasks of earlier runs, in the batches that they were in.

        Drafts, tasks in doubt and what waits for the user's word on a limit stay as they are.

        :param tasks: those of other services are left out.
        :raises ProfileInvalid: the service has moved.
        :raises StorageError: the list of tasks cannot be used.
        """
        own = [task for task in tasks if task.service == profile.name]
        resumed = [task for task in own if _may_resume(task, profile)]
        batched = [task for task in resumed if task.batch is not None]
        # What is in no batch is one from now on: left by an earlier version, or by a command
        # without a limit.
        loose = [task for task in resumed if task.batch is None]
        if resumed:
            await self.queue.resume(profile, batched)
        if loose:
            await self.queue.resume(profile, loose, Budget())

    async def stop_listening(self) -> None:
        """Accept no more requests of later starts; what those before asked for goes on."""
        if self._server is not None:
            await self._server.close()

    async def close(self) -> None:
        """End everything in order: later starts, the queue, the list of tasks."""
        await self.stop_listening()
        await self._supervisor.close()
        await self.queue.close()

    async def _watch_crash(self) -> None:
        await self.queue.crashed


def _may_resume(task: Task, profile: ServiceProfile) -> bool:
    """Return whether a task of an earlier run may go on without a word of the user."""
    is_repeated = profile.private_id_is_idempotent and task.may_be_repeated
    return (task.state is not TaskState.IN_DOUBT or is_repeated) and not is_held(task)
