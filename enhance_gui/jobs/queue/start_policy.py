"""Decides whether pictures are sent without asking: one rule for the window and the command line.

What is given in the window is a draft. It is sent without asking where the user lets new pictures
of its service go at once and nothing speaks against it (:class:`Objection`); else the user's word
is asked for. An input of the command line is such a word already; but it is none to pay once more
for what may have been charged and has brought nothing, nor, with ``--resume``, for what was saved.
A word on all stored drafts is none on those that have a duplicate.

Whether there is a duplicate is asked here for people to see it. The list of tasks asks once more,
in the transaction that starts or adds the task: :meth:`TaskQueue.start_unless_repeated` and
:meth:`TaskQueue.add`. So nothing that happens in between is paid for twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from enhance_gui.core.images.inputs.input_files import is_file
from enhance_gui.core.picture_errors import ResultGone
from enhance_gui.core.services.enhance_types import colourises
from enhance_gui.core.storage_errors import TASK_RECOVERED
from enhance_gui.core.tasks.start_decision import Objection, StartDecision, Verdict
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, NewTask, Task

if TYPE_CHECKING:
    from enhance_gui.jobs.queue.budgets import Budget
    from enhance_gui.jobs.queue.task_queue import TaskQueue


@dataclass(slots=True)
class DraftFacts:
    """What is known of a draft beside its task."""

    at_once: bool
    """Whether the user lets new pictures of its service go without asking."""
    has_colours: bool | None = False
    """Whether its colours would be replaced; ``None``: it is being examined."""
    duplicates: list[Task] = field(default_factory=list)
    """Other tasks for its picture, as far as they were shown to the user."""
    is_examined: bool = False


def decide(task: Task, facts: DraftFacts) -> StartDecision:
    """Decide whether a picture that was given in the window is sent."""
    if task.state is not TaskState.DRAFT:
        return StartDecision(Verdict.NOTHING)
    if facts.has_colours is None:
        return StartDecision(Verdict.CHECK)
    found = {
        Objection.RECOVERED: _was_recovered(task) or task.charges_possible > 0,
        Objection.DUPLICATE: bool(facts.duplicates),
        Objection.COLOURED: facts.has_colours,
    }
    objections = frozenset(each for each, speaks_against in found.items() if speaks_against)
    if facts.at_once and not objections:
        return StartDecision(Verdict.SEND)
    if task.checked is None:
        return StartDecision(Verdict.CHECK)
    return StartDecision(Verdict.ASK, objections)


class DraftPolicy:
    """Decides for drafts whether each is sent, and sends those that need no word of the user."""

    def __init__(self, has_colours: Callable[[Task], bool], changed: Callable[[int], None]) -> None:
        """
        :param has_colours: returns whether the picture of a draft has colours. For a thread.
        :param changed: called with each task about which something new is known.
        """
        self._has_colours = has_colours
        self._changed = changed
        self._facts: dict[int, DraftFacts] = {}

    def add(self, task_id: int, *, at_once: bool) -> None:
        """Take a draft under review.

        :param at_once: whether it is sent without asking where nothing speaks against it.
        """
        self._facts[task_id] = DraftFacts(at_once)

    def remove(self, task_ids: Iterable[int]) -> None:
        """Forget about drafts that are no longer in the list."""
        for task_id in task_ids:
            self._facts.pop(task_id, None)

    def remove_decided(self, task_of: Callable[[int], Task], *, if_all: bool = False) -> None:
        """Forget about what was started or has ended; drafts stay under review.

        :param if_all: only where no draft is left.
        """
        decided = [id_ for id_ in self._facts if task_of(id_).state is not TaskState.DRAFT]
        if not if_all or len(decided) == len(self._facts):
            self.remove(decided)

    def decisions(self, task_of: Callable[[int], Task]) -> dict[int, StartDecision]:
        """Return the decision on each task under review, in the order in which they were added."""
        return {id_: decide(task_of(id_), facts) for id_, facts in self._facts.items()}

    def takes_up(self, task: Task) -> bool:
        """Return whether a draft has just passed its checks: :meth:`examine` it now, and once."""
        has_passed = task.state is TaskState.DRAFT and task.checked is not None
        facts = self._facts.get(task.id)
        if not has_passed or facts is None or facts.is_examined:
            return False
        facts.is_examined = True
        if colourises(task.type_name):
            facts.has_colours = None
        return True

    async def examine(self, queue: TaskQueue, task: Task) -> bool:
        """Find out what speaks against a draft that has passed its checks; if nothing, send it.

        :returns: whether it is sent without asking.
        """
        facts = self._facts.get(task.id)
        if facts is not None and facts.has_colours is None:
            facts.has_colours = await asyncio.to_thread(self._has_colours, task)
            self._changed(task.id)
        # Asked for anew: it may have been taken back meanwhile, or have another type.
        if facts is None or self._facts.get(task.id) is not facts:
            return False
        if decide(task, facts).verdict is Verdict.SEND:
            duplicates = await queue.start_unless_repeated(task.id)
            self._found(task.id, facts, duplicates)
            return not duplicates
        await self.find_duplicates(queue, task)
        return False

    def may_repeat(self, sent: Task, task_of: Callable[[int], Task]) -> list[Task]:
        """Return the drafts that may be for the picture of a task that is being sent."""
        drafts = map(task_of, self._facts)
        return [draft for draft in drafts if draft.state is TaskState.DRAFT and _alike(draft, sent)]

    async def find_duplicates(self, queue: TaskQueue, draft: Task) -> None:
        """Look for other tasks that speak against sending a draft."""
        facts = self._facts.get(draft.id)
        if facts is not None:
            found = await queue.db.do(queue.db.store.earlier.duplicates, draft)
            self._found(draft.id, facts, found)

    def retyped(self, changed: Iterable[Task], started: Collection[int]) -> set[int]:
        """Take in that tasks have another enhance type, as the user has chosen.

        What speaks against them is unknown again, and so it is for other drafts of which they
        were duplicates: :meth:`takes_up` is to be asked about all of them.

        :param started: those that were started; where nothing speaks against one it goes on.
        :returns: the ids of all of these drafts.
        """
        now = {task.id: task for task in changed}
        ids = {task_id for task_id, task in now.items() if task.state is TaskState.DRAFT}
        for task_id in ids:
            known = self._facts.get(task_id)
            at_once = task_id in started or (known is not None and known.at_once)
            self._facts[task_id] = DraftFacts(at_once)
        others = {
            task_id
            for task_id, facts in self._facts.items()
            if not now.keys().isdisjoint(each.id for each in facts.duplicates)
        }
        for task_id in others:
            self._facts[task_id] = DraftFacts(self._facts[task_id].at_once)
        return ids | others

    async def start(self, queue: TaskQueue, task_id: int) -> None:
        """Start a draft on the user's word, unless it has duplicates that were not shown yet."""
        facts = self._facts.get(task_id)
        known = [] if facts is None else facts.duplicates
        against = await queue.start_unless_repeated(task_id, [task.id for task in known])
        if against:
            facts = self._facts.setdefault(task_id, DraftFacts(at_once=False))
            self._found(task_id, facts, [*known, *against])

    def _found(self, task_id: int, facts: DraftFacts, duplicates: list[Task]) -> None:
        """:param facts: those that were known when the duplicates were looked for."""
        if duplicates and self._facts.get(task_id) is facts:
            facts.duplicates = duplicates
            self._changed(task_id)


