"""The texts of a task's log: what each step was, when, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PySide6.QtCore import QDateTime, QLocale

from enhance_gui.core.tasks.records import missing_parts
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import KEPT, Failure, Task, TaskEvent
from enhance_gui.core.text.detail import shown
from enhance_gui.core.text.explanations import (
    EXPLANATIONS,
    explain_task,
    full_sentence,
    task_sentence,
)
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.core.text.joining import clauses, ended, listed
from enhance_gui.ui.gallery.texts import note_text

STEP_TEXTS: Final = {
    "add": N_("Added"),
    "check": N_("Checked: it can be used"),
    "start": N_("Started by you"),
    "set_type": N_("Another enhance type chosen by you"),
    "review": N_("Not sent: you are asked about it again"),
    "remove": N_("Withdrawn by you before it was sent"),
    "refuse": N_("Refused before it was sent"),
    "doubt_again": N_("Not sent again: the earlier attempt is in doubt as before"),
    "send": N_("Sent to the service"),
    "send_same": N_("Sent once more with the same id"),
    "unsent": N_("Not accepted by the service yet; it is sent later"),
    "accept": N_("Accepted by the service"),
    "hold": N_("Not accepted for now"),
    "reject": N_("Refused by the service"),
    "doubt": N_("No clear answer: it may have been charged"),
    "adopt": N_("Proven: the service has the task"),
    "send_again": N_("Another attempt approved by you"),
    "give_up": N_("Given up by you"),
    "finish": N_("Finished on the service"),
    "fail": N_("Ended on the service without a result"),
    "fetch": N_("Fetching the result"),
    "put_off": N_("Not fetched; it is tried again"),
    "save": N_("Saved"),
    "copy": N_("Saved by you"),
    "lose": N_("The result cannot be had"),
    "cancel": N_("Cancelled by you; the service is told"),
    "cancelled": N_("Deleted on the service"),
    "keep": N_("The service did not delete it; it is followed again"),
    "retry": N_("New attempt requested by you"),
    "ask_again": N_("The service is asked once more at your request"),
    "hide": N_("Removed from the list"),
    "bring_back": N_("Brought back into the list"),
    "delete": N_("Its record was deleted on the service at your request"),
}
"""By the name of the step; each is the beginning of a line."""

_KEPT: Final = N_("Finished; kept until you save it")

_FOUND_AT_START: Final = N_("The program had ended in the middle of it.")

_TASK_ID: Final = N_("Task id: {detail}")
_PRIVATE_ID: Final = N_("Private id: {detail}")
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
    text: str
    details: tuple[str, ...] = ()


def log_lines(task: Task, events: Sequence[TaskEvent]) -> list[LogEntry]:
    """Return the entries of a task's log, oldest first."""
    return [
        LogEntry(
            moment_text(event.at),
            tr(_KEPT if event.cause == KEPT else STEP_TEXTS.get(event.step, event.step)),
            tuple(_details(task, event)),
        )
        for event in events
    ]


def last_word(task: Task) -> tuple[str, ...]:
    """Return what a task's failure or wait means, and what to do about it."""
    text = explain_task(task)
    if text is None or task.state is TaskState.SAVED:
        return ()
    return (ended(task_sentence(task)), text.meaning, text.next_step)


def moment_text(at: datetime) -> str:
    """Return a moment in local time, with seconds: steps follow each other closely."""
    local = QDateTime.fromMSecsSinceEpoch(round(at.timestamp() * 1000))
    locale, short = QLocale(), QLocale.FormatType.ShortFormat
    # The long format would name the time zone, too.
    pattern = re.sub(r"(\W)mm", r"\1mm\1ss", locale.timeFormat(short))
    return f"{locale.toString(local.date(), short)} {locale.toString(local.time(), pattern)}"


def _missing(task: Task) -> list[str]:
    """Return the missing faces or variants, each with the reason where that is known."""
    parts = missing_parts(task)
    if not parts:
        return []
    known = clauses(map(shown, task.missing)) or listed(parts)
    return [tr("Missing: {names}.").format(names=known)]


def _details(task: Task, event: TaskEvent) -> list[str]:
    if event.cause == "found at start":
        return [tr(_FOUND_AT_START)]
    if event.cause in EXPLANATIONS:
        return [full_sentence(Failure(event.cause, event.detail))]
    if event.step == "save":
        note = note_text(task)
        return [str(file) for file in task.files] + _missing(task) + ([note] if note else [])
    if not event.detail:
        return []
    return [tr(_OF_STEPS.get(event.step, "{detail}")).format(detail=event.detail)]
