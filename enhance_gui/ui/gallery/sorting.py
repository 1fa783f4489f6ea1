"""The sort orders of the gallery, and the entries that are sorted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final

from enhance_gui.ui.gallery.item import Group, Item

_DIGITS: Final = re.compile(r"\d+")
_WIDTH: Final = 18
"""Numbers are compared as if they had this many digits."""

_URGENCY: Final = {
    Group.NEEDS_YOU: 0,
    Group.FAILED: 1,
    Group.RUNNING: 2,
    Group.CHECKING: 3,
    Group.WAITING: 4,
    Group.DONE: 5,
    Group.CANCELLED: 6,
}


class Sort(Enum):
    """A sort order, by what comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    STATE = "state"
    """What needs the user comes first."""
    TYPE = "type"
    RUNNING = "running"
    """What runs comes first, then what waits, as it is sent."""


@dataclass
class Entry:
    """An item with what would be expensive to compute again at each key of a search."""

    task_id: int
    item: Item
    group: Group
    name: str
    haystack: str
    """What is searched, folded."""
    stack: str
    """The key of its source: entries with the same stand together."""

    @cached_property
    def name_key(self) -> str:
        return natural_key(self.name)


_RUN: Final = {Group.RUNNING: 0, Group.NEEDS_YOU: 1, Group.WAITING: 2, Group.CHECKING: 3}

SortKey = int | tuple[int | str, ...]
"""Of one order, all keys are of the same kind; each is unique, as the id is a part of it."""


def key_of(sort: Sort) -> Callable[[Entry], SortKey]:
    """Return the sort key of an entry."""
    return _KEYS[sort]


def natural_key(name: str) -> str:
    """Return a key that puts "a2" before "a10"."""
    return _DIGITS.sub(lambda found: found[0].zfill(_WIDTH), name.casefold())


def _run_key(entry: Entry) -> SortKey:
    task = entry.item.task
    place = _RUN.get(entry.group)
    # What has ended: the newest first.
    return (len(_RUN), 0, -task.id) if place is None else (place, task.rank, task.id)


_KEYS: Final[dict[Sort, Callable[[Entry], SortKey]]] = {
    Sort.NEWEST: lambda entry: -entry.task_id,
    Sort.OLDEST: lambda entry: entry.task_id,
    Sort.NAME: lambda entry: (entry.name_key, -entry.task_id),
    Sort.STATE: lambda entry: (_URGENCY[entry.group], -entry.task_id),
    Sort.RUNNING: _run_key,
    Sort.TYPE: lambda entry: (entry.item.task.type_name.casefold(), -entry.task_id),
}
