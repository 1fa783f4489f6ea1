"""The run of ``enhance``: alone with the list of tasks, or through the program that has it."""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from enhance_gui.command_line.console.line_writer import ErrorWriter, LineWriter
from enhance_gui.command_line.console.output import WAITING_FOR_MANAGER
from enhance_gui.command_line.enhance.interruption import Interruption
from enhance_gui.command_line.enhance.notices import print_notices
from enhance_gui.command_line.enhance.options import EnhanceOptions, read_options
from enhance_gui.command_line.enhance.outages import Outages
from enhance_gui.command_line.enhance.progress import Progress
from enhance_gui.command_line.enhance.reports import RunReports
from enhance_gui.command_line.enhance.resuming import (
    lend_token,
    print_namesakes,
    print_recovery,
    print_stored,
    resume,
    stored_work,
    use_token,
)
from enhance_gui.core.clock import Clock
from enhance_gui.core.errors import EnhanceError, TokenMissing
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.storage_errors import DatabaseBusy, KeyringProblem, StorageError
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.explanations import sentence
from enhance_gui.jobs.events import Event, TaskChanged
from enhance_gui.jobs.queue.batch import Batch
from enhance_gui.jobs.queue.reports import Report, not_kept, report_of_line
from enhance_gui.jobs.queue.runtime import Runtime
from enhance_gui.jobs.queue.task_queue import TaskQueue
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.jobs.single_instance.requests import RemoteRequests
from enhance_gui.jobs.single_instance.server import forward
from enhance_gui.storage.folders import Folders, user_folders
from enhance_gui.storage.settings.preferences_file import read_preferences
from enhance_gui.storage.system.instance_lock import InstanceLock
from enhance_gui.storage.system.log_file import set_up_logging
from enhance_gui.storage.task_db.database import errors_of_own_folder

_log = logging.getLogger(__name__)

TAKE_OVER_S: Final = 15.0
"""How long a start tries to reach a program that is just beginning or just ending."""

_TAKE_OVER_GAP_S: Final = 0.2

_NOTICES_S: Final = 1.0
"""Wait for the notices about files, which come before the work where they are made in time."""

NOTHING_STORED: Final = "nothing is stored that could be continued"

_WAITING_FOR_ANSWER: Final = (
    "waiting for the service's answer to what was just sent to it; Ctrl+C once more ends at once, "
    "and leaves in doubt whether it was charged"
)

KEEP_LIMIT_S: Final = 5.0
"""What a run that is to end takes at most to store the inputs that it never got to."""


def run_enhance(arguments: argparse.Namespace, token: Secret | None) -> int:
    """Run the command; return its exit code.

    :raises UsageError: the arguments are wrong; nothing was sent.
    :raises StorageError: the list of tasks cannot be used.
    """
    folders = user_folders()
    set_up_logging(folders.log)
    options = read_options(arguments, token, folders)
    return asyncio.run(EnhanceRun(options, folders).run())