async def start_stored(
    queue: TaskQueue, draft: Task, budget: Budget | None, *, is_named: bool
) -> list[Task]:
    """Start a draft that is stored, on the user's word from the command line.

    :param budget: what it may cost, with others.
    :param is_named: whether the word was on this very draft: it holds in spite of duplicates that
        have cost nothing.
    :returns: the duplicates that speak against it, where it was not started.
    """
    duplicates = await queue.db.do(queue.db.store.earlier.duplicates, draft) if is_named else []
    free = [task.id for task in duplicates if not task.charges_possible]
    return await queue.start_unless_repeated(draft.id, free, budget)


@dataclass(frozen=True, slots=True)
class Saved:
    """Tasks that stand for new inputs although they are saved: nothing is paid for those."""

    reported: frozenset[int] = frozenset()
    """They are only reported."""
    fetched: frozenset[int] = frozenset()
    """Their results are no longer there: they are fetched once more, which is free."""

    def as_it_is(self, task: Task) -> Task:
        """Return a task as it is reported: one whose result can be had from nowhere has failed."""
        if task.state is not TaskState.SAVED or task.id not in self.fetched:
            return task
        gone = Failure(
            ResultGone.kind,
            "it is no longer where it was saved; without --resume the picture is ordered anew, "
            "which costs again",
        )
        # Without its attempts: what is saved is settled, and no choice on them is left.
        return replace(
            task, state=TaskState.FAILED, failure=gone, attempts=(), files=(), sidecar=None
        )


async def saved_for(
    queue: TaskQueue, new: Sequence[NewTask], at_work: Collection[int], *, is_resumed: bool
) -> Saved:
    """Decide which saved tasks stand for inputs of the command line.

    :param at_work: tasks that somebody is still waiting for: the same command, typed once more.
    :param is_resumed: whether the user wants nothing paid for that was saved before.
    """
    if not is_resumed:
        return Saved(frozenset(at_work))
    earlier = await queue.db.do(queue.db.store.earlier.saved, new)
    there, moved = await asyncio.to_thread(by_place, earlier)
    return Saved(there | frozenset(at_work), moved)


def by_place(saved: Iterable[Task]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the saved tasks whose result is where it was put, and those whose result is not.

    Of neither are those whose input is another picture by now. For a thread.
    """
    # Loaded here: the window, which decides about drafts alone, starts without it.
    from enhance_gui.storage.files.results import sha256_of

    places: Mapping[bool, set[int]] = {True: set(), False: set()}
    for task in saved:
        file = Path(task.input)
        is_known = task.input_sha256 is not None and file.is_absolute() and is_file(file)
        if not is_known or sha256_of(file) == task.input_sha256:
            places[bool(task.files) and is_file(task.files[0])].add(task.id)
    return frozenset(places[True]), frozenset(places[False])


def _was_recovered(draft: Task) -> bool:
    return draft.failure is not None and draft.failure.kind == TASK_RECOVERED


def _alike(draft: Task, other: Task) -> bool:
    """Return whether a task may be for the picture of a draft: the list itself has the word."""
    if draft.id == other.id or draft.type_id != other.type_id:
        return False
    is_same_content = draft.input_sha256 is not None and draft.input_sha256 == other.input_sha256
    return is_same_content or not _addresses(draft).isdisjoint(_addresses(other))


def _addresses(task: Task) -> set[str]:
    return {task.input} if task.checked is None else {task.input, task.checked.location}
