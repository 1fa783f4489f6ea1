"""Does all work on one service: puts together the loops that share it.

Three loops share the work: one checks pictures a little ahead of need, one sends what is checked,
one polls accepted tasks. A fourth uploads files ahead of their tasks, a fifth asks about what
callbacks say of tasks in doubt, a sixth deletes records as the user requested, a seventh notices
that the computer has slept. Finished tasks are fetched on the side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from enhance_gui.client.api import ApiClient
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.tasks.states import NOT_SENT, TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.barrier import Barrier
from enhance_gui.jobs.support.uploads_ahead import UploadsAhead
from enhance_gui.jobs.worker.callbacks import Callbacks
from enhance_gui.jobs.worker.checking import Checker
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.deleting import Deleter
from enhance_gui.jobs.worker.input_copies import InputCopier
from enhance_gui.jobs.worker.polling_loop import Follower
from enhance_gui.jobs.worker.results import Collector
from enhance_gui.jobs.worker.submitting import Creator
from enhance_gui.transport.clients import HttpClient, picture_client
from enhance_gui.transport.host_lookup import AddressPolicy

HEARTBEAT_S: Final = 5.0
ASLEEP_S: Final = 30.0
"""A heartbeat later than this means that the computer has slept."""


class ServiceWorker:
    """Does the work on one service's tasks."""

    def __init__(self, context: ServiceContext) -> None:
        self.context = context
        """What its parts share: the service, its tasks, and how they stand."""
        self._barrier = Barrier(context, self._route)
        self._checker = Checker(context, self._barrier)
        self._copier = InputCopier(context)
        self.callbacks = Callbacks(context, self._barrier)
        """To be opened before :meth:`start`."""
        self._uploads = UploadsAhead(context)
        self._creator = Creator(context, self._barrier, self._copier, self.callbacks, self._uploads)
        self._collector = Collector(context, self._barrier, self._copier)
        self._follower = Follower(context, self._barrier, self._collector)
        self.deleter = Deleter(context, self._barrier, self._follower)
        """Deletes, among others, what the service keeps of ended tasks."""
        self._draining: set[ApiClient | HttpClient] = set()
        """Clients of earlier settings that have a request on its way, perhaps a paid one."""

    def start(self) -> None:
        """Begin to work."""
        loops = {
            "checks": self._checker.run,
            "uploads": self._uploads.run,
            "creates": self._creator.run,
            "polls": self._follower.run,
            "callbacks": self.callbacks.run,
            "deletions": self.deleter.run,
            "sleep": self._notice_sleep,
        }
        context = self.context
        for what, run in loops.items():
            name = f"{context.profile.name}: {what}"
            context.owner.start(self._barrier.keep_running(run, name), name)

    async def close(self, grace_s: float) -> None:
        """Stop; a request that is on its way gets ``grace_s`` seconds to be answered."""
        self.callbacks.close()
        await self._creator.finish(grace_s)
        await self.context.owner.close()
        await self.context.api.aclose()
        await self.context.pictures.aclose()
        for client in self._draining:
            await client.aclose()

    async def reconnect(self, profile: ServiceProfile, api: ApiClient) -> None:
        """Go on with the same service at another address: the child was started anew."""
        old = self.context.api
        self.context.api = api
        self.context.profile = profile
        self.system_resumed()
        await old.aclose()

    def apply_network(self, network: NetworkSettings) -> None:
        """Use other network settings for what comes; what is on its way stays on its own."""
        context = self.context
        self._leave(context.pictures)
        context.pictures = pictures_of(context.profile, network)
        if context.profile.name != LOCAL_SERVICE_NAME:
            self._leave(context.api)
            context.api = context.api.with_network(network)
        self.system_resumed()

    def limit_parallel(self, max_in_flight: int) -> None:
        """Have at most so many tasks on the service from now on; 0: as many as it does well."""
        context = self.context
        context.profile = replace(context.profile, max_in_flight=max_in_flight)
        pace = replace(context.poller.settings, max_in_flight=max_in_flight)
        context.poller.change(pace, context.clock.now_s())
        context.notifier.notify_all()

    def renew(self, profile: ServiceProfile, api: ApiClient, pictures: HttpClient) -> None:
        """Go by another profile or token; what is on its way ends as it began.

        That :attr:`callbacks` listen by it is to follow.
        """
        context = self.context
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

    def take(self, tasks: Iterable[Task]) -> None:
        """Work on these tasks, each from the state it is in."""
        context, has_changed = self.context, False
        for task in tasks:
            known = context.tasks.get(task.id)
            if known is None or _is_new_request(known, task):
                context.tasks[task.id] = task
                self._barrier.take_up(task)
            elif task.state is TaskState.ACCEPTED and task.failure is not None:
                self._follower.resume_polling(task)  # it had no answer: it is asked about now
                context.changed(task)
            elif task.state in NOT_SENT and known.state in NOT_SENT:
                self._follow(known, task)
                has_changed = True
            else:
                context.tasks[task.id] = replace(known, batch=task.batch, cost=task.cost)
                context.publish_task(task.id)
        if has_changed:
            self._checker.follow()
        context.notifier.notify_all()

    def _follow(self, known: Task, task: Task) -> None:
        """Take in what the user has changed of a task that waits: batch, enhance type or rank."""
        context = self.context
        context.tasks[task.id] = task
        if task.state is not known.state:  # it is a draft again
            context.ready.pop(task.id, None)
            self._checker.hold(task)
            return
        if task.id in context.ready:
            context.ready[task.id] = task
        context.publish_task(task.id)

    def drop(self, task: Task) -> None:
        """Stop working on a task that was taken back before it was sent."""
        self.context.ready.pop(task.id, None)
        self.context.end(task)

    def cancel(self, task: Task) -> None:
        """Have an accepted task deleted on the service; the request is recorded already."""
        self.context.poller.forget(task.id)
        self.context.changed(task)
        self.deleter.cancel(task)

    def fetch_now(self, task_id: int) -> bool:
        """Wait no longer before a result is fetched; return whether it is in work here."""
        self._barrier.hurry(task_id)
        return task_id in self.context.tasks

    async def _notice_sleep(self) -> None:
        """Notice that the computer has slept: its timers stood still, its clock did not."""
        clock = self.context.clock
        while True:
            before_s = clock.now_s()
            await clock.sleep(HEARTBEAT_S)
            if clock.now_s() - before_s > HEARTBEAT_S + ASLEEP_S:
                self.system_resumed()

    def system_resumed(self) -> None:
        """Take in that the computer has slept, or that the service was started anew."""
        self.context.poller.system_resumed(self.context.clock.now_s())
        self._hurry()

    def resume(self) -> None:
        """Send again after a pause, and ask at once where the service is out of reach."""
        self.context.poller.system_resumed(self.context.clock.now_s(), by_user=True)
        self._hurry()
        self.context.resume()

    def _hurry(self) -> None:
        self.deleter.hurry()
        self.context.notifier.notify_all()

    def _leave(self, client: ApiClient | HttpClient) -> None:
        self._draining.add(client)
        name = f"{self.context.profile.name}: old connections"
        self.context.owner.start(self._close_when_idle(client), name)

    async def _close_when_idle(self, client: ApiClient | HttpClient) -> None:
        await client.close_when_idle()
        self._draining.discard(client)

    def _route(self, task: Task) -> None:
        context = self.context
        same_again = context.profile.private_id_is_idempotent
        if task.state in (TaskState.DRAFT, TaskState.QUEUED):
            context.suspended.discard(task.id)  # a draft that was started waits for nobody any more
            context.publish_task(task.id)
            context.ready.pop(task.id, None)
            self._checker.take_up(task)
        elif task.state is TaskState.ACCEPTED:
            context.changed(task)
            self._follower.resume_polling(task)
            self._copier.begin(task)
        elif task.state is TaskState.FINISHED:
            context.changed(task)
            self._copier.begin(task)
            self._collector.collect(task)
        elif task.state is TaskState.CANCELLING:
            context.changed(task)
            self.deleter.cancel(task)
        elif same_again and task.may_be_repeated:
            context.changed(task)
            context.ready[task.id] = task
        elif task.state is TaskState.IN_DOUBT and self.callbacks.holds(task):
            context.changed(task)
        elif task.state not in (TaskState.SENDING, TaskState.FETCHING):
            context.end(task)


def pictures_of(profile: ServiceProfile, network: NetworkSettings) -> HttpClient:
    """Return the client for pictures and results of a service."""
    private = profile.allow_private_addresses
    policy = AddressPolicy.ANY if private else AddressPolicy.PUBLIC_ONLY
    return picture_client(policy, settings=network)


def _is_new_request(known: Task, task: Task) -> bool:
    """Return whether the user has just started a draft, or wants a task in doubt sent again."""
    return task.state is TaskState.QUEUED and known.state in (TaskState.DRAFT, TaskState.IN_DOUBT)
