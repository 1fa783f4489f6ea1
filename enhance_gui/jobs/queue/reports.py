"""How inputs ended: the lines of the command line's JSON (a public contract) and its exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Final

from enhance_gui.core.images.left_out import Part
from enhance_gui.core.storage_errors import LIST_REPLACED, TASK_RECOVERED
from enhance_gui.core.tasks.records import missing_parts, service_note
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.explanations import (
    NOT_STARTED,
    explain_in_english,
    failure_of,
    next_step_in_english,
    sentence_in_english,
    task_sentence_in_english,
)
from enhance_gui.storage.files.sidecars import left_out_of, missing_of


class ReportState(StrEnum):
    """How an input ended, as far as this run is concerned."""

    SAVED = "saved"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    WAITING = "waiting"
    """Still stored: the next run with --resume continues it, but a draft, and what the user has
    paused, only on their word.
    """
    CANCELLED = "cancelled"


class ExitCode(IntEnum):
    """Exit codes of ``enhance``."""

    ALL_SAVED = 0
    SOME_FAILED = 1
    WRONG_USAGE = 2
    SOME_IN_DOUBT = 3
    SOME_WAITING = 4


_MAX_SHOWN: Final = 3
"""Maximum of missing faces or variants that are named to people one by one."""

_STATES: Final = {
    TaskState.SAVED: ReportState.SAVED,
    TaskState.FAILED: ReportState.FAILED,
    TaskState.IN_DOUBT: ReportState.IN_DOUBT,
    TaskState.CANCELLED: ReportState.CANCELLED,
    TaskState.WRITTEN_OFF: ReportState.CANCELLED,
}
"""All other states are waiting."""

_NOT_KNOWN: Final[dict[str, Any]] = {
    "task_id": None,
    "private_id": None,
    "files": [],
    "sidecar": None,
    "missing": [],
    "left_out": [],
    "sent_as": None,
    "message": None,
    "charges_possible": 0,
    "error": None,
}
"""What is said of an input of which there is no task here."""


@dataclass(frozen=True, slots=True)
class Report:
    """How one input ended."""

    state: ReportState
    fields: dict[str, Any]
    """The JSON line."""

    @property
    def is_stored(self) -> bool:
        """Whether a later run can still decide on it."""
        error = self.fields["error"]
        return error is None or error["kind"] != LIST_REPLACED

    @property
    def text(self) -> str:
        """Why it was not saved, in a sentence and a next step.

        Of a saved one what it lacks, and what the service said of it; empty where neither is.
        """
        error = self.fields["error"]
        if error is not None:
            return f"{error['message']}. {error['next_step']}"
        note = self.fields["message"]
        reported = (
            _lack(self.fields["missing"]),
            *(_sentence(each["reason"]) for each in self.fields["left_out"]),
            f"The service says: {note}." if note else "",
        )
        return " ".join(filter(None, reported))


def report_of(task: Task, entered: str) -> Report:
    """Describe a task at its end, or where the run leaves it.

    :param entered: the input as the user wrote it.
    """
    state = _STATES.get(task.state, ReportState.WAITING)
    return _report(
        state,
        entered,
        task.service,
        task.type_id,
        task_id=task.service_task_id,
        private_id=task.private_id,
        files=[str(path) for path in task.files],
        sidecar=None if task.sidecar is None else str(task.sidecar),
        missing=_missing(task),
        left_out=left_out_of(task) + _lost_otherwise(task),
        sent_as=(task.checked.sent_as or None) if task.checked else None,
        message=service_note(task) or None,
        charges_possible=task.charges_possible,
        error=None if state is ReportState.SAVED else _error_of(task),
    )


def not_kept(report: Report) -> Report:
    """Describe what was left undecided in a list of tasks that no later start will find."""
    if report.state not in (ReportState.WAITING, ReportState.IN_DOUBT):
        return report
    was_sent = report.fields["private_id"] is not None
    state = ReportState.IN_DOUBT if was_sent else ReportState.CANCELLED
    error = _error(Failure(LIST_REPLACED, ""))
    return Report(state, {**report.fields, "state": state.value, "error": error})


def report_without_task(
    state: ReportState, entered: str, service: str, type_id: int, failure: Failure | None
) -> Report:
    """Describe an input of which this run knows no task: another program has it, or none.

    :param failure: why it could not be stored.
    """
    return _report(state, entered, service, type_id, error=_error(failure))


def _report(
    state: ReportState, entered: str, service: str, type_id: int, **known: object
) -> Report:
    """:param known: what else is to be said of the input."""
    fields = {"input": entered, "state": state.value, "service": service, "type": type_id}
    return Report(state, fields | _NOT_KNOWN | known)


def report_of_line(fields: dict[str, Any]) -> Report:
    """Rebuild a report from its JSON line; one of an earlier version holds less."""
    return Report(ReportState(fields["state"]), _NOT_KNOWN | fields)


def exit_code(states: Iterable[ReportState]) -> ExitCode:
    """Return the exit code for a run; where several apply 4 goes first, then 3, then 1."""
    found = set(states)
    if ReportState.WAITING in found:
        return ExitCode.SOME_WAITING
    if ReportState.IN_DOUBT in found:
        return ExitCode.SOME_IN_DOUBT
    return ExitCode.ALL_SAVED if found <= {ReportState.SAVED} else ExitCode.SOME_FAILED


def _missing(task: Task) -> list[str]:
    """Return why each face or variant that a saved task lacks is not there."""
    parts = missing_parts(task)
    if not parts:
        return []
    # An earlier version has left it in the sidecar alone.
    stored = list(task.missing) or (missing_of(task.sidecar) if task.sidecar is not None else [])
    return stored or list(parts)


def _lost_otherwise(task: Task) -> list[dict[str, str]]:
    """Return what the result has not of what was wanted; metadata alone are the sidecar's."""
    return [
        {"part": each.part.value, "reason": str(each.reason)}
        for each in task.left_out
        if each.part is not Part.METADATA
    ]


def _lack(missing: list[str]) -> str:
    """Say what a saved task lacks; of many the first."""
    if not missing:
        return ""
    more = len(missing) - _MAX_SHOWN
    reported = "; ".join(missing[:_MAX_SHOWN]) + (f"; and {more} more" if more > 0 else "")
    return f"Not everything is there. Missing: {reported}."


def _sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}."


def _error_of(task: Task) -> dict[str, Any] | None:
    """Return why a task was not saved; what its attempts may have cost comes first."""
    failure = _draft_failure(task) if task.state is TaskState.DRAFT else failure_of(task)
    error = _error(failure)
    if error is None or failure is None:
        return None
    return error | {
        "message": task_sentence_in_english(task, failure),
        "next_step": next_step_in_english(task, failure),
    }


def _draft_failure(task: Task) -> Failure:
    """Return why a draft waits, which is not what its picture has met until now."""
    failure = task.failure
    if failure is not None and failure.kind == TASK_RECOVERED:
        return failure
    return Failure(TASK_RECOVERED if task.charges_possible else NOT_STARTED, "")


def _error(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "kind": failure.kind,
        "code": failure.code,
        "message": sentence_in_english(failure),
        "next_step": explain_in_english(failure).next_step,
    }
