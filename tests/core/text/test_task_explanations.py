"""Sentences about money are made of all attempts of a task, not of its last failure."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from enhance_gui.core.tasks.states import CHARGE_POSSIBLE, Outcome, TaskState
from enhance_gui.core.tasks.task import Attempt, Failure, Task
from enhance_gui.core.text.explanations import (
    EXPLANATIONS,
    explain_task,
    failure_of,
    next_step_in_english,
    task_sentence,
    task_sentence_in_english,
)


def _task(state: TaskState, kind: str | None, *outcomes: Outcome, deleted: bool = False) -> Task:
    attempts = tuple(
        Attempt(
            number,
            f"private-{number}",
            outcome,
            f"there-{number}" if outcome is Outcome.ACCEPTED else None,
            approved=True,
            deleted=deleted,
        )
        for number, outcome in enumerate(outcomes, start=1)
    )
    return Task(
        1,
        "https://example.org/a.jpg",
        "Studio",
        1,
        "Enhance",
        Path("/results"),
        state,
        datetime(2026, 1, 2, tzinfo=UTC),
        failure=None if kind is None else Failure(kind, "why"),
        attempts=attempts,
    )


_DENIALS = ("nothing was spent", "nothing was charged", "no task was created", "did not create")


@pytest.mark.parametrize("kind", EXPLANATIONS)
def test_no_words_deny_a_charge_that_may_have_been_made(kind: str) -> None:
    for state, outcome in product(TaskState, CHARGE_POSSIBLE):
        _see_nothing_denied(_task(state, kind, outcome, Outcome.REJECTED))


def _see_nothing_denied(task: Task) -> None:
    words = explain_task(task)
    failure = failure_of(task)
    assert words is not None
    assert failure is not None
    said = f"{words.meaning} {words.next_step}".casefold()
    assert not any(denial in said for denial in _DENIALS)
    reported = f"{task_sentence(task)} {said} {task_sentence_in_english(task, failure)}".casefold()
    assert "charged" in reported or "paid" in reported or "kept on the service" in reported


def test_the_failure_of_a_task_that_cost_nothing_speaks_for_itself() -> None:
    task = _task(TaskState.FAILED, "picture_unreachable", Outcome.REJECTED)
    words = explain_task(task)
    assert words is not None
    assert words.meaning == EXPLANATIONS["picture_unreachable"].meaning
    assert task_sentence(task).startswith("The picture cannot be fetched")


def test_what_was_accepted_before_comes_first_and_is_asked_about_again() -> None:
    task = _task(TaskState.FAILED, "create_failed", Outcome.ACCEPTED, Outcome.REJECTED)
    words, failure = explain_task(task), failure_of(task)
    assert words is not None
    assert failure is not None
    assert words.title == "It may have been charged"
    assert words.meaning.startswith("The service had accepted it and may have charged for it.")
    assert words.next_step.startswith("Ask the service again about it, which is free")
    assert next_step_in_english(task, failure) == words.next_step
    for said in (task_sentence(task), task_sentence_in_english(task, failure)):
        assert said.startswith("It may have been charged. The service could not create the task")


def test_what_waits_to_be_sent_again_says_so() -> None:
    words = explain_task(_task(TaskState.QUEUED, None, Outcome.IN_DOUBT))
    assert words is not None
    assert "A further attempt waits to be sent" in words.meaning


def test_more_than_one_possible_charge_is_counted() -> None:
    words = explain_task(_task(TaskState.FAILED, "task_failed", Outcome.IN_DOUBT, Outcome.ACCEPTED))
    assert words is not None
    assert words.meaning.startswith("It may have been charged 2 times in all.")


def test_a_cancelled_task_that_was_accepted_tells_of_its_possible_charge() -> None:
    failure = failure_of(_task(TaskState.CANCELLED, None, Outcome.ACCEPTED, deleted=True))
    assert failure is not None
    assert failure.kind == "task_deleted"
    assert failure_of(_task(TaskState.CANCELLED, None)) is None


def test_what_is_saved_or_under_way_has_nothing_to_tell() -> None:
    for state in (TaskState.SAVED, TaskState.ACCEPTED):
        task = _task(state, None, Outcome.ACCEPTED)
        assert explain_task(task) is None
        assert task_sentence(task) == ""