class EnhanceRun:
    """One run of the command."""

    def __init__(self, options: EnhanceOptions, folders: Folders) -> None:
        self._options = options
        self._folders = folders
        self._interruption = Interruption()
        self._crash: BaseException | None = None
        self._supervisor = TaskSupervisor(self._crashed)
        self._errors = ErrorWriter()
        count = len(options.request.inputs) if options.request else 0
        self._progress = Progress(count, self._errors)
        self._output = LineWriter(self._interruption.end)
        self._reports = RunReports(options, self._progress, self._output)
        self._clock = Clock()
        self._outages = Outages(self._clock, self._progress.print_message)
        self._tokens = CredentialStore.of_user(folders, self._report_waiting)
        self._runtime: Runtime | None = None
        """The work, where this run has the list of tasks."""
        self._token: Secret | None = None
        """That of the service of new inputs."""
        self._not_kept: Failure | None = None
        """Why inputs that the run never got to could not be stored either."""

    async def run(self) -> int:
        """Do the work; return the exit code."""
        self._interruption.on_signals()
        with self._errors.with_log():
            try:
                return await self._run()
            finally:
                await self._output.drain(self._interruption)
                await self._errors.drain(self._interruption)

    async def _run(self) -> int:
        try:
            await self._until(self._work_somewhere(), self._options.timeout_s)
            await self._keep_the_rest()
        except StorageError as error:
            self._crashed(error)
        finally:
            await self._supervisor.close()
            self._progress.clear()
        if isinstance(self._crash, StorageError) and self._options.request is not None:
            # The inputs could not be stored, and each has to be reported.
            self._not_kept = Failure.of(self._crash)
        elif self._crash is not None:
            raise self._crash
        code = self._reports.finish(self._not_kept)
        self._progress.clear()
        return code

    async def _work_somewhere(self) -> None:
        """Take the list of tasks, or reach the program that has it, whichever succeeds first."""
        await self._need_token()
        for note in self._options.notes:
            self._progress.print_message(note)
        if (request := self._options.request) is not None:
            looking = print_notices(
                request, self._folders.service_data, self._progress.print_message
            )
            notices = self._supervisor.start(looking, "look at files")
            # Many or slow files keep nobody from the work.
            await asyncio.wait([notices], timeout=_NOTICES_S)
        await self._with_list(self._work)

    async def _with_list(
        self, work: Callable[[], Awaitable[None]], *, keep_only: bool = False
    ) -> None:
        """Do something with the list of tasks here, or have the program do it that has the list.

        :raises DatabaseBusy: neither is possible.
        :raises EnhanceError: the running program refuses the work.
        """
        give_up_s = self._clock.now_s() + TAKE_OVER_S
        while True:
            with InstanceLock(self._folders.data) as lock:
                with errors_of_own_folder():
                    alone = lock.acquire()
                if alone:
                    await work()
                    return
            if await self._forward(keep_only=keep_only):
                return
            if self._clock.now_s() > give_up_s:
                raise DatabaseBusy("the program is running already and works on what is stored")
            await self._clock.sleep(_TAKE_OVER_GAP_S)

    # -- alone ------------------------------------------------------------------------------------

    async def _work(self) -> None:
        runtime = await self._open()
        queue = runtime.queue
        queue.listen(self._on_event)
        owner = TaskSupervisor(self._crashed)
        batch = Batch(queue, self._report, self._options.max_cost)
        shared = RemoteRequests(queue, self._tokens.get, batch)
        try:
            await runtime.listen(shared.handle)
            await self._fill(queue, batch)
            owner.start(self._outages.watch(queue.pool.suspend), "outages")
            await batch.done.wait()
            await shared.idle()
        finally:
            await runtime.stop_listening()
            await owner.close()
            await runtime.close()
            batch.close()

    async def _open(self) -> Runtime:
        """Open the list of tasks, and say what became of it."""
        chosen = read_preferences(self._folders.preferences)
        self._runtime = runtime = await Runtime.open(
            self._clock, self._folders, self._tokens, chosen, self._crashed
        )
        print_recovery(runtime.store.recovery, self._progress.print_message)
        return runtime

    async def _fill(self, queue: TaskQueue, batch: Batch) -> None:
        """Put stored work and new inputs into the batch."""
        options = self._options
        if not options.resume:
            print_stored(await queue.stored(), self._progress.print_message)
        if options.service is not None and (options.request is not None or options.settle):
            # What it costs, and where it is, is as this run was asked, for stored work as well.
            # Where that is elsewhere nothing is begun; alone, stored work is counted before.
            await queue.pool.renew(options.service)
        if options.request is not None:
            names = await queue.db.do(queue.db.store.services.namesakes, options.request.profile)
            print_namesakes(options.request.profile.name, names, self._progress.print_message)
            if options.token is not None:
                await lend_token(options.token, options.request.profile, names, self._tokens, queue)
        stored: list[Task] = []
        if options.resume:
            if options.token is not None and options.service is None:
                await use_token(options.token, self._tokens, queue)
            # First: an unfit choice is reported before anything is begun, and an input that
            # is named beside a choice on it goes by that choice.
            stored = await stored_work(options, queue, batch.budget, self._progress.print_message)
        # Before what is resumed: an input that is stored already is found, not added again.
        await self._add_inputs(batch)
        if options.resume:
            others = [task for task in stored if task.id not in batch.task_ids]
            self._progress.expect(len(others))
            if not stored and options.request is None:
                self._progress.print_message(NOTHING_STORED)
            await resume(stored, options, queue, batch, self._reports.know)
        batch.expect_no_more()

    async def _add_inputs(self, batch: Batch, *, keep_only: bool = False) -> None:
        request = self._options.request
        if request is not None:
            await batch.enhance(
                request.inputs,
                request.profile,
                request.enhance_type,
                request.saving,
                request.folder,
                keep_only=keep_only,
                is_resumed=self._options.resume,
            )

    async def _need_token(self) -> None:
        """See, before anything is done, that the service of new inputs has its token.

        :raises TokenMissing: it has none, or the password manager does not return it.
        """
        options = self._options
        profile = options.request.profile if options.request is not None else options.service
        if profile is None or profile.name == LOCAL_SERVICE_NAME:
            return
        if options.token is not None:
            self._tokens.keep_for_this_run(profile, options.token)
        if options.request is None:
            return
        try:
            token = await self._tokens.get(profile)
        except KeyringProblem as problem:
            reason = sentence(problem)
            raise TokenMissing(f"“{profile.name}” needs a token. {reason}") from problem
        if token is None and profile.needs_token:
            raise TokenMissing(f"“{profile.name}” needs a token and none is set")
        self._token = token

    def _report_waiting(self, waits: bool) -> None:
        if waits:
            self._progress.print_message(WAITING_FOR_MANAGER)

    # -- through the program that has the list ----------------------------------------------------

    async def _forward(self, *, keep_only: bool = False) -> bool:
        """Have the running program do the work; return whether it took it on.

        :param keep_only: do not wait for what comes of it.
        :raises EnhanceError: it refuses the work.
        """
        options = self._options
        # Choices, and costs that must be known, are nothing that the two exchange.
        if options.resume and (options.settle or options.max_cost is not None):
            return False
        try:
            async for line in forward(self._folders.data, options.to_running_program(self._token)):
                self._on_running(line)
                if self._reports.is_forwarded and keep_only:
                    break
        except DatabaseBusy as error:
            _log.info("%s", error.detail)
        return self._reports.is_forwarded

    def _on_running(self, line: dict[str, Any]) -> None:
        """Take in a line of the program that is running."""
        if "accepted" in line:
            self._reports.is_forwarded = True
            self._progress.print_message("handed over to the program that is running already")
            if not line["accepted"]:
                self._progress.print_message(NOTHING_STORED)
        elif "stored" in line:
            self._reports.expect(report_of_line(line["stored"]))
        else:
            self._reports.print_report(report_of_line(line))

    # -- the end ----------------------------------------------------------------------------------

    async def _until(self, work: Coroutine[Any, Any, None], timeout_s: float | None) -> None:
        """Run until the work ends, the time is over, or somebody wants the end."""
        working = self._supervisor.start(work, "work")
        stopped = self._supervisor.start(self._interruption.wanted.wait(), "stop")
        await asyncio.wait(
            [working, stopped], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
        )
        if not working.done() and self._interruption.waits_on:
            await self._let_answer(working)
        if not working.done():
            working.cancel()
            await asyncio.wait([working])
        if not working.cancelled():
            working.result()

    async def _let_answer(self, working: asyncio.Task[None]) -> None:
        """Begin nothing more, and see what becomes of a request that may be charged."""
        if self._runtime is not None:
            self._runtime.queue.pool.stop_sending()
        if not self._interruption.is_sending:
            return
        self._progress.print_message(_WAITING_FOR_ANSWER)
        answered = self._supervisor.start(self._interruption.answers(), "answers")
        urged = self._supervisor.start(self._interruption.urgent.wait(), "urged")
        await asyncio.wait([working, answered, urged], return_when=asyncio.FIRST_COMPLETED)

    def _crashed(self, error: BaseException) -> None:
        if self._crash is None and not isinstance(error, asyncio.CancelledError):
            self._crash = error
        self._interruption.break_off()

    # -- what the run never got to ----------------------------------------------------------------

    async def _keep_the_rest(self) -> None:
        """Store inputs that the run was too short for, so that a later run continues them."""
        if self._crash is not None or self._reports.is_forwarded or not self._reports.unreported():
            return
        keeping = self._supervisor.start(self._keep(), "keep")
        urged = self._supervisor.start(self._interruption.urgent.wait(), "urged")
        await asyncio.wait(
            [keeping, urged], timeout=KEEP_LIMIT_S, return_when=asyncio.FIRST_COMPLETED
        )
        if not keeping.done():
            self._not_kept = Failure(DatabaseBusy.kind, "it could not be had in time")
            keeping.cancel()
            await asyncio.wait([keeping])

    async def _keep(self) -> None:
        """Store the inputs here, or have the running program take them."""
        try:
            await self._with_list(self._keep_alone, keep_only=True)
        except EnhanceError as error:
            self._not_kept = Failure.of(error)

    async def _keep_alone(self) -> None:
        runtime = await self._open()
        batch = Batch(runtime.queue, self._report, self._options.max_cost)
        try:
            await self._add_inputs(batch, keep_only=True)
        finally:
            await runtime.close()
            batch.close()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, TaskChanged):
            self._interruption.follow(event.task)
        self._outages.on_event(event)
        self._progress.on_event(event)

    def _report(self, report: Report) -> None:
        """Report how an input ended; nothing is kept in a list that no later start will find."""
        if self._runtime is not None and not self._runtime.store.is_in_place:
            report = not_kept(report)
        self._reports.print_report(report)
