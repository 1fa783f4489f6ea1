"""The stacks of the gallery: tasks of one source stand together, in one place of the list.

Without Qt. What is kept is looked up by bisection, so that a change costs the same whether there
are ten entries or ten thousand.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from enhance_gui.core.images.inputs.source import is_web
from enhance_gui.core.tasks.task import Task
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.sorting import Entry, SortKey

_KEY_BYTES: Final = 12
_MAX_APART: Final = 500
"""So many stacks are remembered to be unlike the others."""

_FIRST: Final = 1 << 60
"""More than any id: what a rank is lowered by where a task needs the user."""

_IDS: Final = _FIRST - 1
"""What takes the id out of a negated rank."""

RowKey = tuple[SortKey, int]
"""The place of a row: that of its stack's top, then its rank in the stack. Each is unique."""

_TOP: Final = -2 * _FIRST
"""The rank of a top as a row: lower than any other."""

RowIds = dict[str, list[int]]
"""The ids of the rows of stacks."""


def source_of(task: Task) -> str:
    """Return what the tasks of one source have in common.

    A picture on the web is known by its address, a file by its content: the same file in another
    folder is the same source, and a file that has been changed is another one.
    """
    if is_web(task.input):
        return task.input
    return task.stands_for or task.input_sha256 or task.input


class SourceKeys:
    """Finds the key of a task's source, even of a file whose content is not known yet."""

    def __init__(self) -> None:
        self._of_paths: dict[str, str] = {}
        """The content of a file by its path, as it was when it was checked last."""

    def key_of(self, task: Task) -> str:
        """Return the key of a task's source."""
        source, content = source_of(task), task.input_sha256
        if source is content:
            self._of_paths[task.input] = source
        elif source is task.input:
            # A file that is not checked yet is most likely what it was before.
            return self._of_paths.get(source, source)
        return source


class Folding:
    """Which stacks are open: all or none, but for some."""

    def __init__(self, all_open: bool = False, apart: Iterable[str] = ()) -> None:
        self.all_open = all_open
        self._apart = dict.fromkeys(apart)

    @property
    def apart(self) -> tuple[str, ...]:
        """The stacks that are unlike the others, of many the last ones; as digests, so that what
        is stored gives no address away.
        """
        return tuple(self._apart)[-_MAX_APART:]

    def is_open(self, stack: str) -> bool:
        return self.all_open is not (bool(self._apart) and _digest(stack) in self._apart)

    def fold(self, stack: str, *, is_open: bool) -> None:
        """Open or close one stack."""
        self._apart.pop(_digest(stack), None)
        if is_open is not self.all_open:
            self._apart[_digest(stack)] = None


@lru_cache(20_000)
def _digest(stack: str) -> str:
    return blake2b(stack.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).hexdigest()


@dataclass(frozen=True, slots=True)
class StackMark:
    """What marks a row as a part of a stack."""

    count: int
    """How many pictures the stack has."""
    is_open: bool
    is_top: bool


_Standing = tuple[str, int, SortKey]
"""All that decides where an entry stands: the key of its stack, its rank in it, its sort key."""


