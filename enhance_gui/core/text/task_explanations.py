"""Explains why a task failed or waits, mentioning each attempt which may have been charged.

What happened last is not all that may cost something: sentences about money are made of all
attempts of a task, those about the cause of its last failure.
"""

from __future__ import annotations

from typing import Final

from enhance_gui.core.errors import Explanation
from enhance_gui.core.picture_errors import ResultGone, ResultNotAsPromised, ResultUnreachable
from enhance_gui.core.service_errors import (
    TASK_FAILED,
    CreateInDoubt,
    DoubtNotRepeated,
    RecordUnusable,
    TaskDeleted,
    TaskUnknown,
)
from enhance_gui.core.storage_errors import DiskFull, FolderNotUsable
from enhance_gui.core.tasks.states import NOT_SENT, WITHOUT_RESULT, Outcome, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.explanations import (
    CHARGE_POSSIBLE,
    explain,
    explain_in_english,
    sentence,
    sentence_in_english,
)
from enhance_gui.core.text.i18n import mark, number, plural, tr

_CHARGE_EXPLAINED: Final = (
    CreateInDoubt.kind,
    DiskFull.kind,
    DoubtNotRepeated.kind,
    FolderNotUsable.kind,
    RecordUnusable.kind,
    ResultGone.kind,
    ResultNotAsPromised.kind,
    ResultUnreachable.kind,
    TaskDeleted.kind,
    TASK_FAILED,
    TaskUnknown.kind,
)
"""Failures whose own texts are about an attempt that may have been charged."""

_WAS_ACCEPTED: Final = mark("The service had accepted it and may have charged for it.")
_HAD_NO_ANSWER: Final = mark("An attempt had no answer and may have been charged.")
_FURTHER_WAITS: Final = mark("A further attempt waits to be sent and may cost again.")
_FURTHER_IS_FREE: Final = mark("A further attempt came to nothing and was not charged.")
_ASK_AGAIN: Final = mark(
    "Ask the service again about it, which is free; a new attempt costs again."
)


def failure_of(task: Task) -> Failure | None:
    """Return why a task failed or waits, and of any other what may have been charged for it."""
    if task.failure is not None or not task.charges_possible:
        return task.failure
    if task.state in WITHOUT_RESULT:
        followed = task.followed
        deleted = followed is not None and followed.deleted
        return Failure(TaskDeleted.kind if deleted else CHARGE_POSSIBLE, "")
    return Failure(CHARGE_POSSIBLE, "") if task.state in NOT_SENT else None


def explain_task(task: Task) -> Explanation | None:
    """Return why a task failed or waits, in the user's language; ``None``: nothing to explain.

    What its attempts may have cost comes first, where the failure's own text does not mention it.
    """
    failure = failure_of(task)
    if failure is None:
        return None
    words = explain(failure)
    times = ""
    if (charges := task.charges_possible) > 1:
        said = plural(
            "It may have been charged {count} time in all.",
            "It may have been charged {count} times in all.",
            charges,
        )
        times = said.format(count=number(charges))
    if not charges or not _is_silent_on_charge(task, failure):
        return Explanation(words.title, f"{times} {words.meaning}".strip(), words.next_step)
    meaning = " ".join(filter(None, (*map(tr, _what_was_charged(task)), times)))
    next_step = tr(_ASK_AGAIN) if task.can_ask_again else words.next_step
    title = words.title if task.state in NOT_SENT else explain(_CHARGED).title
    return Explanation(title, meaning, next_step)


def task_sentence(task: Task) -> str:
    """Return in one line why a task failed or waits; empty where there is nothing to explain."""
    failure = failure_of(task)
    if failure is None:
        return ""
    return _after_charge(task, failure, explain(_CHARGED).title, sentence(failure))


def task_sentence_in_english(task: Task, failure: Failure) -> str:
    """Return the same for what leaves the window.

    :param failure: that of :func:`failure_of`.
    """
    title = explain_in_english(_CHARGED).title
    return _after_charge(task, failure, title, sentence_in_english(failure))


def next_step_in_english(task: Task, failure: Failure) -> str:
    """Return what the person can do, for what leaves the window."""
    if _is_silent_on_charge(task, failure) and task.can_ask_again:
        return _ASK_AGAIN
    return explain_in_english(failure).next_step


_CHARGED: Final = Failure(CHARGE_POSSIBLE, "")


def _is_silent_on_charge(task: Task, failure: Failure) -> bool:
    """Return whether something may have been charged that the failure's text does not mention."""
    mentions = failure.kind in _CHARGE_EXPLAINED and task.state not in NOT_SENT
    return task.charges_possible > 0 and not mentions


def _what_was_charged(task: Task) -> tuple[str, ...]:
    accepted = any(attempt.outcome is Outcome.ACCEPTED for attempt in task.attempts)
    begin = _WAS_ACCEPTED if accepted else _HAD_NO_ANSWER
    if task.state in NOT_SENT:
        return begin, _FURTHER_WAITS
    is_ended = task.state in (TaskState.FAILED, TaskState.CANCELLED)
    return (begin, _FURTHER_IS_FREE) if is_ended else (begin,)


def _after_charge(task: Task, failure: Failure, title: str, said: str) -> str:
    return f"{title}. {said}" if _is_silent_on_charge(task, failure) and said != title else said
