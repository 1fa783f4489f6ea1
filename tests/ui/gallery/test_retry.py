"""One verb for another try: it asks where that may cost a second time, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.retry import Retry, retry_of
from tests.ui.gallery.parts import attempt, failed, in_doubt, item, saved

NEW, AGAIN, ASK = TaskAction.SEND_AS_NEW, TaskAction.SEND_AGAIN, TaskAction.ASK_AGAIN
THERE = (attempt(Outcome.ACCEPTED, "t"),)


def costs_two(_service: str, _type_id: int) -> float:
    return 2.0


def here(item: Item) -> Item:
    return replace(item, task=replace(item.task, service=LOCAL_SERVICE_NAME))


@pytest.mark.parametrize(
    "known",
    [
        [failed(1)],
        [item(1, TaskState.CANCELLED)],
        [here(failed(1, kind="task_failed", attempts=THERE))],
        [here(item(1, TaskState.CANCELLED, attempts=THERE))],
    ],
)
def test_nothing_is_asked_where_nothing_can_be_paid_twice(known: list[Item]) -> None:
    assert retry_of(known, costs_two) == Retry(((NEW, [1]),))


def test_a_doubt_names_what_another_attempt_may_cost() -> None:
    doubt = in_doubt(1)
    retry = retry_of([doubt], costs_two)
    assert retry.again == ((AGAIN, [1]),)
    assert retry.asks_free == ()
    assert retry.question == (
        f"“{doubt.name}” may have been charged already. To send it again may cost 2 credits more."
    )
    unknown = retry_of([doubt], lambda *_: 0.0)
    assert unknown.question.endswith("To send it again may cost a second time.")


def test_what_the_service_had_accepted_can_be_asked_about_for_free() -> None:
    gone = failed(1, kind="result_gone", attempts=THERE)
    both = [gone, failed(2), in_doubt(3)]
    retry = retry_of(both, costs_two)
    assert retry.again == ((NEW, [1, 2]), (AGAIN, [3]))
    assert retry.asks_free == ((ASK, [1]),)
    assert "2 of these pictures may have been charged already" in retry.question
    assert "4 credits" in retry.question
    assert "is free" in retry.question


def test_a_saved_result_that_was_moved_away_is_asked_for() -> None:
    moved = saved(1, attempts=THERE)
    assert retry_of([moved], costs_two) == Retry(((ASK, [1]),))


def test_what_can_only_be_asked_about_is_not_left_out_beside_what_is_sent() -> None:
    moved = saved(1, attempts=THERE)
    assert retry_of([moved, failed(2)], costs_two) == Retry(((NEW, [2]), (ASK, [1])))
    retry = retry_of([moved, in_doubt(3)], costs_two)
    assert retry.again == ((AGAIN, [3]), (ASK, [1]))
    assert retry.asks_free == ((ASK, [1]),)


def test_a_name_with_braces_stays_a_name() -> None:
    odd = in_doubt(1)
    odd = replace(odd, task=replace(odd.task, input="/pictures/{count}{name}.jpg"))
    odd = replace(odd, task=replace(odd.task, failure=Failure("in_doubt", ""), checked=None))
    assert "“{count}{name}.jpg”" in retry_of([odd], costs_two).question
