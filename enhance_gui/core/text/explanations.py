"""Explains an error, a stored failure or a task to people: a title, its meaning, the next step.

In ``core`` and not in ``ui``, since the command line explains the same errors without Qt. The
words stand on the class of the error; here are only those of what is no error.

What happened last is not all that may cost something: sentences about money are made of all
attempts of a task, those about the cause of its last failure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from enhance_gui.core import errors, picture_errors, service_errors, storage_errors
from enhance_gui.core.errors import NOTHING_SPENT, EnhanceError, Explanation
from enhance_gui.core.picture_errors import ResultGone, ResultNotAsPromised, ResultUnreachable
from enhance_gui.core.service_errors import (
    TASK_FAILED,
    CreateInDoubt,
    DoubtNotRepeated,
    RecordUnusable,
    TaskDeleted,
    TaskUnknown,
)
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.storage_errors import DiskFull, FolderNotUsable
from enhance_gui.core.tasks.states import NOT_SENT, WITHOUT_RESULT, Outcome, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.detail import Detail, shown
from enhance_gui.core.text.i18n import N_, number, plural, tr
from enhance_gui.core.text.joining import ended, sentences, titled

PAUSED: Final = "paused"
"""Kind of the failure by which a service waits only for this program or its user."""

NOT_STARTED: Final = "not_started"
"""Kind of the explanation of a draft: it waits to be started."""

CHARGE_POSSIBLE: Final = "charge_possible"
"""The kind for an attempt which may have been charged, where no failure mentions it."""

_NOTHING_MORE = N_("Nothing more is sent; what waits is kept.")

_OF_NO_ERROR: Final = {
    CHARGE_POSSIBLE: Explanation(
        N_("It may have been charged"),
        N_("An earlier attempt may have been charged."),
        N_("Check your account before you pay for another attempt."),
    ),
    PAUSED: Explanation(
        N_("Sending is paused"),
        N_("Nothing is sent; what the service has accepted is still followed and saved."),
        N_("Continue when you want to."),
    ),
    NOT_STARTED: Explanation(
        N_("It has not been started"),
        N_("It was added in the window and waits there. It is not sent until you say so."),
        N_("Start it in the window, or take it back."),
    ),
}


def _classes() -> Iterator[type[EnhanceError]]:
    for module in (errors, picture_errors, service_errors, storage_errors):
        for var in vars(module).values():
            if isinstance(var, type) and issubclass(var, EnhanceError):
                yield var


CLASSES: Final = {
    kind: each
    for each in sorted(_classes(), key=lambda each: len(each.mro()), reverse=True)
    # A class inherits the cases of its family, whose own they stay: the family comes last.
    for kind in (*each.cases, each.kind)
}
"""The class of each kind of error."""

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    **_OF_NO_ERROR,
    **{
        kind: each.cases.get(kind) or Explanation(each.title, each.meaning, each.next_step)
        for kind, each in CLASSES.items()
    },
}
"""By kind, in English."""


def explain(problem: EnhanceError | Failure) -> Explanation:
    """Return the explanation of an error, or of a stored failure, in the user's language."""
    english = explain_in_english(problem)
    return Explanation(tr(english.title), tr(english.meaning), tr(english.next_step))


def explain_in_english(problem: EnhanceError | Failure) -> Explanation:
    """Return the explanation in English: for reports, files and other programs."""
    return EXPLANATIONS.get(problem.kind, EXPLANATIONS["error"])


def sentence(problem: EnhanceError | Failure) -> str:
    """Return title and detail as one sentence: what happened."""
    title, detail = explain(problem).title, shown(problem.detail)
    return _of_repeated(title, detail) or titled(title, detail)


def full_sentence(problem: EnhanceError | Failure) -> str:
    """Return what happened as a sentence with its full stop."""
    return ended(sentence(problem))


def with_next_step(problem: EnhanceError | Failure) -> str:
    """Return what happened and what to do next, as sentences."""
    return sentences(full_sentence(problem), explain(problem).next_step)


def explain_pause(failure: Failure) -> str:
    """Return why nothing is sent to a service, what that means and what to do next, as sentences.

    Much may have been sent to it before, so that what is said of a command or a picture which was
    refused at once would be false here.
    """
    _, meaning, next_step = explain(failure)
    if explain_in_english(failure).meaning == NOTHING_SPENT:
        meaning = tr(_NOTHING_MORE)
    return sentences(full_sentence(failure), meaning, next_step)


