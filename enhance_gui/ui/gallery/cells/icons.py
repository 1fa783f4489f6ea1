"""The icons of the states, each with a shape of its own: colour alone shows no state."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.ui.gallery.item import Group, Item


class StateIcon(StrEnum):
    """An icon, by the name of its file."""

    CHECKING = "checking"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    NEEDS_YOU = "needs_you"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROWS = "rows"
    GRID = "grid"
    PICTURE = "picture"


_OF_GROUP: Final = {group: StateIcon(group.value) for group in Group}


def icon_of_group(group: Group) -> StateIcon:
    return _OF_GROUP[group]


def icon_of(item: Item) -> StateIcon:
    """Return the icon of an entry: that of its group, with one apart for cancelled tasks."""
    if item.task.state in (TaskState.CANCELLED, TaskState.WRITTEN_OFF):
        return StateIcon.CANCELLED
    return _OF_GROUP[item.group]
