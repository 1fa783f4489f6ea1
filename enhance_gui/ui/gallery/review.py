"""Sorts drafts by what their checks found: the numbers of the review strip."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from enhance_gui.core.images.addresses import host_of
from enhance_gui.core.images.left_out import notes_on
from enhance_gui.core.picture_errors import LOCAL_FILE_NOT_POSSIBLE
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.start_decision import Objection, StartDecision, Verdict
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.ui.gallery.texts import type_name


@dataclass(frozen=True, slots=True)
class Review:
    """Drafts, sorted by what the checks found. The tuples hold ids of tasks, in order.

    A draft that is to start by itself is not among them before something speaks against it.
    """

    checking: tuple[int, ...] = ()
    usable: tuple[int, ...] = ()
    """Passed, and nothing speaks against sending them."""
    repeated: tuple[int, ...] = ()
    """Passed, and the same picture was given before with this enhance type, or the draft itself
    may have been sent."""
    redirected: tuple[int, ...] = ()
    """Those of the passed whose address led to another one."""
    stood_in: tuple[int, ...] = ()
    """Those of the passed whose address is refused to the program: the picture that came with the
    user's drag is used."""
    refusing_host: str = ""
    """The host of the first of these."""
    refused: tuple[int, ...] = ()
    """Cannot be used; they ended without being sent."""
    local: tuple[int, ...] = ()
    """Those of the refused that are files, on a service that takes web addresses only."""
    started: int = 0
    """Were started, or will be by themselves."""
    coloured: tuple[int, ...] = ()
    """Passed, but have colours that colourising would replace; the repeated are not among them."""
    notes: tuple[str, ...] = ()
    """What of the passed is left out or converted: a clause each, in the user's language."""

    @property
    def open(self) -> int:
        """How many still wait for a check or a decision."""
        return len(self.checking) + len(self.passed)

    @property
    def passed(self) -> tuple[int, ...]:
        return (*self.usable, *self.repeated, *self.coloured)


@dataclass(frozen=True, slots=True)
class TypeSum:
    """The pictures of a review that have one enhance type, and what they cost together."""

    name: str
    """Of the type, in the user's language."""
    count: int
    credits: float
    """What they cost at least; 0 where nothing is known of it."""
    is_priced: bool
    """Whether it is known what each costs; on this computer it is nothing."""


def type_sums(tasks: Iterable[Task], cost_of: Callable[[str, int], float]) -> list[TypeSum]:
    """Return how many pictures each enhance type has, in the order of the first of each.

    :param cost_of: returns what a service takes for a type by its number, as far as is known now;
        what was known when a picture was added counts where it is more.
    """
    groups: dict[tuple[str, int], list[Task]] = {}
    for task in tasks:
        groups.setdefault((task.service, task.type_id), []).append(task)
    sums = []
    for (service, type_id), own in groups.items():
        now = cost_of(service, type_id)
        costs = [max(now, task.cost) for task in own]
        is_priced = service == LOCAL_SERVICE_NAME or all(costs)
        sums.append(TypeSum(type_name(own[0]), len(own), sum(costs), is_priced))
    return sums


def review_of(decisions: Mapping[int, StartDecision], task_of: Callable[[int], Task]) -> Review:
    """Sort drafts.

    :param decisions: on the tasks under review, in the order in which they were added.
    """
    checking: list[int] = []
    usable: list[int] = []
    repeated: list[int] = []
    coloured: list[int] = []
    refused: list[int] = []
    started = 0
    for task_id, decision in decisions.items():
        task = task_of(task_id)
        if decision.verdict is Verdict.CHECK:
            checking.append(task_id)
        elif decision.verdict is Verdict.ASK:
            against = decision.objections
            is_repeated = not against.isdisjoint((Objection.DUPLICATE, Objection.RECOVERED))
            pile = repeated if is_repeated else coloured if against else usable
            pile.append(task_id)
        elif task.state is TaskState.FAILED and not task.attempts:
            refused.append(task_id)
        elif task.state is not TaskState.CANCELLED:
            started += 1
    passed = {*usable, *repeated, *coloured}
    stood_in = [each for each in decisions if each in passed and task_of(each).stands_for]
    return Review(
        tuple(checking),
        tuple(usable),
        tuple(repeated),
        tuple(each for each in decisions if each in passed and was_redirected(task_of(each))),
        tuple(stood_in),
        host_of(task_of(stood_in[0]).stands_for) if stood_in else "",
        tuple(refused),
        tuple(each for each in refused if _is_local(task_of(each))),
        started,
        tuple(coloured),
        tuple(notes_on([each for id_ in passed if (each := task_of(id_).checked) is not None])),
    )


def _is_local(task: Task) -> bool:
    return task.failure is not None and task.failure.kind == LOCAL_FILE_NOT_POSSIBLE


def was_redirected(task: Task) -> bool:
    """Return whether the address that was given led to another one."""
    known = (task.input, task.stands_for)
    return task.checked is not None and task.checked.location not in known