def sentence_in_english(problem: EnhanceError | Failure) -> str:
    """Return the same for what leaves the window."""
    title, detail = explain_in_english(problem).title, problem.detail
    return _of_repeated(title, detail) or (f"{title}: {detail}" if detail else title)


def titled_detail(problem: EnhanceError | Failure) -> str:
    """Return title and detail as one detail, to stand in another."""
    title = explain_in_english(problem).title
    return Detail(_TITLED, title=title, detail=problem.detail) if problem.detail else title


_TITLED: Final = N_("{title}: {detail}")


def _of_repeated(title: str, detail: str) -> str:
    """Return the sentence of a detail that repeats its title; empty: it says more."""
    repeats = detail[: len(title)].casefold() == title.casefold()
    return title + detail[len(title) :] if repeats else ""


# -- tasks --------------------------------------------------------------------------------------

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

_ENDED_HERE: Final = N_("It ended on this computer without a result; nothing is charged for that.")
_WAS_ACCEPTED: Final = N_("The service had accepted it and may have charged for it.")
_HAD_NO_ANSWER: Final = N_("An attempt had no answer and may have been charged.")
_FURTHER_WAITS: Final = N_("A further attempt waits to be sent and may cost again.")
_FURTHER_IS_FREE: Final = N_("A further attempt came to nothing and was not charged.")
_ASK_AGAIN: Final = N_("Ask the service again about it, which is free; a new attempt costs again.")


def failure_of(task: Task) -> Failure | None:
    """Return why a task failed or waits, and of any other what may have been charged for it."""
    if task.failure is not None or not task.may_have_cost:
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
    explanation = explain(failure)
    if failure.kind == TASK_FAILED and task.service == LOCAL_SERVICE_NAME:
        explanation = Explanation(explanation.title, tr(_ENDED_HERE), explanation.next_step)
    times = ""
    if (charges := task.may_have_cost) > 1:
        text = plural(
            "It may have been charged {count} time in all.",
            "It may have been charged {count} times in all.",
            charges,
        )
        times = text.format(count=number(charges))
    if not charges or not _is_silent_on_charge(task, failure):
        return Explanation(
            explanation.title, sentences(times, explanation.meaning), explanation.next_step
        )
    meaning = sentences(*map(tr, _what_was_charged(task)), times)
    next_step = tr(_ASK_AGAIN) if task.can_ask_again else explanation.next_step
    title = explanation.title if task.state in NOT_SENT else explain(_CHARGED).title
    return Explanation(title, meaning, next_step)


def task_sentence(task: Task) -> str:
    """Return in one line why a task failed or waits; empty where there is nothing to explain."""
    failure = failure_of(task)
    if failure is None:
        return ""
    title, text = explain(_CHARGED).title, sentence(failure)
    return sentences(ended(title), text) if _has_charge_first(task, failure, title, text) else text


def task_sentence_in_english(task: Task, failure: Failure) -> str:
    """Return the same for what leaves the window.

    :param failure: that of :func:`failure_of`.
    """
    title, text = explain_in_english(_CHARGED).title, sentence_in_english(failure)
    return f"{title}. {text}" if _has_charge_first(task, failure, title, text) else text


def next_step_in_english(task: Task, failure: Failure) -> str:
    """Return what the person can do, for what leaves the window."""
    if _is_silent_on_charge(task, failure) and task.can_ask_again:
        return _ASK_AGAIN
    return explain_in_english(failure).next_step


_CHARGED: Final = Failure(CHARGE_POSSIBLE, "")


def _is_silent_on_charge(task: Task, failure: Failure) -> bool:
    """Return whether something may have been charged that the failure's text does not mention."""
    mentions = failure.kind in _CHARGE_EXPLAINED and task.state not in NOT_SENT
    return task.may_have_cost > 0 and not mentions


def _what_was_charged(task: Task) -> tuple[str, ...]:
    accepted = any(attempt.outcome is Outcome.ACCEPTED for attempt in task.attempts)
    begin = _WAS_ACCEPTED if accepted else _HAD_NO_ANSWER
    if task.state in NOT_SENT:
        return begin, _FURTHER_WAITS
    is_ended = task.state in (TaskState.FAILED, TaskState.CANCELLED)
    return (begin, _FURTHER_IS_FREE) if is_ended else (begin,)


def _has_charge_first(task: Task, failure: Failure, title: str, text: str) -> bool:
    return _is_silent_on_charge(task, failure) and text != title
