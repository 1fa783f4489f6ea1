"""How inputs ended: the lines of the command line's JSON (a public contract) and its exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Final

from enhance_gui.core.explanations import explain_in_english, sentence_in_english
from enhance_gui.core.tasks import Failure, Task, TaskState


class ReportState(StrEnum):
    """How an input ended, as far as this run is concerned."""

    SAVED = "saved"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    WAITING = "waiting"
    """Still stored: the next run with --resume continues it."""
    CANCELLED = "cancelled"


class ExitCode(IntEnum):
    """Exit codes of ``enhance``."""

    ALL_SAVED = 0
    SOME_FAILED = 1
    WRONG_USAGE = 2
    SOME_IN_DOUBT = 3
    SOME_WAITING = 4


_STATES: Final = {
    TaskState.SAVED: ReportState.SAVED,
    TaskState.FAILED: ReportState.FAILED,
    TaskState.IN_DOUBT: ReportState.IN_DOUBT,
    TaskState.CANCELLED: ReportState.CANCELLED,
    TaskState.WRITTEN_OFF: ReportState.CANCELLED,
}
"""All other states are waiting."""


@dataclass(frozen=True, slots=True)
class Report:
    """How one input ended."""

    state: ReportState
    fields: dict[str, Any]
    """The JSON line."""

    @property
    def words(self) -> str:
        """Why it was not saved, in a sentence and a next step; empty where it was."""
        error = self.fields["error"]
        return "" if error is None else f"{error['message']}. {error['next_step']}"


def report_of(task: Task, given: str) -> Report:
    """Describe a task at its end, or where the run leaves it.

    :param given: the input as the user wrote it.
    """
    state = _STATES.get(task.state, ReportState.WAITING)
    return Report(
        state,
        {
            "input": given,
            "state": state.value,
            "service": task.service,
            "type": task.type_id,
            "task_id": task.service_task_id,
            "private_id": task.private_id,
            "files": [str(path) for path in task.files],
            "sidecar": None if task.sidecar is None else str(task.sidecar),
            "error": None if state is ReportState.SAVED else _error(task.failure),
        },
    )


def waiting_report(given: str, service: str, type_id: int) -> Report:
    """Describe an input that another program has, and of which this one knows no more."""
    return _without_task(ReportState.WAITING, given, service, type_id)


def cancelled_report(given: str, service: str, type_id: int, failure: Failure | None) -> Report:
    """Describe an input that is not stored: the run ended before, and nothing was sent.

    :param failure: why it could not be stored.
    """
    return _without_task(ReportState.CANCELLED, given, service, type_id, failure)


def _without_task(
    state: ReportState, given: str, service: str, type_id: int, failure: Failure | None = None
) -> Report:
    return Report(
        state,
        {
            "input": given,
            "state": state.value,
            "service": service,
            "type": type_id,
            "task_id": None,
            "private_id": None,
            "files": [],
            "sidecar": None,
            "error": _error(failure),
        },
    )


def report_of_line(fields: dict[str, Any]) -> Report:
    """Rebuild a report from its JSON line."""
    return Report(ReportState(fields["state"]), fields)


def exit_code(states: Iterable[ReportState]) -> ExitCode:
    """Return the exit code for a run; where several apply 4 goes first, then 3, then 1."""
    found = set(states)
    if ReportState.WAITING in found:
        return ExitCode.SOME_WAITING
    if ReportState.IN_DOUBT in found:
        return ExitCode.SOME_IN_DOUBT
    return ExitCode.ALL_SAVED if found <= {ReportState.SAVED} else ExitCode.SOME_FAILED


def _error(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "kind": failure.kind,
        "code": failure.code,
        "message": sentence_in_english(failure),
        "next_step": explain_in_english(failure).next_step,
    }
