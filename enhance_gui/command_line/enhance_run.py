"""The run of ``enhance``: alone with the list of tasks, or through the program that has it."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
from collections.abc import Coroutine
from typing import Any, Final

from enhance_gui.command_line.messages import WAITING_FOR_MANAGER
from enhance_gui.command_line.order import Order, read_order
from enhance_gui.command_line.output import Output
from enhance_gui.command_line.progress import Progress
from enhance_gui.command_line.resuming import (
    resume,
    services_with_token,
    stored_work,
    tell_asking,
    tell_choices,
    tell_stored,
)
from enhance_gui.core.clock import SystemClock
from enhance_gui.core.errors import (
    DatabaseBusy,
    KeyringProblem,
    StorageError,
    TokenMissing,
    UsageError,
)
from enhance_gui.core.explanations import sentence
from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME
from enhance_gui.core.secret import Secret
from enhance_gui.core.tasks import TaskState
from enhance_gui.jobs.batch import Batch
from enhance_gui.jobs.events import Event, LineChanged, TaskChanged
from enhance_gui.jobs.hand_over import REFUSED, HandOverServer, hand_over
from enhance_gui.jobs.proxy_login import ProxyLogin
from enhance_gui.jobs.reports import Report, ReportState, exit_code, report_of_line, waiting_report
from enhance_gui.jobs.sharing import EnhanceRequest, SharedQueue, unreported
from enhance_gui.jobs.store_thread import StoreThread
from enhance_gui.jobs.task_owner import TaskOwner
from enhance_gui.jobs.task_queue import TaskQueue
from enhance_gui.jobs.token_keeper import KeyringState, KeyringStatus, TokenKeeper
from enhance_gui.storage.database import foreign_errors
from enhance_gui.storage.folders import Folders, user_folders
from enhance_gui.storage.instance_lock import InstanceLock
from enhance_gui.storage.log_file import set_up_logging
from enhance_gui.storage.preferences_file import read_preferences
from enhance_gui.storage.task_store import Recovery, TaskStore

_log = logging.getLogger(__name__)

OUTAGE_PATIENCE_S: Final = 300.0
NEVER_THERE_PATIENCE_S: Final = 15.0
"""How long a run waits for a service that is out of reach: one that has worked in this run, and one
that has not, whose address may simply be wrong. Then the work is kept."""

TAKE_OVER_S: Final = 15.0
"""How long a start tries to reach a program that is just beginning or just ending."""

_TAKE_OVER_GAP_S: Final = 0.2


def run_enhance(arguments: argparse.Namespace, token: Secret | None) -> int:
    """Run the command; return its exit code.

    :raises UsageError: the arguments are wrong; nothing was sent.
    :raises StorageError: the list of tasks cannot be used.
    """
    folders = user_folders()
    set_up_logging(folders.log)
    order = read_order(arguments, token, folders)
    return asyncio.run(EnhanceRun(order, folders).run())


class EnhanceRun:
    """One run of the command."""

    def __init__(self, order: Order, folders: Folders) -> None:
        self._order = order
        self._folders = folders
        self._stop = asyncio.Event()
        self._crash: BaseException | None = None
        self._owner = TaskOwner(self._crashed)
        self._reports: list[Report] = []
        self._output = Output(self._stop.set)
        self._progress = Progress(len(order.request.inputs) if order.request else 0)
        self._tokens = TokenKeeper.of_user(folders, self._tell_keyring)
        self._offline: dict[str, float] = {}
        """Services out of reach, and since when by the clock."""
        self._answered: set[str] = set()
        """Services that have accepted something in this run."""
        self._offline_changed = asyncio.Event()

    async def run(self) -> int:
        """Do the work; return the exit code."""
        self._stop_on_signals()
        try:
            await self._until(self._work_somewhere(), self._order.timeout_s)
        finally:
            await self._owner.close()
            self._progress.clear()
        if self._crash is not None:
            raise self._crash
        self._report_the_rest()
        return exit_code(report.state for report in self._reports)

    async def _work_somewhere(self) -> None:
        """Take the list of tasks, or reach the program that has it, whichever succeeds first."""
        await self._need_token()
        clock = SystemClock()
        give_up_s = clock.now_s() + TAKE_OVER_S
        while True:
            with InstanceLock(self._folders.data) as lock:
                with foreign_errors():
                    alone = lock.acquire()
                if alone:
                    await self._work()
                    return
            request = self._order.request
            if request is not None and not self._order.resume and await self._hand_over(request):
                return
            if clock.now_s() > give_up_s:
                raise DatabaseBusy("the program is running already and works on what is stored")
            await clock.sleep(_TAKE_OVER_GAP_S)

    # -- alone ------------------------------------------------------------------------------------

    async def _work(self) -> None:
        clock = SystemClock()
        store = await self._opened_store(clock)
        self._tell_recovery(store.recovery)
        preferences = read_preferences(self._folders.preferences)
        queue = TaskQueue(
            StoreThread(store),
            clock,
            self._folders,
            self._tokens.get,
            preferences.network,
            ProxyLogin(self._tokens).complete,
        )
        for service, most in preferences.day_limits:
            queue.limit_day(service, most)
        queue.listen(self._hear)
        owner = TaskOwner(self._crashed)
        shared = SharedQueue(queue)
        server = HandOverServer(self._folders.data, shared.handle, owner)
        batch = Batch(queue, self._report, self._order.max_cost)
        try:
            with foreign_errors():
                await server.start()
            await self._fill(queue, batch)
            owner.start(self._watch_crash(queue), "crash")
            owner.start(self._watch_offline(queue), "patience")
            await batch.done.wait()
            await shared.idle()
        finally:
            await server.close()
            await owner.close()
            await queue.close()
            batch.close()

    async def _opened_store(self, clock: SystemClock) -> TaskStore:
        """Open the list; a run that ends meanwhile closes it before it gives the lock back."""
        path = self._folders.database
        opening = self._owner.start(asyncio.to_thread(TaskStore.open, path, clock.wall), "open")
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            await asyncio.wait([opening])
            if not opening.cancelled() and opening.exception() is None:
                opening.result().close()
            raise

    async def _fill(self, queue: TaskQueue, batch: Batch) -> None:
        """Put stored work and new inputs into the batch."""
        order = self._order
        if not order.resume:
            tell_stored(await queue.stored(), self._progress.say)
        if order.request is not None:
            # First: an input that is stored already is found, not added again.
            request = order.request
            await batch.enhance(
                request.inputs,
                request.profile,
                request.enhance_type,
                request.save_folder,
                request.folder,
            )
        if order.resume:
            if order.token is not None and order.service is None:
                await self._use_token_of_run(order.token, queue)
            added = batch.total
            await resume(await stored_work(order, queue), order, queue, batch)
            self._progress.expect(batch.total - added)
        batch.expect_no_more()

    # -- tokens -----------------------------------------------------------------------------------

    async def _need_token(self) -> None:
        """See, before anything is done, that the service of new inputs has its token.

        :raises TokenMissing: it has none, or the password manager does not tell it.
        """
        order = self._order
        profile = order.request.profile if order.request is not None else order.service
        if profile is None or profile.name == BUNDLED_SERVICE_NAME:
            return
        if order.token is not None:
            self._tokens.keep_for_this_run(profile, order.token)
        if order.request is None:
            return
        try:
            token = await self._tokens.get(profile)
        except KeyringProblem as problem:
            reason = sentence(problem)
            raise TokenMissing(f"“{profile.name}” needs a token. {reason}") from problem
        if token is None and profile.needs_token:
            raise TokenMissing(f"“{profile.name}” needs a token and none is set")

    async def _use_token_of_run(self, token: Secret, queue: TaskQueue) -> None:
        """The token of this run is that of one service; it must be clear of which."""
        names = services_with_token(await queue.stored())
        if len(names) > 1:
            listed = ", ".join(names)
            raise UsageError(f"stored work belongs to several services ({listed}): use --service")
        for name in names:
            if (profile := await queue.service_profile(name)) is not None:
                self._tokens.keep_for_this_run(profile, token)

    def _tell_keyring(self, state: KeyringState) -> None:
        if state.status is KeyringStatus.WAITING:
            self._progress.say(WAITING_FOR_MANAGER)

    # -- through the program that has the list ----------------------------------------------------

    async def _hand_over(self, request: EnhanceRequest) -> bool:
        """Have the running program do the work; return whether it took it on."""
        taken = False
        try:
            async for line in hand_over(self._folders.data, request.to_mapping()):
                if REFUSED in line:
                    raise StorageError(str(line[REFUSED]))
                if "accepted" in line:
                    taken = True
                    self._progress.say("handed over to the program that is running already")
                else:
                    self._report(report_of_line(line))
        except DatabaseBusy as error:
            _log.info("%s", error.detail)
        return taken

    # -- the end ----------------------------------------------------------------------------------

    async def _until(self, work: Coroutine[Any, Any, None], timeout_s: float | None) -> None:
        """Run until the work ends, the time is over, or somebody wants the end."""
        working = self._owner.start(work, "work")
        stopped = self._owner.start(self._stop.wait(), "stop")
        await asyncio.wait(
            [working, stopped], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
        )
        if not working.done():
            working.cancel()
            await asyncio.wait([working])
        if not working.cancelled():
            working.result()

    async def _watch_crash(self, queue: TaskQueue) -> None:
        await queue.crashed

    async def _watch_offline(self, queue: TaskQueue) -> None:
        """Wait no longer for a service that stays out of reach."""
        clock = SystemClock()
        while True:
            await self._offline_changed.wait()
            self._offline_changed.clear()
            while self._offline and not self._offline_changed.is_set():
                await clock.wait(self._offline_changed, self._patience_left_s(clock))
                self._give_up_waiting(queue, clock)

    def _patience_left_s(self, clock: SystemClock) -> float:
        due_s = min(since_s + self._patience_s(name) for name, since_s in self._offline.items())
        return max(0.0, due_s - clock.now_s())

    def _patience_s(self, service: str) -> float:
        return OUTAGE_PATIENCE_S if service in self._answered else NEVER_THERE_PATIENCE_S

    def _give_up_waiting(self, queue: TaskQueue, clock: SystemClock) -> None:
        for service, since_s in list(self._offline.items()):
            if clock.now_s() - since_s >= self._patience_s(service):
                del self._offline[service]
                self._progress.say(f"{service}: the work is kept; continue it with --resume")
                queue.park(service)

    def _crashed(self, error: BaseException) -> None:
        if self._crash is None and not isinstance(error, asyncio.CancelledError):
            self._crash = error
        self._stop.set()

    def _stop_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(each, self._stop.set)
            except NotImplementedError:  # Windows
                signal.signal(each, lambda *_: loop.call_soon_threadsafe(self._stop.set))

    # -- telling ----------------------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        if isinstance(event, TaskChanged) and event.task.state is TaskState.ACCEPTED:
            self._answered.add(event.task.service)
        if isinstance(event, LineChanged):
            if not event.out_of_reach:
                self._offline.pop(event.service, None)
            elif event.service not in self._offline:
                self._offline[event.service] = SystemClock().now_s()
            self._offline_changed.set()
        self._progress.hear(event)

    def _report(self, report: Report) -> None:
        self._reports.append(report)
        self._progress.report(report)
        if report.state is ReportState.IN_DOUBT:
            tell_choices(report, self._progress.say)
        elif report.state is ReportState.FAILED:
            tell_asking(report, self._progress.say)
        if self._order.json:
            self._output.write(json.dumps(report.fields, ensure_ascii=False))
        else:
            for path in report.fields["files"]:
                self._output.write(path)

    def _report_the_rest(self) -> None:
        """Report inputs that the run never got to: interrupted before they were stored."""
        request = self._order.request
        if request is not None:
            for text in unreported(request.inputs, self._reports):
                self._report(waiting_report(text, request.profile.name, request.enhance_type.id))

    def _tell_recovery(self, recovery: Recovery) -> None:
        if recovery.set_aside is not None:
            self._progress.say(
                f"the list of tasks was damaged; it was set aside in {recovery.set_aside} and "
                f"{recovery.salvaged} tasks were read out of it; none was sent"
            )
