"""Progress on standard error: one living line in a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import Final

from enhance_gui.command_line.console.line_writer import ErrorWriter
from enhance_gui.command_line.console.output import plain
from enhance_gui.core.images.left_out import notes_on
from enhance_gui.core.service_errors import CreateInDoubt, DoubtNotRepeated
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.explanations import explain_pause
from enhance_gui.jobs.events import (
    Event,
    ServiceStatus,
    ServiceStatusChanged,
    TaskChanged,
    TaskProgress,
    TaskWaits,
)
from enhance_gui.jobs.queue.reports import Report, ReportState

_BAR_CHARS: Final = 24

_TEXTS: Final = {
    TaskState.QUEUED: "to send",
    TaskState.SENDING: "sending",
    TaskState.ACCEPTED: "on the service",
    TaskState.FINISHED: "to fetch",
    TaskState.FETCHING: "fetching",
}

_UNSENT: Final = (TaskState.DRAFT, TaskState.QUEUED)

_LINE_TEXTS: Final = {
    ServiceStatus.STARTING: "starting the service of this computer",
    ServiceStatus.OFFLINE: "cannot be reached; trying again from time to time",
    ServiceStatus.PAUSED: "nothing is sent to it now",
}


class Progress:
    """Shows how a batch gets on."""

    def __init__(self, total: int, output: ErrorWriter) -> None:
        self._total = total
        self._output = output
        self._ended = 0
        self._states: dict[int, TaskState] = {}
        self._phase = ""
        self._followed = 0
        """The task on which the service has reported last."""
        self._down: set[str] = set()
        self._noted: set[int] = set()
        """Tasks of which was said what is left out of their pictures."""
        self._busy: dict[str, str] = {}
        """Services that were said to be busy, and the kind of the reason."""
        self._shown = False

    def expect(self, more: int) -> None:
        """Count further inputs."""
        self._total += more

    def on_event(self, event: Event) -> None:
        """Take in an event of the queue."""
        if isinstance(event, TaskChanged):
            self._states[event.task.id] = event.task.state
            if event.task.state is TaskState.ACCEPTED:
                self._busy.pop(event.task.service, None)
            self._print_notes(event.task)
            if event.task.id == self._followed and event.task.state is not TaskState.ACCEPTED:
                self._phase = ""
        elif isinstance(event, TaskProgress):
            self._followed = event.task_id
            self._phase = _phase_text(event)
        elif isinstance(event, TaskWaits):
            self._host_down(event.host)
        elif isinstance(event, ServiceStatusChanged):
            self._service_status_changed(event)
        self._show()

    def report(self, report: Report) -> None:
        """Print the line of an input that has ended."""
        self._ended += 1
        entered = report.fields["input"]
        if report.state is ReportState.SAVED:
            outcome = f"saved as {report.fields['files'][0]}. {report.text}".removesuffix(". ")
        elif _is_given_up(report):
            outcome = f"given up. {report.fields['error']['message']}."
        else:
            outcome = f"{report.state.value.replace('_', ' ')}. {report.text}".strip()
        self.print_message(f"[{self._ended}/{self._total}] {entered}: {outcome}")
        self._show()

    def print_message(self, line: str) -> None:
        """Print a line that stays."""
        self.clear()
        self._output.write(plain(line) + "\n")

    def clear(self) -> None:
        """Take the living line away."""
        if self._shown:
            self._output.write("\r\x1b[K")
            self._shown = False

    def _print_notes(self, task: Task) -> None:
        """Print, once a picture is checked, what of it is left out or converted."""
        if task.checked is None or task.state not in _UNSENT or task.id in self._noted:
            return
        self._noted.add(task.id)
        for note in notes_on([task.checked]):
            self.print_message(f"{task.given or task.input}: {note}")

    def _host_down(self, host: str) -> None:
        if host not in self._down:
            self._down.add(host)
            self.print_message(
                f"{host}: cannot be reached; its pictures are tried again for a while"
            )

    def _service_status_changed(self, event: ServiceStatusChanged) -> None:
        if event.failure is not None:
            # What is busy is asked again and again: it is said once, until it takes something.
            is_busy = event.state is ServiceStatus.BUSY
            if is_busy and self._busy.get(event.service) == event.failure.kind:
                return
            if is_busy:
                self._busy[event.service] = event.failure.kind
            self.print_message(f"{event.service}: {explain_pause(event.failure)}")
        elif event.state in _LINE_TEXTS:
            self.print_message(f"{event.service}: {_LINE_TEXTS[event.state]}")

    def _show(self) -> None:
        # Where the reader is behind, the newest line is of no use before the older ones are read.
        if not self._output.is_terminal or self._output.is_behind:
            return
        filled = _BAR_CHARS * self._ended // max(1, self._total)
        counts = Counter(self._states.values())
        parts = [f"{counts[state]} {word}" for state, word in _TEXTS.items() if counts[state]]
        bar = "█" * filled + "░" * (_BAR_CHARS - filled)
        line = f"{bar} {self._ended}/{self._total}  {', '.join(parts)}{self._phase}"
        width = shutil.get_terminal_size().columns - 1
        self._output.write("\r\x1b[K" + line[:width])
        self._shown = True


def _is_given_up(report: Report) -> bool:
    """Return whether the user has written off a doubt: its next step has been taken."""
    error = report.fields["error"]
    is_doubt = error is not None and error["kind"] in (CreateInDoubt.kind, DoubtNotRepeated.kind)
    return is_doubt and report.state is ReportState.CANCELLED


def _phase_text(event: TaskProgress) -> str:
    if event.phase is Phase.QUEUED and event.queue_position:
        return f"; number {event.queue_position} in the service's queue"
    parts = [] if event.percent is None else [f"{event.percent} % done"]
    if event.expected_s is not None:
        parts.append(f"about {event.expected_s:.0f} s left")
    return "; " + ", ".join(parts) if parts else ""
