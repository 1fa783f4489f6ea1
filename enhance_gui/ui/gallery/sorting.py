"""The sort orders of the gallery."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol

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
}


class Sort(Enum):
    """A sort order, by what comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    STATE = "state"
    """What needs the user comes first."""
    TYPE = "type"


class Sortable(Protocol):
    """The values of an entry by which it is sorted."""

    @property
    def task_id(self) -> int: ...
    @property
    def item(self) -> Item: ...
    @property
    def group(self) -> Group: ...
    @property
    def name_key(self) -> str:
        """:func:`natural_key` of its name."""


SortKey = int | tuple[int | str, int]
"""Of one order, all keys are of the same kind; each is unique, as the id is a part of it."""


def key_of(sort: Sort) -> Callable[[Sortable], SortKey]:
    """Return the sort key of an entry."""
    return _KEYS[sort]


def natural_key(name: str) -> str:
    """Return a key that puts "a2" before "a10"."""
    return _DIGITS.sub(lambda found: found[0].zfill(_WIDTH), name.casefold())


def _newest(entry: Sortable) -> SortKey:
    return -entry.task_id


def _oldest(entry: Sortable) -> SortKey:
    return entry.task_id


def _name(entry: Sortable) -> SortKey:
    return (entry.name_key, -entry.task_id)


def _state(entry: Sortable) -> SortKey:
    return (_URGENCY[entry.group], -entry.task_id)


def _type(entry: Sortable) -> SortKey:
    return (entry.item.task.type_name.casefold(), -entry.task_id)


_KEYS: Final[dict[Sort, Callable[[Sortable], SortKey]]] = {
    Sort.NEWEST: _newest,
    Sort.OLDEST: _oldest,
    Sort.NAME: _name,
    Sort.STATE: _state,
    Sort.TYPE: _type,
}
