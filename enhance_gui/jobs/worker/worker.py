"""Everything between the program and one service, put together.

Three loops share the work: one checks pictures a little ahead of need, one sends what is checked,
one looks at accepted tasks. A fourth asks about what callbacks say of tasks in doubt, a fifth has
records deleted of which that was wished. Finished tasks are fetched on the side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.tasks.task import Failure, Task, TaskState
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.explanations import PAUSED
from enhance_gui.jobs.barrier import Barrier, keep_running, pause_service
from enhance_gui.jobs.worker.callbacks import Callbacks
from enhance_gui.jobs.worker.checking import Checker
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.deleting import Deleter
from enhance_gui.jobs.worker.deleting_records import RecordDeleter
from enhance_gui.jobs.worker.input_copies import InputCopier
from enhance_gui.jobs.worker.polling_loop import Follower
from enhance_gui.jobs.worker.ready import ReadyTasks
from enhance_gui.jobs.worker.results import Collector
from enhance_gui.jobs.worker.submitting import Creator
from enhance_gui.transport.clients import HttpClient, picture_client
from enhance_gui.transport.policy import AddressPolicy

ENDING: Final = Failure(PAUSED, Detail("the program is ending"))
"""Why nothing is sent any more while the last answers come in."""


class ServiceWorker:
    """The work on one service's tasks."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._ready = ReadyTasks()
        self._barrier = Barrier(context, self._route)
        self._checker = Checker(context, self._ready, self._barrier)
        self._copier = InputCopier(context)
        self._callbacks = Callbacks(context, self.adopted)
        self._creator = Creator(
            context, self._ready, self._barrier, self._copier, self._callbacks.holds
        )
        self._collector = Collector(context, self._barrier, self._copier)
        self._follower = Follower(context, self._barrier, self._collector.collect)
        self._deleter = Deleter(context, self._barrier, self._follower.adopt)
        self._records = RecordDeleter(context)
        self._draining: set[ApiClient | HttpClient] = set()
        """Clients of earlier settings that have a request on its way, perhaps a paid one."""

    async def open(self, token: Secret | None) -> None:
        """Listen for callbacks where the profile wants it; ``token`` is that of the service."""
        await self._callbacks.open(token)

    def start(self) -> None:
        """Begin to work."""
        loops = {
            "checks": self._checker.run,
            "creates": self._creator.run,
            "polls": self._follower.run,
            "callbacks": self._callbacks.run,
            "deletions": self._records.run,
        }
        context = self._context
        given_up = partial(pause_service, context)
        for what, run in loops.items():
            name = f"{context.profile.name}: {what}"
            context.owner.start(keep_running(run, context.clock, name, given_up), name)

    async def close(self, grace_s: float) -> None:
        """Stop; a request that is on its way gets ``grace_s`` seconds to be answered."""
        self._callbacks.close()
        await self._creator.finish(grace_s)
        await self._context.owner.close()
        await self._context.api.aclose()
        await self._context.pictures.aclose()
        for client in self._draining:
            await client.aclose()

    async def reconnect(self, profile: ServiceProfile, api: ApiClient) -> None:
        """Go on with the same service at another address: the child was started anew."""
        old = self._context.api
        self._context.api = api
        self._context.profile = profile
        self.system_resumed()
        await old.aclose()

    def apply_network(self, network: NetworkSettings) -> None:
        """Send what comes by other ways; what is on its way stays on its own."""
        context = self._context
        self._leave(context.pictures)
        context.pictures = pictures_of(context.profile, network)
        if context.profile.name != LOCAL_SERVICE_NAME:
            self._leave(context.api)
            context.api = context.api.with_network(network)
        self.system_resumed()

    def renew(self, profile: ServiceProfile, api: ApiClient, pictures: HttpClient) -> None:
        """Go by another profile or token; what is on its way ends as it began.

        :meth:`deliver_to` follows.
        """
        context = self._context
        self._leave(context.api)
        self._leave(context.pictures)
        context.profile, context.api, context.pictures = profile, api, pictures
        pace = replace(
            context.poller.settings,
            requests_per_s=profile.requests_per_s,
            max_in_flight=profile.max_in_flight,
        )
        context.poller.change(pace, context.clock.now_s())
        self.system_resumed()

    async def deliver_to(self, token: Secret | None) -> None:
        """Receive callbacks as the profile wants it by now; ``token`` is that of the service."""
        await self._callbacks.listen(token)

    def take(self, tasks: Iterable[Task]) -> None:
        """Work on these tasks, each from the state it is in."""
        context = self._context
        for task in tasks:
            known = context.tasks.get(task.id)
            if known is None or _is_new_request(known, task):
                context.tasks[task.id] = task
                if context.marks.sets_aside(task.id):
                    self._barrier.set_aside(task)
                else:
                    self._barrier.take_up(task)
            elif task.state is TaskState.ACCEPTED and task.failure is not None:
                self._follower.adopt(task)  # nothing was heard of it: it is asked about now
                context.changed(task)
            else:
                context.tasks[task.id] = replace(known, batch=task.batch, cost=task.cost)
                context.publish_task(task.id)
        context.notifier.notify_all()

    def drop(self, task: Task) -> None:
        """Stop working on a task that was taken back before it was sent."""
        self._ready.remove(task.id)
        self._context.end(task)

    def cancel(self, task: Task) -> None:
        """Have an accepted task deleted on the service; the wish is recorded already."""
        self._context.poller.forget(task.id)
        self._context.changed(task)
        self._deleter.delete(task)

    async def delete_records(self, task: Task) -> Task:
        """Have the service delete what it keeps of an ended task; the wish is recorded already.

        :returns: the task after that.
        :raises ServiceError: the service could not be asked; it is asked again later.
        """
        return await self._records.delete(task)

    def fetch_now(self, task_id: int) -> bool:
        """Wait no longer before a result is fetched; return whether it is in work here."""
        self._collector.hurry(task_id)
        self._barrier.hurry(task_id)
        return task_id in self._context.tasks

    def set_visible(self, task_ids: Iterable[int]) -> None:
        """Prefer tasks that a person is looking at."""
        self._context.poller.set_visible(task_ids)
        self._context.notifier.notify_all()

    async def called_back(self, service_task_id: str, private_id: str) -> None:
        """Somebody says that a task is worth a look.

        :raises StorageError: what has to be kept of it could not be.
        """
        await self._callbacks.note(service_task_id, private_id)

    def adopted(self, task: Task) -> None:
        """An attempt in doubt has turned out to be accepted: follow it, where the task does."""
        known = self._context.tasks.get(task.id)
        is_followed = known is not None and known.state is TaskState.ACCEPTED
        if task.state is not TaskState.ACCEPTED or is_followed:
            self._context.changed(task)  # it stands where another attempt has brought it
            return
        self._ready.remove(task.id)
        self._context.tasks.pop(task.id, None)
        self.take([task])

    def pause(self, failure: Failure) -> None:
        """Stop sending until the user does something."""
        self._context.pause(failure)

    def stop_sending(self) -> None:
        """Begin no further request that is paid for: the end of the program has come."""
        self._context.paused = ENDING

    def suspend_all(self) -> None:
        """The service stays out of reach: nothing of it will come in this run."""
        self._context.suspend_all()

    def system_resumed(self) -> None:
        """The computer has slept, or the service was started anew."""
        self._context.poller.system_resumed(self._context.clock.now_s())
        self._records.hurry()
        self._context.notifier.notify_all()

    def resume(self) -> None:
        """Send again after a pause."""
        self._records.hurry()
        self._context.resume()

    @property
    def profile(self) -> ServiceProfile:
        return self._context.profile

    @property
    def api(self) -> ApiClient:
        return self._context.api

    @property
    def tasks(self) -> list[Task]:
        """What is being worked on."""
        return list(self._context.tasks.values())

    @property
    def paused(self) -> Failure | None:
        """Why nothing is sent; ``None`` while sending."""
        return self._context.paused

    def _leave(self, client: ApiClient | HttpClient) -> None:
        self._draining.add(client)
        self._context.owner.start(
            self._retire(client), f"{self._context.profile.name}: old connections"
        )

    async def _retire(self, client: ApiClient | HttpClient) -> None:
        await client.close_when_idle()
        self._draining.discard(client)

    def _route(self, task: Task) -> None:
        context = self._context
        same_again = context.profile.private_id_is_idempotent
        if task.state in (TaskState.DRAFT, TaskState.QUEUED):
            context.suspended.discard(task.id)  # a draft that was started waits for nobody any more
            context.publish_task(task.id)
            self._ready.remove(task.id)
            self._checker.take_up(task)
        elif task.state is TaskState.ACCEPTED:
            context.changed(task)
            self._follower.adopt(task)
            self._copier.begin(task)
        elif task.state is TaskState.FINISHED:
            context.changed(task)
            self._copier.begin(task)
            self._collector.collect(task, of_earlier_run=True)
        elif task.state is TaskState.CANCELLING:
            context.changed(task)
            self._deleter.delete(task)
        elif same_again and task.may_be_repeated:
            context.changed(task)
            self._ready.append(task)
        elif task.state is TaskState.IN_DOUBT and self._callbacks.holds(task):
            context.changed(task)
        elif task.state not in (TaskState.SENDING, TaskState.FETCHING):
            context.end(task)


def pictures_of(profile: ServiceProfile, network: NetworkSettings) -> HttpClient:
    """Return the client for pictures and results of a service."""
    private = profile.allow_private_addresses
    policy = AddressPolicy.ANY if private else AddressPolicy.PUBLIC_ONLY
    return picture_client(policy, settings=network)


def _is_new_request(known: Task, task: Task) -> bool:
    """Tell whether the user has just started a draft, or wants a task in doubt sent again."""
    return task.state is TaskState.QUEUED and known.state in (TaskState.DRAFT, TaskState.IN_DOUBT)
