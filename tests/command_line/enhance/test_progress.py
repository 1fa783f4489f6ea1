"""The living line of a terminal tells how far the task is that was reported on last."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from enhance_gui.command_line.enhance.progress import Progress
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.jobs.events import (
    Event,
    ServiceStatus,
    ServiceStatusChanged,
    TaskChanged,
    TaskProgress,
)


class _Terminal:
    """Takes what is printed."""

    is_terminal = True
    is_behind = False

    def __init__(self) -> None:
        self.shown = ""
        self.lines: list[str] = []

    def write(self, text: str) -> None:
        self.shown = text
        if text.endswith("\n"):
            self.lines.append(text)


def task(number: int, state: TaskState) -> Task:
    created_at = datetime(2026, 1, 1, tzinfo=UTC)
    return Task(number, "/a.jpg", "Studio", 1, "Enhance", Path("/out"), state, created_at)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (TaskProgress(1, Phase.PROCESSING, 0, 20.4, 40), "; 40 % done, about 20 s left"),
        (TaskProgress(1, Phase.PROCESSING, 0, None, 0), "; 0 % done"),
        (TaskProgress(1, Phase.PROCESSING, 0, 20.4), "; about 20 s left"),
        (TaskProgress(1, Phase.PROCESSING, 0, None), ""),
        (TaskProgress(1, Phase.QUEUED, 3, 40.0), "; number 3 in the service's queue"),
    ],
)
def test_the_line_tells_what_is_known(event: TaskProgress, said: str) -> None:
    terminal = _Terminal()
    Progress(2, terminal).on_event(event)  # type: ignore[arg-type]
    assert terminal.shown.endswith(f"0/2  {said}")


def test_what_has_left_the_service_is_no_longer_told_of() -> None:
    terminal = _Terminal()
    progress = Progress(2, terminal)  # type: ignore[arg-type]
    progress.on_event(TaskChanged(task(1, TaskState.ACCEPTED)))
    progress.on_event(TaskProgress(1, Phase.PROCESSING, 0, None, 90))
    progress.on_event(TaskChanged(task(2, TaskState.FINISHED)))
    assert terminal.shown.endswith("1 on the service, 1 to fetch; 90 % done")
    progress.on_event(TaskChanged(task(1, TaskState.FINISHED)))
    assert terminal.shown.endswith("0/2  2 to fetch")


def test_why_a_service_is_busy_is_told_once_until_it_takes_something() -> None:
    def busy(kind: str, why: str) -> Event:
        return ServiceStatusChanged("Studio", ServiceStatus.BUSY, Failure(kind, why))

    terminal = _Terminal()
    progress = Progress(2, terminal)  # type: ignore[arg-type]
    for waiting in (7, 8):
        # Each try is an answer, and what it says may differ in a number.
        progress.on_event(busy("service_busy", f"{waiting} tasks wait already"))
        progress.on_event(ServiceStatusChanged("Studio", ServiceStatus.READY))
    told = (
        "Studio: The service is busy: 7 tasks wait already. It did not process the request, so "
        "nothing was charged for it; the task is kept. Wait: it is sent again when the service is "
        "ready.\n"
    )
    assert terminal.lines == [told]
    progress.on_event(busy("service_disk_full", "less than 1 GiB free"))
    assert terminal.lines[1].startswith("Studio: The service has no room left on its disk: less")
    progress.on_event(TaskChanged(task(1, TaskState.ACCEPTED)))
    progress.on_event(busy("service_disk_full", "less than 1 GiB free"))
    assert len(terminal.lines) == 3
