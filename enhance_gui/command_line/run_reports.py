"""What a run tells of its inputs: to people on standard error, and as its output."""

from __future__ import annotations

import json

from enhance_gui.command_line.order import Order
from enhance_gui.command_line.output import Output
from enhance_gui.command_line.progress import Progress
from enhance_gui.command_line.resuming import tell_asking, tell_choices
from enhance_gui.core.tasks import Failure
from enhance_gui.jobs.reports import (
    Report,
    ReportState,
    cancelled_report,
    exit_code,
    waiting_report,
)
from enhance_gui.jobs.sharing import unreported


class RunReports:
    """The reports of one run."""

    def __init__(self, order: Order, progress: Progress, output: Output) -> None:
        self._order = order
        self._progress = progress
        self._output = output
        self._reports: list[Report] = []

    def tell(self, report: Report) -> None:
        """Tell how an input ended."""
        self._reports.append(report)
        self._progress.report(report)
        if report.state is ReportState.IN_DOUBT:
            tell_choices(report, self._progress.say)
        elif report.state is ReportState.FAILED:
            tell_asking(report, self._progress.say)
        if self._order.json:
            self._output.write(json.dumps(report.fields, ensure_ascii=False))
        else:
            for path in report.fields["files"]:
                self._output.write(path)

    def tell_rest(self, *, is_handed_over: bool, not_kept: Failure | None) -> None:
        """Report inputs of which no end was told: stored elsewhere, or nowhere.

        :param is_handed_over: whether the running program has taken them.
        :param not_kept: why they could not be stored, where that was tried.
        """
        request = self._order.request
        if request is not None:
            for text in self.untold():
                self.tell(
                    waiting_report(text, request.profile.name, request.enhance_type.id)
                    if is_handed_over
                    else cancelled_report(
                        text, request.profile.name, request.enhance_type.id, not_kept
                    )
                )

    def untold(self) -> list[str]:
        """Return the new inputs of which no end was told."""
        request = self._order.request
        return [] if request is None else unreported(request.inputs, self._reports)

    def exit_code(self) -> int:
        """Return the exit code that follows from all reports."""
        return exit_code(report.state for report in self._reports)
