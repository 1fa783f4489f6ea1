"""Mistakes that the program once made, put back on purpose: the state machine has to find each.

    python -m tests.scenarios.promises.mutants [NAME …]

tries them one after the other, each in a process of its own, until it is found.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final

from enhance_gui.core.errors import SpendingLimitReached
from enhance_gui.core.service_errors import TaskUnknown
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.tasks.spending import goes_beyond
from enhance_gui.core.tasks.states import ENDED, NOT_SENT, Outcome, Step, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.explanations import explain, sentence, sentence_in_english
from enhance_gui.jobs.polling import poller
from enhance_gui.jobs.queue import reports
from enhance_gui.storage.task_db import transitions
from enhance_gui.storage.task_db.list_file import ListFile
from enhance_gui.storage.task_db.repositories import attempts, charges
from enhance_gui.storage.task_db.repositories.attempts import Attempts
from enhance_gui.storage.task_db.repositories.changes import WaitingChanges
from enhance_gui.storage.task_db.repositories.charges import Batches
from enhance_gui.storage.task_db.repositories.drafts import WaitingTasks
from enhance_gui.storage.task_db.repositories.queries import EarlierTasks
from enhance_gui.storage.task_db.store import TaskStore
from enhance_gui.storage.task_db.transitions import TaskSteps
from tests.scenarios.promises import held

_SEEDS: Final = range(2)


def _set(owner: Any, name: str, value: object) -> None:
    """Replace a part of the program."""
    assert hasattr(owner, name)
    setattr(owner, name, value)


def _after_open(spoil: Callable[[Any], None]) -> None:
    """Do something to the list whenever it is opened."""
    opened = TaskStore.open

    def spoiled(*args: Any, **more: Any) -> TaskStore:
        store = opened(*args, **more)
        spoil(store._connection)
        return store

    _set(TaskStore, "open", spoiled)


def cost_of_an_older_profile() -> None:
    """Count what the profile says that the work goes by, not what the order was checked with."""
    insert, find = WaitingTasks.add, WaitingTasks.add_or_find

    def without_cost(tasks: Any) -> list[Any]:
        return [replace(task, cost=0) for task in tasks]

    _set(
        WaitingTasks,
        "add",
        lambda self, new, **rest: insert(self, without_cost(new), **rest),
    )
    _set(
        WaitingTasks,
        "add_or_find",
        lambda self, new, *rest: find(self, without_cost(new), *rest),
    )


def limit_of_the_run_alone() -> None:
    """Let a limit on a batch end with the program: what is left has a fresh one."""

    def fresh(sql: Any) -> None:
        sql.execute("INSERT INTO batch (max_cost) SELECT max_cost FROM batch WHERE max_cost > 0")
        sql.execute(
            "UPDATE task SET failure_kind = NULL, failure_detail = NULL, "
            "batch = (SELECT max(id) FROM batch WHERE max_cost IS (SELECT max_cost "
            "FROM batch AS own WHERE own.id = task.batch)) "
            "WHERE state = 'queued' AND batch IS NOT NULL"
        )

    _after_open(fresh)


def pause_of_the_run_alone() -> None:
    """Let Pause end with the program."""
    _set(Batches, "is_paused", lambda _: False)


def doubt_forgotten() -> None:
    """End a task by what became of its last attempt, whatever an earlier one may have cost."""
    take, settled = TaskSteps.take, Attempts._settled
    _after_open(lambda sql: sql.execute("DROP TRIGGER task_stays_in_doubt"))

    def take_back(
        self: TaskSteps, task_id: int, step: Step, cause: str, failure: Failure | None
    ) -> Task:
        return take(self, task_id, step, cause, failure=failure or Failure("cancelled", ""))

    def rejected(self: Attempts, task_id: int, failure: Failure) -> Task:
        return settled(self, task_id, Step.REJECT, Outcome.REJECTED, failure)

    _set(TaskSteps, "take_back", take_back)
    _set(Attempts, "rejected", rejected)


def words_of_the_last_error() -> None:
    """Choose the words by the last failure alone."""

    def explained(task: Task) -> Any:
        return None if task.failure is None else explain(task.failure)

    def said(task: Task) -> str:
        return "" if task.failure is None else sentence(task.failure)

    _set(held, "explain_task", explained)
    _set(held, "task_sentence", said)
    _set(reports, "task_sentence_in_english", lambda _, failure: sentence_in_english(failure))


def proof_in_vain() -> None:
    """Follow a late proof only from in doubt, queued and written off."""
    word, _, target = Step.ADOPT.value
    sources = frozenset({TaskState.IN_DOUBT, TaskState.QUEUED, TaskState.WRITTEN_OFF})
    Step.ADOPT._value_ = (word, sources, target)


def forgotten_for_good() -> None:
    """Believe a service at once that it does not know a task."""
    _set(poller, "_UNKNOWN_BELIEVED_AT_S", 15.0)
    _set(poller, "_UNKNOWN_MIN", 3)


def forgotten_is_not_asked_about() -> None:
    """Never ask again about a task that the service once did not know."""
    can = vars(Task)["can_ask_again"].fget

    def unless_unknown(task: Task) -> bool:
        is_unknown = task.failure is not None and task.failure.kind == TaskUnknown.kind
        return bool(can(task)) and not is_unknown

    _set(Task, "can_ask_again", property(unless_unknown))


def named_again_by_state() -> None:
    """Take only what is alive or saved for an earlier order of a command."""
    of_order = EarlierTasks.of_order
    kept = {*TaskState} - ENDED | {TaskState.SAVED}
    _set(
        EarlierTasks,
        "of_order",
        lambda self, new: [each for each in of_order(self, new) if each.state in kept],
    )


def dropped_again_by_state() -> None:
    """Take only what is in doubt or saved for an earlier order of a drop."""
    duplicates = EarlierTasks.duplicates
    kept = {TaskState.IN_DOUBT, TaskState.SAVED}
    _set(
        EarlierTasks,
        "duplicates",
        lambda self, task: [each for each in duplicates(self, task) if each.state in kept],
    )


def age_of_the_list_unknown() -> None:
    """Know nothing of how far the list had come."""
    _set(ListFile, "recorded", lambda _: None)


def replaced_list_unnoticed() -> None:
    """Send on out of a list that was replaced or deleted."""
    _set(ListFile, "refuse_if_replaced", lambda _: None)


def another_name_another_service() -> None:
    """Know a service by its name alone."""
    _set(EarlierTasks, "_address", lambda *_: "")


def unknown_cost_is_nothing() -> None:
    """Let what costs nobody knows how much pass every limit."""

    def refuse(maximum: float, spent: float, cost: float, *_: object, of_batch: bool) -> None:
        if cost and goes_beyond(maximum, spent, cost):
            raise SpendingLimitReached("beyond the limit", of_batch=of_batch)

    _set(charges, "_refuse", refuse)


def yes_for_ever() -> None:
    """Let a yes stand for every further attempt of a task."""
    _set(transitions, "withdraw_approval", lambda *_, **__: None)
    _set(attempts, "withdraw_approval", lambda *_, **__: None)
    _set(attempts, "still_in_doubt", lambda failure: failure)

    def rejected(self: Attempts, task_id: int, failure: Failure) -> Task:
        return self._settled(task_id, Step.UNSENT, Outcome.REJECTED, failure)

    _set(Attempts, "rejected", rejected)


def overtaken_proof_untold() -> None:
    """Tell nobody that an attempt was paid twice."""
    _set(Task, "accepted_twice", property(lambda _: False))


def price_of_the_earlier_type() -> None:
    """Keep the price that the user has said yes to, though the type is another one."""
    change = WaitingChanges._set_type

    def at_the_earlier_price(self: WaitingChanges, sql: Any, task: Task, kind: EnhanceType) -> None:
        change(self, sql, task, replace(kind, cost=task.cost))

    _set(WaitingChanges, "_set_type", at_the_earlier_price)


def type_of_the_moment_before() -> None:
    """Send the type that was read, whatever the user has chosen meanwhile."""
    begin = Attempts.begin

    def of_any_type(self: Attempts, *args: Any, **more: Any) -> Task:
        return begin(self, *args, **more | {"type_id": None})

    _set(Attempts, "begin", of_any_type)


def another_type_unasked() -> None:
    """Send what was started with another type, though that was ordered before."""
    walk = TaskSteps.walk

    def unasked(self: TaskSteps, sql: Any, task: Task, step: Step, *more: Any) -> None:
        if step is not Step.REVIEW:
            walk(self, sql, task, step, *more)

    _set(TaskSteps, "walk", unasked)


def doubt_with_another_type() -> None:
    """Give another type to what the user has said yes to once more, though it is in doubt."""
    _after_open(lambda sql: sql.execute("DROP TRIGGER task_type_is_kept"))
    _set(Task, "can_change_type", property(lambda task: task.state in NOT_SENT))


MUTANTS: Final[dict[str, Callable[[], None]]] = {
    "cost-of-an-older-profile": cost_of_an_older_profile,
    "limit-of-the-run-alone": limit_of_the_run_alone,
    "pause-of-the-run-alone": pause_of_the_run_alone,
    "doubt-forgotten": doubt_forgotten,
    "words-of-the-last-error": words_of_the_last_error,
    "proof-in-vain": proof_in_vain,
    "forgotten-for-good": forgotten_for_good,
    "forgotten-is-not-asked-about": forgotten_is_not_asked_about,
    "named-again-by-state": named_again_by_state,
    "dropped-again-by-state": dropped_again_by_state,
    "age-of-the-list-unknown": age_of_the_list_unknown,
    "replaced-list-unnoticed": replaced_list_unnoticed,
    "another-name-another-service": another_name_another_service,
    "unknown-cost-is-nothing": unknown_cost_is_nothing,
    "yes-for-ever": yes_for_ever,
    "overtaken-proof-untold": overtaken_proof_untold,
    "price-of-the-earlier-type": price_of_the_earlier_type,
    "type-of-the-moment-before": type_of_the_moment_before,
    "another-type-unasked": another_type_unasked,
    "doubt-with-another-type": doubt_with_another_type,
}


def is_caught(name: str, examples: int = 2000) -> str | None:
    """Return what the state machine says of a mistake; ``None``: it finds nothing."""
    for seed in _SEEDS:
        command = [
            sys.executable,
            "-m",
            "tests.scenarios.promises",
            "--mutant",
            name,
            "--seed",
            str(seed),
        ]
        tried = subprocess.run(
            [*command, "--service", "plain", "--examples", str(examples)],
            capture_output=True,
            text=True,
            check=False,
        )
        if tried.returncode:
            said = [line for line in tried.stderr.splitlines() if "AssertionError" in line]
            if not said:
                raise RuntimeError(tried.stderr)  # the mistake, or the machine, does not run
            return said[-1]
    return None


def main(names: Collection[str]) -> int:
    missed = 0
    for name in names or MUTANTS:
        began_s = time.monotonic()
        said = is_caught(name)
        missed += said is None
        print(f"{name}: {said or 'NOT CAUGHT'} ({time.monotonic() - began_s:.0f} s)", flush=True)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
