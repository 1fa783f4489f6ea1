"""The texts of a task's log: what each step was, when, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PySide6.QtCore import QDateTime, QLocale

from enhance_gui.core.tasks.records import missing_parts
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task, TaskEvent
from enhance_gui.core.text.explanations import EXPLANATIONS, explain_task, sentence, task_sentence
from enhance_gui.core.text.i18n import mark, tr

STEP_TEXTS: Final = {
    "add": mark("Added"),
    "check": mark("Checked: it can be used"),
    "start": mark("Started by you"),
    "remove": mark("Withdrawn by you before it was sent"),
    "refuse": mark("Refused before it was sent"),
    "doubt_again": mark("Not sent again: the earlier attempt is in doubt as before"),
    "send": mark("Sent to the service"),
    "send_same": mark("Sent once more with the same id"),
    "unsent": mark("Not accepted by the service yet; it is sent later"),
    "accept": mark("Accepted by the service"),
    "hold": mark("Not accepted for now"),
    "reject": mark("Refused by the service"),
    "doubt": mark("No clear answer: it may have been charged"),
    "adopt": mark("Proven: the service has the task"),
    "send_again": mark("Another attempt approved by you"),
    "give_up": mark("Given up by you"),
    "finish": mark("Finished on the service"),
    "fail": mark("Ended on the service without a result"),
    "fetch": mark("Fetching the result"),
    "put_off": mark("Not fetched; it is tried again"),
    "save": mark("Saved"),
    "lose": mark("The result cannot be had"),
    "cancel": mark("Cancelled by you; the service is told"),
    "cancelled": mark("Deleted on the service"),
    "keep": mark("The service did not delete it; it is followed again"),
    "retry": mark("New attempt requested by you"),
    "ask_again": mark("The service is asked once more at your request"),
    "hide": mark("Removed from the list"),
    "bring_back": mark("Brought back into the list"),
    "delete": mark("Its record was deleted on the service at your request"),
}
"""By the name of the step; each is the beginning of a line."""

_FOUND_AT_START: Final = mark("The program had ended in the middle of it.")

_TASK_ID: Final = mark("Task id: {detail}")
_PRIVATE_ID: Final = mark("Private id: {detail}")
_OF_STEPS: Final = {
    "send": _PRIVATE_ID,
    "accept": _TASK_ID,
    "adopt": _TASK_ID,
    "delete": _TASK_ID,
}


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One step of a task, as texts."""

    at: str
    words: str
    details: tuple[str, ...] = ()


def log_lines(task: Task, events: Sequence[TaskEvent]) -> list[LogEntry]:
    """Return the entries of a task's log, oldest first."""
    return [
        LogEntry(
            moment_text(event.at),
            tr(STEP_TEXTS.get(event.step, event.step)),
            tuple(_details(task, event)),
        )
        for event in events
    ]


def last_word(task: Task) -> tuple[str, ...]:
    """Return what a task's failure or wait means, and what to do about it."""
    said = explain_task(task)
    if said is None or task.state is TaskState.SAVED:
        return ()
    return (f"{task_sentence(task)}.", said.meaning, said.next_step)


def moment_text(at: datetime) -> str:
    """Return a moment in local time, with seconds: steps follow each other closely."""
    local = QDateTime.fromMSecsSinceEpoch(round(at.timestamp() * 1000))
    date = QLocale().toString(local.date(), QLocale.FormatType.ShortFormat)
    return f"{date} {local.time().toString('HH:mm:ss')}"


def _missing(task: Task) -> list[str]:
    """Return the names of the missing faces or variants; the sidecar says why."""
    parts = missing_parts(task)
    if not parts:
        return []
    said = tr("Missing: {names}. The file beside the result tells why.")
    return [said.format(names=", ".join(parts))]


def _details(task: Task, event: TaskEvent) -> list[str]:
    if event.cause == "found at start":
        return [tr(_FOUND_AT_START)]
    if event.cause in EXPLANATIONS:
        return [f"{sentence(Failure(event.cause, event.detail))}."]
    if event.step == "save":
        return [str(file) for file in task.files] + _missing(task)
    if not event.detail:
        return []
    return [tr(_OF_STEPS.get(event.step, "{detail}")).format(detail=event.detail)]
