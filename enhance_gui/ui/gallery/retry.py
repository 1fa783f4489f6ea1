"""What "Retry" does to pictures, and what it asks first: it may cost a second time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.text.i18n import number, plural, tr
from enhance_gui.core.text.joining import sentences
from enhance_gui.ui.gallery.actions import TaskAction, ids_for
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.texts import credits_text

CostOf = Callable[[str, int], float]
"""Returns the credits that a task of a service and an enhance type costs; 0: not known."""

Deeds = tuple[tuple[TaskAction, list[int]], ...]


@dataclass(frozen=True, slots=True)
class Retry:
    """How pictures are tried again."""

    again: Deeds
    """What is sent once more."""
    asks_free: Deeds = ()
    """What the service can be asked about once more instead, for free."""
    question: str = ""
    """What is to be asked first; empty: nothing, for nothing can be paid twice."""


def retry_of(items: Sequence[Item], cost_of: CostOf) -> Retry:
    """Return how these are tried again."""
    new = ids_for(TaskAction.SEND_AS_NEW, items)
    doubtful = ids_for(TaskAction.SEND_AGAIN, items)
    askable = ids_for(TaskAction.ASK_AGAIN, items)
    sent = {*new, *doubtful}
    # Of what can only be asked about nothing is sent: it is asked along with the rest.
    only = [each for each in askable if each not in sent]
    again = _deeds(
        (TaskAction.SEND_AS_NEW, new),
        (TaskAction.SEND_AGAIN, doubtful),
        (TaskAction.ASK_AGAIN, only),
    )
    charged = [each for each in items if each.task.id in sent and _may_have_cost(each)]
    if not charged:
        return Retry(again)
    free = _deeds((TaskAction.ASK_AGAIN, askable))
    return Retry(again, free, _question(charged, len(askable), cost_of))


def _deeds(*deeds: tuple[TaskAction, list[int]]) -> Deeds:
    return tuple((action, ids) for action, ids in deeds if ids)


def _may_have_cost(item: Item) -> bool:
    task = item.task
    if task.service == LOCAL_SERVICE_NAME:
        return False
    return task.state is TaskState.IN_DOUBT or task.may_have_cost > 0


def _question(charged: Sequence[Item], askable: int, cost_of: CostOf) -> str:
    """Return the question before something is sent that may have been charged already."""
    costs = [cost_of(each.task.service, each.task.type_id) for each in charged]
    if len(charged) == 1:
        # Not by format: the name may hold braces.
        text = tr("“{name}” may have been charged already.").replace("{name}", charged[0].name)
    else:
        text = plural(
            "{count} of these pictures may have been charged already.",
            "{count} of these pictures may have been charged already.",
            len(charged),
        ).format(count=number(len(charged)))
    parts = [text]
    if all(costs):
        cost = credits_text(sum(costs))
        parts.append(tr("To send it again may cost {credits} more.").format(credits=cost))
    else:
        parts.append(tr("To send it again may cost a second time."))
    if askable:
        parts.append(tr("To ask the service again about what it had accepted is free."))
    return sentences(*parts)
