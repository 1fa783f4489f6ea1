"""``enhance --resume``: continues what is stored, and asks about what is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from enhance_gui.command_line.enhance.options import EnhanceOptions, check_costs_known
from enhance_gui.core.errors import UsageError
from enhance_gui.core.images.addresses import same_spelling
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import CreateInDoubt, DoubtNotRepeated, TaskDeleted
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.storage_errors import KeyringProblem
from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.queue.batch import Batch
from enhance_gui.jobs.queue.budgets import Budget
from enhance_gui.jobs.queue.reports import Report
from enhance_gui.jobs.queue.start_policy import start_stored
from enhance_gui.jobs.queue.task_queue import TaskQueue
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.jobs.single_instance.requests import by_service, profile_of
from enhance_gui.storage.task_db.store import Recovery

PrintMessage = Callable[[str], None]

_SENDS: Final = {
    TaskState.IN_DOUBT: "send-again",
    TaskState.FAILED: "send-again",
    TaskState.CANCELLED: "send-again",
    TaskState.WRITTEN_OFF: "send-again",
    TaskState.DRAFT: "start",
}
"""The choice by which a task in a state is sent."""


async def stored_work(
    options: EnhanceOptions, queue: TaskQueue, budget: Budget | None, print_message: PrintMessage
) -> list[Task]:
    """Return the stored tasks that --resume is about, the user's choices carried out.

    :param budget: what all may cost together that are sent.
    :raises UsageError: a choice names no stored task, or one that it does not fit, or wants one
        sent whose cost is not known where there is a limit; nothing was sent.
    """
    service = options.service.name if options.service else None
    tasks = await queue.stored(service)
    tasks += await _ended_work(options, queue, {task.id for task in tasks})
    for task in tasks:
        if _choice_on(task, options.settle) == _SENDS.get(task.state, ""):
            profile = await profile_of(task.service, options.service, queue)
            check_costs_known(profile, _unpriced([task]), options.max_cost)
    if options.saving.is_change:
        ids = [task.id for task in tasks]
        await queue.db.do(queue.db.store.drafts.save_otherwise, options.saving, ids)
    work = []
    for task in tasks:
        now = await _settled(task, options.settle, queue, budget, print_message)
        if task.state not in ENDED or now.state not in ENDED:
            work.append(now)
    return work


async def _ended_work(options: EnhanceOptions, queue: TaskQueue, known: set[int]) -> list[Task]:
    """Return the ended tasks that are asked for: what has ended is no work to be done by itself.

    :param known: tasks that are known to be work.
    :raises UsageError: a choice names no stored task, or one that it does not fit.
    """
    ended: dict[int, Task] = {}
    for private_id, choice in options.settle.items():
        if private_id == "all":
            continue
        task = await queue.db.do(queue.db.store.hints.task_of, private_id)
        if task is None:
            raise UsageError(f"--settle: no stored task has the private id {private_id}")
        if choice == "send-again" and private_id != task.private_id:
            # The yes was to one further attempt: a command that is typed again gives no second one.
            raise UsageError(
                f"--settle: {private_id} has been sent again since, as {task.private_id}: the task "
                f"is {task.state.value}"
            )
        if task.state in ENDED and not _fits(choice, task):
            raise UsageError(
                f"--settle: {choice} is no choice for {private_id}: the task is {task.state.value}"
            )
        if task.id not in known:
            ended[task.id] = task
    if options.settle.get("all") == "ask-again":
        service = options.service.name if options.service else None
        for task in await queue.db.do(queue.db.store.tasks.history):
            if task.state is TaskState.FAILED and service in (None, task.service):
                ended |= {task.id: task} if task.can_ask_again else {}
    return list(ended.values())


def _fits(choice: str, task: Task) -> bool:
    """Return whether a choice is one that an ended task leaves."""
    if choice == "ask-again":
        return task.can_ask_again
    return choice == _SENDS.get(task.state)


async def resume(
    tasks: Sequence[Task],
    options: EnhanceOptions,
    queue: TaskQueue,
    batch: Batch,
    on_profile: Callable[[ServiceProfile], None],
) -> None:
    """Continue stored tasks, service by service.

    :param on_profile: gets each service's profile before its tasks are continued.
    """
    for profile, own in await by_service(tasks, options.service, queue):
        on_profile(profile)
        to_send = [task for task in own if task.state is TaskState.QUEUED]
        check_costs_known(profile, _unpriced(to_send), options.max_cost)
        await batch.resume(profile, own)


def _unpriced(tasks: Sequence[Task]) -> dict[int, str]:
    """Return the enhance types of tasks whose cost was not known when they were asked for."""
    return {task.type_id: task.type_name for task in tasks if not task.cost}


async def use_token(token: Secret, tokens: CredentialStore, queue: TaskQueue) -> None:
    """Use the token of this run for stored work: it is one service's, and must be clear of which.

    :raises UsageError: the stored work belongs to several services.
    """
    stored = await queue.stored()
    names = dict.fromkeys(task.service for task in stored if task.service != LOCAL_SERVICE_NAME)
    if len(names) > 1:
        listed = ", ".join(names)
        raise UsageError(f"stored work belongs to several services ({listed}): use --service")
    for name in names:
        if (profile := await queue.pool.profile(name)) is not None:
            tokens.keep_for_this_run(profile, token)


async def lend_token(
    token: Secret,
    profile: ServiceProfile,
    names: Sequence[str],
    tokens: CredentialStore,
    queue: TaskQueue,
) -> None:
    """Ask with the token of this run about what other names of its service have sent.

    It goes to the same address. A name that has a token of its own keeps that: it may be another
    account's.
    """
    for name in names:
        other = await queue.pool.profile(name)
        if other is None or same_spelling(other.base_url) != same_spelling(profile.base_url):
            continue
        own = None
        with suppress(KeyringProblem):
            own = await tokens.get(other)
        if own is None:
            tokens.keep_for_this_run(other, token)


def print_choices(
    report: Report, profile: ServiceProfile | None, print_message: PrintMessage
) -> None:
    """Print what the user can do about a task in doubt.

    :param profile: that of its service, where it is known.
    """
    command = f"enhance-gui enhance --resume --settle {report.fields['private_id']}"
    error = report.fields.get("error")
    is_repeated = error is None or error["kind"] != DoubtNotRepeated.kind
    print_message(f"  {(CreateInDoubt if is_repeated else DoubtNotRepeated).meaning}")
    print_message(f"    wait: {_what_waiting_brings(profile, is_repeated=is_repeated)}")
    print_message(f"    send it again, which may cost a second time: {command}=send-again")
    print_message(f"    give it up: {command}=give-up")


def _what_waiting_brings(profile: ServiceProfile | None, *, is_repeated: bool) -> str:
    """Return how a doubt may end without a choice: by a callback or the same request again."""
    if profile is not None and profile.private_id_is_idempotent and is_repeated:
        return "--resume repeats the same request, which this service counts as one task"
    when = "while the program runs; a proof that comes by one is followed"
    if profile is None:
        return f"of use only where the service's profile has its callbacks received, {when}"
    if profile.callback.listen:
        return f"the service's callbacks are received {when}"
    return (
        "it stays in doubt, for no proof can arrive: the service's profile has no callbacks "
        "received ([callback] listen)"
    )


def print_asking(report: Report, print_message: PrintMessage) -> None:
    """Print how the service is asked again about what it may have charged, or paid once more."""
    fields, error = report.fields, report.fields["error"]
    if error is None or not fields["charges_possible"]:
        return
    command = f"enhance-gui enhance --resume --settle {fields['private_id']}"
    if fields["task_id"] and error["kind"] != TaskDeleted.kind:
        print_message(f"    ask the service once more, which is free: {command}=ask-again")
    print_message(f"    send the picture as a new task, which costs again: {command}=send-again")


def print_starting(report: Report, print_message: PrintMessage) -> None:
    """Print how a recovered task is sent after all."""
    named = report.fields["private_id"] or "all"
    print_message(
        "    send it, which may cost a second time: enhance-gui enhance --resume --settle "
        f"{named}=start"
    )


def print_namesakes(name: str, others: Sequence[str], print_message: PrintMessage) -> None:
    """Print that a service has other names: what was sent under those is not sent again."""
    if others:
        listed = ", ".join(f"“{other}”" for other in others)
        print_message(
            f"“{name}” is at the address of {listed}: what was sent there is found under that "
            "name, and is not sent again"
        )


def print_recovery(recovery: Recovery, print_message: PrintMessage) -> None:
    """Print what became of a list of tasks that cannot be relied on as it was found."""
    if recovery.quarantined is not None:
        tasks = "task was" if recovery.salvaged == 1 else "tasks were"
        print_message(
            f"the list of tasks was damaged; it was set aside in {recovery.quarantined} and "
            f"{recovery.salvaged} {tasks} read out of it; what waited to be sent waits for you"
        )
    elif recovery.is_older:
        print_message(
            "this list of tasks is older than the last run, as if a copy had been put back; what "
            "waits in it is not sent by itself, since it may have been sent and charged since"
        )
    elif recovery.missing_attempts:
        count = recovery.missing_attempts
        requests = "1 request" if count == 1 else f"{count} requests"
        print_message(
            f"the list of tasks is gone: earlier runs have sent {requests} of which this new, "
            "empty list knows nothing; what is enhanced again may be charged again"
        )
    if recovery.is_incomplete:
        print_message("  what may have been charged until now is at least what the list tells of")


def print_stored(tasks: Sequence[Task], print_message: PrintMessage) -> None:
    """Print at the start of a run what earlier runs have left."""
    in_doubt = [task for task in tasks if task.state is TaskState.IN_DOUBT]
    drafts = sum(task.state is TaskState.DRAFT for task in tasks)
    if others := len(tasks) - len(in_doubt) - drafts:
        print_message(f"{others} of earlier runs still stored; --resume continues them")
    if drafts:
        print_message(f"{drafts} of earlier runs not started; --resume tells how they are")
    for task in in_doubt:
        print_message(f"in doubt since an earlier run, not sent again: {task.input}")
    if in_doubt:
        print_message("  --resume tells your choices")


def _choice_on(task: Task, choices: Mapping[str, str]) -> str | None:
    for private_id in task.private_ids:
        if own := choices.get(private_id):
            return own
    # What may have been charged and has ended is only paid for again where it is named itself.
    is_sent_anew = task.state in ENDED and choices.get("all") == "send-again"
    return None if is_sent_anew else choices.get("all")


async def _settled(
    task: Task,
    choices: Mapping[str, str],
    queue: TaskQueue,
    budget: Budget | None,
    print_message: PrintMessage,
) -> Task:
    """Carry out the choice on one task, where there is one that fits its state."""
    choice = _choice_on(task, choices)
    if choice == "send-again" and task.state is TaskState.IN_DOUBT:
        return await queue.send_again(task.id, budget)
    if choice == "send-again" and task.state in ENDED:
        return await queue.retry(task.id, budget)
    if choice == "give-up" and task.state is TaskState.IN_DOUBT:
        return await queue.give_up(task.id)
    if choice == "ask-again" and task.state in ENDED:
        return await queue.ask_again(task.id)
    if choice == "start" and task.state is TaskState.DRAFT:
        return await _started(task, choices, queue, budget, print_message)
    return task


async def _started(
    task: Task,
    choices: Mapping[str, str],
    queue: TaskQueue,
    budget: Budget | None,
    print_message: PrintMessage,
) -> Task:
    """Start a draft, but one whose picture another task stands for."""
    is_named = not choices.keys().isdisjoint(task.private_ids)
    if not (others := await start_stored(queue, task, budget, is_named=is_named)):
        return replace(task, state=TaskState.QUEUED)
    if paid := [other for other in others if other.charges_possible]:
        print_message(
            f"not started: {task.input} may have been charged already, by the task with the "
            f"private id {paid[-1].private_id}; naming it with --resume tells how it stands"
        )
    else:
        print_message(
            f"not started: another task is to send {task.input}; only the window sends it twice"
        )
    return task
