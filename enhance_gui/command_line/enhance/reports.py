"""Reports how a run's inputs ended: to people on standard error, and as its output."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from enhance_gui.command_line.console.line_writer import LineWriter
from enhance_gui.command_line.enhance.options import EnhanceOptions
from enhance_gui.command_line.enhance.progress import Progress
from enhance_gui.command_line.enhance.resuming import print_asking, print_choices, print_starting
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.storage_errors import TASK_RECOVERED
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.explanations import NOT_STARTED, PAUSED
from enhance_gui.jobs.queue.reports import (
    ExitCode,
    Report,
    ReportState,
    exit_code,
    report_without_task,
)

T = TypeVar("T")


class RunReports:
    """The reports of one run."""

    def __init__(self, options: EnhanceOptions, progress: Progress, output: LineWriter) -> None:
        self._options = options
        self._progress = progress
        self._output = output
        self.is_forwarded = False
        """Whether the running program has taken the work."""
        self._reports: list[Report] = []
        self._stored: list[Report] = []
        """Stored work as it stood when the running program took it on."""
        self._profiles: dict[str, ServiceProfile] = {}
        if options.service is not None:
            self.know(options.service)
        if options.request is not None:
            self.know(options.request.profile)

    def know(self, profile: ServiceProfile) -> None:
        """Take in the profile of a service that reports will be about."""
        self._profiles[profile.name] = profile

    def expect(self, stored: Report) -> None:
        """Take in stored work that the running program continues for this one."""
        self._stored.append(stored)
        self._progress.expect(1)

    def print_report(self, report: Report) -> None:
        """Report how an input ended."""
        self._reports.append(report)
        self._progress.report(report)
        if report.state is ReportState.IN_DOUBT and report.is_stored:
            profile = self._profiles.get(report.fields["service"])
            print_choices(report, profile, self._progress.print_message)
        elif _is_recovered(report):
            print_starting(report, self._progress.print_message)
        elif report.state in (ReportState.FAILED, ReportState.CANCELLED):
            print_asking(report, self._progress.print_message)
        if self._options.json:
            self._output.write_line(json.dumps(report.fields, ensure_ascii=False))
        else:
            for path in report.fields["files"]:
                self._output.write_line(path)

    def finish(self, not_kept: Failure | None) -> ExitCode:
        """Report what is stored elsewhere, or nowhere, and return the exit code of the run.

        :param not_kept: why inputs could not be stored, where that was tried.
        """
        request = self._options.request
        if request is not None:
            state = ReportState.WAITING if self.is_forwarded else ReportState.CANCELLED
            failure = None if self.is_forwarded else not_kept
            service, type_id = request.profile.name, request.enhance_type.id
            for text in self.unreported():
                self.print_report(report_without_task(state, text, service, type_id, failure))
        for report in _left_over(self._stored, _identity, map(_identity, self._reports)):
            self.print_report(report)
        self._print_kept()
        return exit_code(report.state for report in self._reports)

    def _print_kept(self) -> None:
        """Print how what is still stored is continued."""
        waiting = [report for report in self._reports if report.state is ReportState.WAITING]
        drafts = sum(_waits_by(each, NOT_STARTED) for each in waiting)
        paused = sum(_waits_by(each, PAUSED) for each in waiting)
        recovered = sum(map(_is_recovered, waiting))
        if drafts:
            start = ("--settle", "all=start")
            # The choice is one on all that waits for a word; what was recovered may cost twice.
            alternative = (
                "" if recovered else f", or {_ALONE[self.is_forwarded]}{self._command(*start)}"
            )
            self._progress.print_message(f"{_not_started(drafts)} in the window{alternative}")
        if paused:
            self._progress.print_message(
                f"{_kept(paused)}; the program that is running has paused sending: continue there"
            )
        if others := len(waiting) - drafts - paused - recovered:
            self._progress.print_message(f"{_kept(others)}; this continues: {self._command()}")

    def _command(self, *more: str) -> str:
        """Return the command that continues what is stored, in a form that can be pasted."""
        words = ["enhance-gui", "enhance", "--resume", *more]
        if self._options.service_argument is not None:
            words += ["--service", self._options.service_argument]
        return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)

    def unreported(self) -> list[str]:
        """Return the new inputs of which no end was reported."""
        request = self._options.request
        reported = (report.fields["input"] for report in self._reports)
        return [] if request is None else _left_over(request.inputs, str, reported)


_ALONE: Final = {True: "when the program that is running has ended, with: ", False: "with: "}


def _kept(count: int) -> str:
    return "1 input is kept" if count == 1 else f"{count} inputs are kept"


def _not_started(count: int) -> str:
    if count == 1:
        return "1 input has not been started: start it"
    return f"{count} inputs have not been started: start them"


def _is_recovered(report: Report) -> bool:
    """Return whether something waits for the user's word since the list could not be relied on."""
    return _waits_by(report, TASK_RECOVERED)


def _waits_by(report: Report, kind: str) -> bool:
    error = report.fields["error"]
    is_waiting = report.state is ReportState.WAITING
    return is_waiting and error is not None and error["kind"] == kind


def _identity(report: Report) -> tuple[object, ...]:
    return tuple(report.fields[key] for key in ("input", "service", "type"))


def _left_over(
    wanted: Iterable[T], name: Callable[[T], object], reported: Iterable[object]
) -> list[T]:
    """Return what was not reported, in order; what is wanted twice is to be reported twice.

    :param name: gives the one by which something is reported.
    """
    counts = Counter(reported)
    left = []
    for each in wanted:
        counts[name(each)] -= 1
        if counts[name(each)] < 0:
            left.append(each)
    return left
