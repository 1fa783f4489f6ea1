"""What can be done follows from the state machine."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.tasks.states import ENDED, Outcome, Step, TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.actions import TaskAction, actions_for, ids_for, offers
from enhance_gui.ui.window.pages import Pages
from enhance_gui.ui.window.task_actions import TaskActionRunner
from tests.ui.gallery.parts import attempt, failed, in_doubt, item, saved

_STEPS = {
    TaskAction.START: {Step.START},
    TaskAction.SEND_AGAIN: {Step.SEND_AGAIN},
    TaskAction.SEND_AS_NEW: {Step.RETRY},
    TaskAction.ASK_AGAIN: {Step.ASK_AGAIN},
    TaskAction.GIVE_UP: {Step.GIVE_UP},
    TaskAction.RETRY: {Step.RETRY, Step.SEND_AGAIN, Step.ASK_AGAIN},
    TaskAction.CANCEL: {Step.REMOVE, Step.CANCEL},
    TaskAction.REMOVE_DRAFT: {Step.REMOVE},
}


@pytest.mark.parametrize("action", list(TaskAction))
def test_every_row_names_a_method_that_takes_tasks(action: TaskAction) -> None:
    of, _, name = action.value.handler.rpartition(".")
    owners = {"": TaskActionRunner, "bridge": Bridge, "pages": Pages}
    method = getattr(owners[of], name)
    assert list(inspect.signature(method).parameters)[:2] == ["self", "ids"]


@pytest.mark.parametrize("state", list(TaskState))
def test_no_verb_is_offered_for_a_step_that_does_not_exist(state: TaskState) -> None:
    offered = actions_for(item(1, state))
    for action in offered:
        if action in _STEPS:
            assert any(state in step.sources for step in _STEPS[action]), action


@pytest.mark.parametrize("state", list(TaskState))
def test_every_step_of_the_person_is_offered_where_it_exists(state: TaskState) -> None:
    offered = actions_for(item(1, state))
    for step in (Step.START, Step.REMOVE, Step.CANCEL, Step.SEND_AGAIN, Step.GIVE_UP, Step.RETRY):
        if state in step.sources:
            assert any(step in _STEPS.get(action, set()) for action in offered), step


def test_a_draft_is_removed_and_a_waiting_task_cancelled() -> None:
    draft, waiting = actions_for(item(1, TaskState.DRAFT)), actions_for(item(1))
    assert TaskAction.REMOVE_DRAFT in draft
    assert TaskAction.CANCEL not in draft
    assert TaskAction.CANCEL in waiting
    assert TaskAction.REMOVE_DRAFT not in waiting


def test_the_service_is_asked_again_only_about_a_task_it_had_accepted() -> None:
    assert not ids_for(TaskAction.ASK_AGAIN, [failed()])
    known = failed(kind="result_gone", attempts=(attempt(Outcome.ACCEPTED, "service's id"),))
    assert ids_for(TaskAction.ASK_AGAIN, [known])


@pytest.mark.parametrize("state", [TaskState.FAILED, TaskState.CANCELLED, TaskState.WRITTEN_OFF])
@pytest.mark.parametrize("kind", ["task_unknown", "task_failed", "picture_unreachable"])
def test_the_service_is_asked_again_wherever_it_may_have_the_task(
    state: TaskState, kind: str
) -> None:
    there = attempt(Outcome.ACCEPTED, "there")
    known = item(1, state, failure=Failure(kind, ""), attempts=(there,))
    assert ids_for(TaskAction.ASK_AGAIN, [known])
    said = item(1, state, failure=Failure("task_deleted", ""), attempts=(there,))
    assert not ids_for(TaskAction.ASK_AGAIN, [said])


def test_only_a_parked_task_is_continued() -> None:
    poor = Failure("balance_too_low", "")
    assert TaskAction.CONTINUE in actions_for(item(1, suspended=True, failure=poor))
    assert TaskAction.CONTINUE not in actions_for(item(1, failure=poor))


@pytest.mark.parametrize("state", [TaskState.FINISHED, TaskState.ACCEPTED, TaskState.CANCELLING])
def test_what_waits_for_a_reason_that_the_person_knows_is_continued(state: TaskState) -> None:
    full = Failure("disk_full", "")
    assert TaskAction.CONTINUE in actions_for(item(1, state, suspended=True, failure=full))
    assert TaskAction.CONTINUE not in actions_for(item(1, state, suspended=True))
    assert TaskAction.CONTINUE not in actions_for(item(1, state, failure=full))


@pytest.mark.parametrize("state", list(TaskState))
def test_what_has_ended_and_nothing_else_can_be_removed_from_the_list(state: TaskState) -> None:
    assert (TaskAction.REMOVE in actions_for(item(1, state))) is (state in ENDED)


@pytest.mark.parametrize("state", list(TaskState))
def test_what_happened_can_always_be_asked(state: TaskState) -> None:
    assert TaskAction.WHAT_HAPPENED in actions_for(item(1, state))


def test_a_task_is_deleted_on_the_service_where_that_has_it_and_it_has_ended() -> None:
    there = attempt(Outcome.ACCEPTED, "there")
    gone = replace(there, deleted=True)
    delete = TaskAction.DELETE_ON_SERVICE
    assert delete in actions_for(saved(attempts=(there,)))
    assert delete in actions_for(failed(kind="result_gone", attempts=(there,)))
    assert delete not in actions_for(saved(attempts=(gone,)))
    assert delete not in actions_for(failed(kind="task_unknown", attempts=(there,)))
    assert delete not in actions_for(failed())
    # What the service still works on is cancelled instead.
    assert delete not in actions_for(item(1, TaskState.ACCEPTED, attempts=(there,)))
    assert delete not in actions_for(item(1, TaskState.FINISHED, attempts=(there,)))


def test_nobody_asks_again_about_what_was_deleted_there() -> None:
    gone = replace(attempt(Outcome.ACCEPTED, "there"), deleted=True)
    assert not ids_for(TaskAction.ASK_AGAIN, [failed(kind="result_gone", attempts=(gone,))])


def test_a_result_can_be_saved_shown_and_opened() -> None:
    of_result = {TaskAction.SAVE_AS, TaskAction.SHOW_IN_FOLDER, TaskAction.OPEN}
    assert of_result <= set(actions_for(saved()))
    assert not of_result & set(actions_for(item(1, TaskState.FETCHING)))


def test_offers_name_the_tasks_they_fit_in_order() -> None:
    found = offers([failed(3), saved(1), failed(2), in_doubt(9)])
    assert found[TaskAction.RETRY] == [3, 2, 9]
    assert found[TaskAction.SAVE_AS] == [1]
    assert found[TaskAction.COPY_DETAILS] == [3, 1, 2, 9]
    assert TaskAction.START not in found
    assert list(found) == [each for each in TaskAction if each in found]


def test_a_result_that_is_no_longer_in_its_place_is_asked_for_again(tmp_path: Path) -> None:
    accepted = (attempt(Outcome.ACCEPTED, "t"),)
    there, moved = tmp_path / "there.png", tmp_path / "moved.png"
    there.touch()
    items = [
        saved(1, files=(there,), attempts=accepted),
        saved(2, files=(moved,), attempts=accepted),
        saved(3, files=(moved,), attempts=(replace(accepted[0], deleted=True),)),
    ]
    assert offers(items)[TaskAction.RETRY] == [2]
    assert ids_for(TaskAction.ASK_AGAIN, items) == [2]
    assert ids_for(TaskAction.ASK_AGAIN, [items[1]])
    assert not ids_for(TaskAction.ASK_AGAIN, [items[0]])
    # Not among so many that looking for their files would hold the window up.
    assert ids_for(TaskAction.ASK_AGAIN, [items[1]] * 51) == []
