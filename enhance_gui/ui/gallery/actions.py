"""What a person can do with a task: the steps that the state machine leaves to people, and more."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import cache
from itertools import chain
from typing import Final, NamedTuple

from enhance_gui.core.tasks.task import ENDED, Step, TaskState
from enhance_gui.ui.gallery.item import Item


class TaskAction(Enum):
    """The verbs, in the order in which they are offered."""

    START = "start"
    CONTINUE = "continue"
    """Go on with what waits: a service that had paused, a result that could not be fetched."""
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
    WHAT_HAPPENED = "what_happened"
    """Show the task's log."""
    COPY_DETAILS = "copy_details"
    REMOVE = "remove"
    """Take an ended task from the list; its files stay."""
    DELETE_ON_SERVICE = "delete_on_service"
    """Have the service delete what it keeps of an ended task; files here stay."""


_OF_STATES: Final[dict[TaskAction, frozenset[TaskState]]] = {
    TaskAction.START: Step.START.sources,
    TaskAction.CONTINUE: frozenset(
        {TaskState.QUEUED, TaskState.ACCEPTED, TaskState.FINISHED, TaskState.CANCELLING}
    ),
    TaskAction.SEND_AGAIN: Step.SEND_AGAIN.sources,
    TaskAction.ASK_AGAIN: Step.ASK_AGAIN.sources,
    TaskAction.RETRY: Step.RETRY.sources,
    TaskAction.CANCEL: (Step.REMOVE.sources - {TaskState.DRAFT}) | Step.CANCEL.sources,
    TaskAction.GIVE_UP: Step.GIVE_UP.sources,
    TaskAction.REMOVE_DRAFT: Step.REMOVE.sources & {TaskState.DRAFT},
    TaskAction.SAVE_AS: frozenset({TaskState.SAVED}),
    TaskAction.SHOW_IN_FOLDER: frozenset({TaskState.SAVED}),
    TaskAction.OPEN: frozenset({TaskState.SAVED}),
    TaskAction.WHAT_HAPPENED: frozenset(TaskState),
    TaskAction.COPY_DETAILS: frozenset(TaskState),
    TaskAction.REMOVE: ENDED,
    TaskAction.DELETE_ON_SERVICE: ENDED,
}

_MAX_LOOKED_FOR: Final = 50
"""So many files at most are looked for at once: a folder on a network takes its time."""


def actions_for(item: Item) -> tuple[TaskAction, ...]:
    """Return what can be done with a task as it is now, in the order of :class:`TaskAction`."""
    return _fitting(_Situation.of(item, looks_for_file=True))


def offers(items: Iterable[Item]) -> dict[TaskAction, list[int]]:
    """Return every action that fits some of the tasks, with the ids of those it fits."""
    ids: list[int] = []
    places: dict[_Situation, list[int]] = {}
    known = list(items)
    looks_for_file = len(known) <= _MAX_LOOKED_FOR
    for place, item in enumerate(known):
        ids.append(item.task.id)
        situation = _Situation.of(item, looks_for_file=looks_for_file)
        places.setdefault(situation, []).append(place)
    found: dict[TaskAction, list[int]] = {}
    for action in TaskAction:
        fitting = [places[each] for each in places if action in _fitting(each)]
        if fitting:
            found[action] = [ids[place] for place in sorted(chain.from_iterable(fitting))]
    return found


class _Situation(NamedTuple):
    """All of an item that decides what can be done with it: 10,000 items have few of them."""

    state: TaskState
    waits: bool
    """Whether it goes on only after the person has said so."""
    can_ask_again: bool
    has_result: bool
    on_service: bool

    @classmethod
    def of(cls, item: Item, *, looks_for_file: bool) -> _Situation:
        """:param looks_for_file: whether it is seen that a result is no longer in its place."""
        task, state = item.task, item.task.state
        waits = item.suspended and (state is TaskState.QUEUED or item.attention)
        if state not in ENDED:
            return cls(state, waits, can_ask_again=False, has_result=False, on_service=False)
        has_result = state is TaskState.SAVED and bool(task.files)
        # A result that is where it was put is not asked for.
        is_there = has_result and not (looks_for_file and not task.files[0].is_file())
        can_ask_again = task.can_ask_again and not is_there
        return cls(state, waits, can_ask_again, has_result, bool(task.on_service))


@cache
def _fitting(situation: _Situation) -> tuple[TaskAction, ...]:
    return tuple(
        action
        for action in TaskAction
        if situation.state in _OF_STATES[action] and _also_needed(action, situation)
    )


def _also_needed(action: TaskAction, situation: _Situation) -> bool:
    """Tell what the state alone does not."""
    if action is TaskAction.CONTINUE:
        return situation.waits
    if action is TaskAction.ASK_AGAIN:
        return situation.can_ask_again
    if action in (TaskAction.SAVE_AS, TaskAction.SHOW_IN_FOLDER, TaskAction.OPEN):
        return situation.has_result
    if action is TaskAction.DELETE_ON_SERVICE:
        return situation.on_service
    return True
