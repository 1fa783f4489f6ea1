"""What must hold after every event, whatever the order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.explanations import explain_task, task_sentence
from enhance_gui.jobs.queue.reports import report_of
from tests.scenarios.promises.judge import ROUNDING
from tests.scenarios.promises.program import Program

RESULT: Final = b"the enhanced picture"

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

_DENIALS: Final = (
    "nothing was sent",
    "nothing was spent",
    "no task was created",
    "nothing was charged",
    "no request left",
    "did not process",
    "before doing anything",
    "taken back by you",
)
"""What may not be said of a picture for which something may have been charged."""


class Held:
    """Looks at the list, the books and the files of a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._reported: dict[int, Task] = {}
        """Tasks whose words were judged as they are."""
        self._seen: tuple[object, ...] = ()
        """What the list and the books were like when they were looked at last."""

    def look(self, *, disk_full: bool) -> None:
        program = self._program
        seen = (program.starts, program.store._connection.total_changes, len(program.judge.charged))
        if seen == self._seen:
            return
        self._seen = seen
        tasks = program.tasks()
        self._nothing_stays_on_its_way(tasks, disk_full=disk_full)
        if not program.judge.is_replaced:
            self._every_charge_is_known(tasks)
            self._sums_agree(tasks)
        for task in tasks:
            if self._reported.get(task.id) != task:
                if program.judge.is_complete:
                    self._doubts_stay(task)
                self._text_mentions_the_charge(task)
                self._reported[task.id] = task
        self._what_is_saved_is_whole(tasks)

    def _nothing_stays_on_its_way(self, tasks: list[Task], *, disk_full: bool) -> None:
        for task in tasks:
            assert task.state is not TaskState.SENDING or disk_full
            is_open = sum(attempt.outcome is Outcome.OPEN for attempt in task.attempts)
            assert is_open == (task.state is TaskState.SENDING)

    def _every_charge_is_known(self, tasks: list[Task]) -> None:
        judge = self._program.judge
        attempts = {attempt.private_id: attempt for task in tasks for attempt in task.attempts}
        for private_id in judge.charged:
            if private_id in judge.covered:
                assert self._program.store.charges.incomplete_before() is not None
                continue
            assert private_id in attempts, "a charge that the list does not know"
            assert attempts[private_id].outcome in (Outcome.ACCEPTED, Outcome.IN_DOUBT)

    def _sums_agree(self, tasks: list[Task]) -> None:
        judge = self._program.judge
        if not judge.is_complete:
            return
        reported = sum(each.cost for each in self._program.store.charges.ledger(_EVER))
        charged = sum(each.price for each in judge.charged.values())
        assert reported >= charged - ROUNDING, f"charged {charged}, told {reported}"
        in_doubt = any(attempt.outcome is Outcome.IN_DOUBT for t in tasks for attempt in t.attempts)
        assert in_doubt or reported <= charged + ROUNDING, f"charged {charged}, told {reported}"

    def _doubts_stay(self, task: Task) -> None:
        outcomes = {attempt.outcome for attempt in task.attempts}
        if Outcome.IN_DOUBT in outcomes and Outcome.ACCEPTED not in outcomes:
            assert task.state not in (TaskState.FAILED, TaskState.CANCELLED)

    def _text_mentions_the_charge(self, task: Task) -> None:
        if not task.charges_possible or task.state in (TaskState.SAVED, TaskState.SENDING):
            return
        report = report_of(task, task.input)
        assert report.fields["charges_possible"] == task.charges_possible
        words, said = explain_task(task), [task_sentence(task), report.text]
        if words is not None:
            said.append(f"{words.title}. {words.meaning} {words.next_step}")
            assert "charge" in said[-1] or "paid" in said[-1], said[-1]
        # What was refused is told in a sentence after the one on the charge.
        for text in said:
            for denial in _DENIALS:
                assert denial not in text.casefold(), f"{task.state}: {text}"
        if task.state in (TaskState.FAILED, TaskState.CANCELLED, TaskState.WRITTEN_OFF):
            assert words is not None, f"{task.state} without a word of the charge"

    def _what_is_saved_is_whole(self, tasks: list[Task]) -> None:
        for path in self._program.results.glob("*.png"):
            assert path.read_bytes() == RESULT
        if self._program.judge.is_complete:
            assert all(task.files for task in tasks if task.state is TaskState.SAVED)
