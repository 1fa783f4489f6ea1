"""What a person can do with a task: the steps that the state machine leaves to people, and more."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import cache
from typing import Final, NamedTuple

from enhance_gui.core.tasks import Step, TaskState
from enhance_gui.ui.gallery.item import Item


class Action(Enum):
    """The verbs, in the order in which they are offered."""

    START = "start"
    CONTINUE = "continue"
    """Send again to a service that had paused."""
    SEND_AGAIN = "send_again"
    """A second attempt of a task in doubt; may cost twice."""
    ASK_AGAIN = "ask_again"
    """Ask the service once more about a task it had accepted; free."""
    RETRY = "retry"
    """A new attempt of an ended task; costs again."""
    CANCEL = "cancel"
    """Take back what is not sent; have the service delete what it has."""
    GIVE_UP = "give_up"
    """Write off a task in doubt."""
    REMOVE_DRAFT = "remove_draft"
    SAVE_AS = "save_as"
    SHOW_IN_FOLDER = "show_in_folder"
    OPEN = "open"
    """Open the saved picture with the program that the person has for pictures."""
    COPY_DETAILS = "copy_details"


_OF_STATES: Final[dict[Action, frozenset[TaskState]]] = {
    Action.START: Step.START.sources,
    Action.CONTINUE: frozenset({TaskState.QUEUED}),
    Action.SEND_AGAIN: Step.SEND_AGAIN.sources,
    Action.ASK_AGAIN: Step.ASK_AGAIN.sources,
    Action.RETRY: Step.RETRY.sources,
    Action.CANCEL: (Step.REMOVE.sources - {TaskState.DRAFT}) | Step.CANCEL.sources,
    Action.GIVE_UP: Step.GIVE_UP.sources,
    Action.REMOVE_DRAFT: Step.REMOVE.sources & {TaskState.DRAFT},
    Action.SAVE_AS: frozenset({TaskState.SAVED}),
    Action.SHOW_IN_FOLDER: frozenset({TaskState.SAVED}),
    Action.OPEN: frozenset({TaskState.SAVED}),
    Action.COPY_DETAILS: frozenset(TaskState),
}


def actions_for(item: Item) -> tuple[Action, ...]:
    """Return what can be done with a task as it is now, in the order of :class:`Action`."""
    return _fitting(_Situation.of(item))


def offers(items: Iterable[Item]) -> dict[Action, list[int]]:
    """Return every action that fits some of the tasks, with the ids of those it fits."""
    found: dict[Action, list[int]] = {action: [] for action in Action}
    lists: dict[_Situation, list[list[int]]] = {}
    for item in items:
        situation = _Situation.of(item)
        if situation not in lists:
            lists[situation] = [found[action] for action in _fitting(situation)]
        for ids in lists[situation]:
            ids.append(item.task.id)
    return {action: ids for action, ids in found.items() if ids}


class _Situation(NamedTuple):
    """All of an item that decides what can be done with it: 10,000 items have few of them."""

    state: TaskState
    parked: bool
    was_accepted: bool
    has_result: bool

    @classmethod
    def of(cls, item: Item) -> _Situation:
        task = item.task
        # Only a failed task is asked about, and only a saved one has a result.
        was_accepted = task.state is TaskState.FAILED and task.service_task_id is not None
        has_result = task.state is TaskState.SAVED and bool(task.files)
        return cls(task.state, item.parked, was_accepted, has_result)


@cache
def _fitting(situation: _Situation) -> tuple[Action, ...]:
    return tuple(
        action
        for action in Action
        if situation.state in _OF_STATES[action] and _also_needed(action, situation)
    )


def _also_needed(action: Action, situation: _Situation) -> bool:
    """Tell what the state alone does not."""
    if action is Action.CONTINUE:
        return situation.parked
    if action is Action.ASK_AGAIN:
        return situation.was_accepted
    if action in (Action.SAVE_AS, Action.SHOW_IN_FOLDER, Action.OPEN):
        return situation.has_result
    return True
