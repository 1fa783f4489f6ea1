"""``enhance --resume``: continues what is stored, and asks about what is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from enhance_gui.command_line.order import Order, check_costs_known
from enhance_gui.core.errors import (
    ResultGone,
    ResultNotAsPromised,
    ResultUnreachable,
    UsageError,
)
from enhance_gui.core.explanations import EXPLANATIONS
from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME, ServiceProfile
from enhance_gui.core.tasks import Task, TaskState
from enhance_gui.jobs.batch import Batch
from enhance_gui.jobs.reports import Report
from enhance_gui.jobs.spending import Budget
from enhance_gui.jobs.task_queue import TaskQueue
from enhance_gui.storage.profile_files import bundled_profile

Say = Callable[[str], None]

ASKED_ABOUT: Final = frozenset({ResultGone.kind, ResultNotAsPromised.kind, ResultUnreachable.kind})
"""Failures after which the service may still have the result."""


_SENDS: Final = {TaskState.IN_DOUBT: "send-again", TaskState.DRAFT: "start"}
"""The choice by which a task in a state is sent."""


async def stored_work(order: Order, queue: TaskQueue, budget: Budget | None) -> list[Task]:
    """Return the stored tasks that --resume is about, the user's choices carried out.

    :param budget: what all may cost together that are sent.
    :raises UsageError: a choice names no stored task, or wants one sent whose cost is not known
        where there is a limit; nothing was sent.
    """
    service = order.service.name if order.service else None
    tasks = await queue.stored(service)
    # Only where it is asked for: what has failed is no work that is still to be done.
    if "ask-again" in order.settle.values():
        ended = await queue.history()
        tasks += [task for task in ended if service in (None, task.service) and can_ask(task)]
    known = {task.private_id for task in tasks} | {"all"}
    for private_id in order.settle:
        if private_id not in known:
            raise UsageError(f"--settle: no stored task has the private id {private_id}")
    for task in tasks:
        if _choice_on(task, order.settle) == _SENDS.get(task.state, ""):
            profile = await _profile_of(task.service, order, queue)
            check_costs_known(profile, {task.type_id: task.type_name}, order.max_cost)
    settled = [await _settled(task, order.settle, queue, budget) for task in tasks]
    return [task for task in settled if task.state is not TaskState.FAILED]


async def resume(tasks: Sequence[Task], order: Order, queue: TaskQueue, batch: Batch) -> None:
    """Continue stored tasks, service by service."""
    for name in dict.fromkeys(task.service for task in tasks):
        profile = await _profile_of(name, order, queue)
        own = [task for task in tasks if task.service == name]
        to_send = {task.type_id: task.type_name for task in own if task.state is TaskState.QUEUED}
        check_costs_known(profile, to_send, order.max_cost)
        await batch.resume(profile, own)


def services_with_token(tasks: Sequence[Task]) -> list[str]:
    """Return the services of stored tasks that may need the token of this run."""
    names = dict.fromkeys(task.service for task in tasks if task.service != BUNDLED_SERVICE_NAME)
    return list(names)


def tell_choices(report: Report, say: Say) -> None:
    """Say what the user can do about a task in doubt."""
    command = f"enhance-gui enhance --resume --settle {report.fields['private_id']}"
    say(f"  {EXPLANATIONS['in_doubt'].meaning}")
    say("    wait: do nothing; a proof that arrives later is followed")
    say(f"    send it again, which may cost a second time: {command}=send-again")
    say(f"    give it up: {command}=give-up")


def can_ask(task: Task) -> bool:
    """Tell whether the service may still have the result of a failed task."""
    failure, followed = task.failure, task.followed
    return (
        task.state is TaskState.FAILED
        and failure is not None
        and failure.kind in ASKED_ABOUT
        and followed is not None
        and followed in task.on_service
    )


def tell_asking(report: Report, say: Say) -> None:
    """Say how the service is asked once more about a result that could not be had."""
    error = report.fields["error"]
    if error is not None and error["kind"] in ASKED_ABOUT and report.fields["task_id"]:
        command = f"enhance-gui enhance --resume --settle {report.fields['private_id']}"
        say(f"    ask the service once more, which is free: {command}=ask-again")


def tell_stored(tasks: Sequence[Task], say: Say) -> None:
    """Say at the start of a run what earlier runs have left."""
    in_doubt = [task for task in tasks if task.state is TaskState.IN_DOUBT]
    others = len(tasks) - len(in_doubt)
    if others:
        say(f"{others} of earlier runs still stored; --resume continues them")
    for task in in_doubt:
        say(f"in doubt since an earlier run, not sent again: {task.input}")
    if in_doubt:
        say("  --resume tells your choices")


def _choice_on(task: Task, choices: Mapping[str, str]) -> str | None:
    return choices.get(task.private_id or "") or choices.get("all")


async def _settled(
    task: Task, choices: Mapping[str, str], queue: TaskQueue, budget: Budget | None
) -> Task:
    """Carry out the choice on one task, where there is one that fits its state."""
    choice = _choice_on(task, choices)
    if task.state is TaskState.IN_DOUBT and choice == "send-again":
        return await queue.send_again(task.id, budget)
    if task.state is TaskState.IN_DOUBT and choice == "give-up":
        return await queue.give_up(task.id)
    if task.state is TaskState.FAILED and choice == "ask-again":
        return await queue.ask_again(task.id)
    if task.state is TaskState.DRAFT and choice == "start":
        return await queue.start(task.id, budget)
    return task


async def _profile_of(name: str, order: Order, queue: TaskQueue) -> ServiceProfile:
    if order.service is not None:
        return order.service
    if name == BUNDLED_SERVICE_NAME:
        return bundled_profile()
    profile = await queue.service_profile(name)
    if profile is None:
        raise UsageError(f"the profile of “{name}” is not stored: name its file with --service")
    return profile