class Stacks:
    """The entries that pass filter and search, by their stacks. One alone is a stack of one."""

    def __init__(self) -> None:
        self.folding = Folding()
        self._standing: dict[int, _Standing] = {}
        self._ranks: dict[str, list[int]] = {}
        """Of each stack, in order: what needs the user first, else the newest."""

    def __len__(self) -> int:
        return len(self._standing)

    def fill(self, entries: Sequence[Entry], place: Callable[[Entry], SortKey]) -> None:
        """Forget everything, and take these."""
        standing: dict[int, _Standing] = {}
        ranks: dict[str, list[int]] = {}
        several: dict[str, list[int]] = {}
        for entry, at in zip(entries, map(place, entries), strict=True):
            rank, stack = _rank(entry), entry.stack
            standing[entry.task_id] = (stack, rank, at)
            if stack in ranks:
                several[stack] = ranks[stack]
                ranks[stack].append(rank)
            else:
                ranks[stack] = [rank]
        for each in several.values():
            each.sort()
        self._standing, self._ranks = standing, ranks

    def put(
        self,
        task_id: int,
        entry: Entry | None,
        place: Callable[[Entry], SortKey],
        before: RowIds,
    ) -> bool:
        """Put an entry to its stack, or take it out where there is none; return what changed.

        :param before: is given the rows of each stack that this changes, as they are now.
        """
        old = self._standing.get(task_id)
        new = None if entry is None else (entry.stack, _rank(entry), place(entry))
        if old == new:
            return False
        for each in (old, new):
            if each is not None and each[0] not in before:
                before[each[0]] = self.row_ids(each[0])
        if old is not None:
            stack, rank, _ = old
            del self._standing[task_id]
            ranks = self._ranks[stack]
            del ranks[bisect_left(ranks, rank)]
            if not ranks:
                del self._ranks[stack]
        if new is not None:
            self._standing[task_id] = new
            insort(self._ranks.setdefault(new[0], []), new[1])
        return True

    def rows(self, stack: str) -> list[tuple[int, RowKey]]:
        """Return the rows of a stack, in order: of a closed one that of its top alone."""
        ids = self.row_ids(stack)
        if not ids:
            return []
        place = self._standing[ids[0]][2]
        ranks = [_TOP, *self._ranks[stack][1:]]
        return [(id_, (place, rank)) for id_, rank in zip(ids, ranks, strict=False)]

    def row_ids(self, stack: str) -> list[int]:
        """Return whose rows a stack has, in order."""
        ranks = self._ranks.get(stack, [])
        is_closed = len(ranks) > 1 and not self.folding.is_open(stack)
        return [*map(_id_of, ranks[:1] if is_closed else ranks)]

    def all_rows(self) -> list[tuple[int, RowKey]]:
        """Return the rows of all stacks, in order."""
        standing, is_open = self._standing, self.folding.is_open
        # By their places first, which are all different: to compare the rows themselves is slow.
        tops = [(standing[-ranks[0] & _IDS][2], stack) for stack, ranks in self._ranks.items()]
        tops.sort()
        rows: list[tuple[int, RowKey]] = []
        for place, stack in tops:
            ranks = self._ranks[stack]
            rows.append((-ranks[0] & _IDS, (place, _TOP)))
            if len(ranks) > 1 and is_open(stack):
                rows += [(-rank & _IDS, (place, rank)) for rank in ranks[1:]]
        return rows

    def stack_of(self, task_id: int) -> str | None:
        """Return the key of an entry's stack; ``None`` where the entry does not pass."""
        standing = self._standing.get(task_id)
        return None if standing is None else standing[0]

    def top_of(self, task_id: int) -> int | None:
        """Return whose row shows an entry: its own, or that of the top of its closed stack."""
        stack = self.stack_of(task_id)
        if stack is None:
            return None
        ranks = self._ranks[stack]
        alone = len(ranks) == 1 or self.folding.is_open(stack)
        return task_id if alone else _id_of(ranks[0])

    def behind(self, task_id: int) -> Iterable[int]:
        """Return the entries that a row stands for: of a closed stack, all of it."""
        stack = self.stack_of(task_id)
        ranks = [] if stack is None else self._ranks[stack]
        if stack is None or len(ranks) == 1 or self.folding.is_open(stack):
            return (task_id,)
        return map(_id_of, ranks)

    def mark(self, task_id: int) -> StackMark | None:
        """Return the mark of an entry's row; ``None`` where it stands alone."""
        if task_id not in self._standing:
            return None
        stack, rank, _ = self._standing[task_id]
        ranks = self._ranks[stack]
        if len(ranks) == 1:
            return None
        return StackMark(len(ranks), self.folding.is_open(stack), rank == ranks[0])


def _rank(entry: Entry) -> int:
    return -entry.task_id - (_FIRST if entry.group is Group.NEEDS_YOU else 0)


def _id_of(rank: int) -> int:
    return -rank & _IDS
