"""What is known of drafts before they are started: the numbers of the review strip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from enhance_gui.core.picture_errors import LocalFileNotPossible
from enhance_gui.core.storage_errors import TaskRecovered
from enhance_gui.core.tasks.task import Task, TaskState
from enhance_gui.ui.gallery.item import Item


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
    refused: tuple[int, ...] = ()
    """Cannot be used; they ended without being sent."""
    local: tuple[int, ...] = ()
    """Those of the refused that are files, on a service that takes web addresses only."""
    started: int = 0
    """Were started, or will be by themselves."""
    coloured: tuple[int, ...] = ()
    """Passed, but have colours that colourising would replace; the repeated are not among them."""

    @property
    def open(self) -> int:
        """How many still wait for a check or a decision."""
        return len(self.checking) + len(self.passed)

    @property
    def passed(self) -> tuple[int, ...]:
        return (*self.usable, *self.repeated, *self.coloured)


def review_of(
    at_once: Mapping[int, bool],
    items: Mapping[int, Item],
    duplicates: Mapping[int, object],
    colours: Mapping[int, bool | None],
) -> Review:
    """Sort drafts.

    :param at_once: the tasks under review, in the order in which they were added, with whether
        each is to start by itself once it has passed.
    :param duplicates: keyed by the ids of tasks that have earlier ones for the same picture.
    :param colours: of tasks that colourise, whether their pictures have colours; ``None``: they
        are being looked at.
    """
    checking: list[int] = []
    usable: list[int] = []
    repeated: list[int] = []
    coloured: list[int] = []
    redirected: list[int] = []
    refused: list[int] = []
    started = 0
    for task_id, by_itself in at_once.items():
        task = items[task_id].task
        has_colours = colours.get(task_id, False)
        speaks_against = task_id in duplicates or has_colours is not False
        if by_itself and task.state is TaskState.DRAFT and not speaks_against:
            started += 1
        elif task.state is TaskState.DRAFT and (task.checked is None or has_colours is None):
            checking.append(task_id)
        elif task.state is TaskState.DRAFT:
            is_repeated = task_id in duplicates or _may_be_charged(task)
            passed = repeated if is_repeated else coloured if has_colours else usable
            passed.append(task_id)
            if was_redirected(task):
                redirected.append(task_id)
        elif task.state is TaskState.FAILED and not task.attempts:
            refused.append(task_id)
        elif task.state is not TaskState.CANCELLED:
            started += 1
    return Review(
        tuple(checking),
        tuple(usable),
        tuple(repeated),
        tuple(redirected),
        tuple(refused),
        tuple(each for each in refused if _is_local(items[each].task)),
        started,
        tuple(coloured),
    )


def _may_be_charged(draft: Task) -> bool:
    """Tell whether a draft was recovered from a list that cannot be relied on."""
    is_recovered = draft.failure is not None and draft.failure.kind == TaskRecovered.kind
    return is_recovered or draft.charges_possible > 0


def _is_local(task: Task) -> bool:
    return task.failure is not None and task.failure.kind == LocalFileNotPossible.kind


def was_redirected(task: Task) -> bool:
    """Tell whether the address that was given led to another one."""
    return task.checked is not None and task.checked.location != task.input
