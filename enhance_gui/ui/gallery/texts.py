"""The gallery's words for people.

All of them are plain text: whatever shows them must not read them as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, Phase
from enhance_gui.core.tasks.missing_outputs import missing_parts
from enhance_gui.core.tasks.spending import is_held
from enhance_gui.core.tasks.task import Failure, Task, TaskState
from enhance_gui.core.text.details import shown_detail
from enhance_gui.core.text.explanations import explain
from enhance_gui.core.text.i18n import (
    in_sentence,
    localized,
    mark,
    number,
    plural,
    short_number,
    tr,
)
from enhance_gui.core.text.service_notes import service_note
from enhance_gui.core.text.task_explanations import explain_task, failure_of, task_sentence
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.sorting import Sort

ALL: Final = mark("All")

GROUP_NAMES: Final = {
    Group.CHECKING: mark("Checking"),
    Group.WAITING: mark("Waiting"),
    Group.RUNNING: mark("Running"),
    Group.DONE: mark("Done"),
    Group.NEEDS_YOU: mark("Needs you"),
    Group.FAILED: mark("Failed"),
}

SORT_NAMES: Final = {
    Sort.NEWEST: mark("Newest first"),
    Sort.OLDEST: mark("Oldest first"),
    Sort.NAME: mark("Name"),
    Sort.STATE: mark("State"),
    Sort.TYPE: mark("Type"),
}

SEARCH_HINT: Final = mark("Search names, types, services")
SORT_LABEL: Final = mark("Order")
ROWS_LOOK: Final = mark("Rows")
GRID_LOOK: Final = mark("Grid")
MORE: Final = mark("More")
FILTERS_NAME: Final = mark("Show only")
LIST_NAME: Final = mark("Pictures")
SELECTION_NAME: Final = mark("What to do with the selection")
CLEAR_SELECTION: Final = mark("Select none")


@dataclass(frozen=True, slots=True)
class EmptyTexts:
    """What stands where there is nothing to list."""

    title: str
    sentence: str


EMPTY_TEXTS: Final = {
    Group.CHECKING: EmptyTexts(
        mark("Nothing is being checked"),
        mark("Each picture you add is looked at first, so that nothing is paid in vain."),
    ),
    Group.WAITING: EmptyTexts(
        mark("Nothing is waiting"),
        mark("Here is what will be sent next; until then, cancelling is free."),
    ),
    Group.RUNNING: EmptyTexts(
        mark("Nothing is running"),
        mark("Here is what the service is working on, and what is being fetched."),
    ),
    Group.DONE: EmptyTexts(
        mark("Nothing is done yet"), mark("Enhanced pictures come here once they are safely saved.")
    ),
    Group.NEEDS_YOU: EmptyTexts(
        mark("Nothing needs you"),
        mark("Here is what only goes on once you have decided something."),
    ),
    Group.FAILED: EmptyTexts(
        mark("Nothing has failed"), mark("What ended without a result comes here, with the reason.")
    ),
}


def empty_text(group: Group) -> EmptyTexts:
    """Return the words for a group without a task."""
    english = EMPTY_TEXTS[group]
    return EmptyTexts(tr(english.title), tr(english.sentence))


def nothing_found(search: str) -> EmptyTexts:
    """Return the words for a search without a hit."""
    return EmptyTexts(
        tr("Nothing found for “{search}”").format(search=search),
        tr("Try fewer letters, or another filter."),
    )


_STATE_TEXTS: Final = {
    TaskState.SENDING: mark("Sending"),
    TaskState.FETCHING: mark("Fetching the result"),
    TaskState.SAVED: mark("Saved"),
    TaskState.CANCELLING: mark("Cancelling"),
    TaskState.CANCELLED: mark("Cancelled"),
    TaskState.WRITTEN_OFF: mark("Given up"),
}


def state_text(item: Item, now_s: float, *, brief: bool = False) -> str:
    """Say in a few words how a task stands; a running one counts down.

    :param brief: whether there is little room.
    """
    state, failure = item.task.state, item.task.failure
    if failure is not None and state is TaskState.FAILED and not item.task.attempts:
        return refusal_text(failure)
    if (item.attention or state is TaskState.FAILED) and (words := explain_task(item.task)):
        return words.title
    if state is TaskState.ACCEPTED:
        return _on_the_service(item, now_s, brief=brief)
    if state in (TaskState.DRAFT, TaskState.QUEUED):
        return _not_sent_yet(item, now_s)
    if state is TaskState.FINISHED:
        if failure is None:
            return tr("Finished; will be fetched")
        return tr("Finished; fetching again soon")
    if state is TaskState.IN_DOUBT:
        return tr("It may have been charged")
    if missing := len(missing_parts(item.task)):
        said = plural("Saved; {count} is missing", "Saved; {count} are missing", missing)
        return said.format(count=number(missing))
    said = tr(_STATE_TEXTS.get(state, mark("Failed")))
    if state in _GIVEN_UP and item.task.charges_possible:
        return tr("{state}; it may have been charged").format(state=said)
    return said


_GIVEN_UP: Final = frozenset({TaskState.CANCELLED, TaskState.WRITTEN_OFF})
"""States by the user's wish, whose words tell of nothing that was sent before."""


_LIMIT: Final = re.compile(r"at (most|least) (\d+)(?:\.0)?((?:\.\d+)? MB| a side)$")
"""How the detail of a refusal names the limit that the picture does not keep."""


def refusal_text(failure: Failure) -> str:
    """Say in a few words why a picture was refused: "Refused: larger than 20 MB"."""
    limit = _LIMIT.search(failure.detail)
    if limit is None:
        return explain(failure).title
    which, count, unit = limit.groups()
    if unit.endswith("MB"):
        said = tr("Refused: larger than {limit}")
        return said.format(limit=localized(f"{count}{unit}"))
    if which == "most":
        return tr("Refused: larger than {count} pixels a side").format(count=count)
    return tr("Refused: smaller than {count} pixels a side").format(count=count)


def waiting_text(item: Item, now_s: float) -> str:
    """Say that a picture's host is down, and when it is tried next."""
    left_s = round(item.next_try_s - now_s)
    if left_s <= 0:
        return tr("Waiting for {host}: trying again").format(host=item.waits_for)
    said = tr("Waiting for {host}: next try in {count} s")
    return said.format(host=item.waits_for, count=left_s)


def _not_sent_yet(item: Item, now_s: float) -> str:
    if item.waits_for:
        return waiting_text(item, now_s)
    if item.task.state is TaskState.DRAFT:
        if item.task.failure is not None:
            return explain(item.task.failure).title
        return tr("Checking") if item.task.checked is None else tr("Ready to start")
    if item.suspended and not is_held(item.task):
        return tr("Waiting; the service is paused")
    if item.task.failure is not None:
        title = explain(item.task.failure).title
        return tr("Waiting: {reason}").format(reason=in_sentence(title))
    return tr("Waiting to be sent")


def _on_the_service(item: Item, now_s: float, *, brief: bool) -> str:
    left_s = item.left_s(now_s)
    queued = item.phase is Phase.QUEUED
    left = "" if left_s is None or (queued and brief) else time_left(left_s)
    if queued:
        return _in_the_queue(item.queue_position, left)
    if item.phase is Phase.PROCESSING:
        known = _how_far(item.percent, left)
        if brief and left and item.percent is not None:
            return known
        return tr("Enhancing, {left}").format(left=known) if known else tr("Enhancing")
    return tr("Accepted by the service")


def _how_far(percent: int | None, left: str) -> str:
    if percent is None:
        return left
    said = tr("{percent} %, {left}") if left else tr("{percent} %")
    return said.format(percent=percent, left=left)


def _in_the_queue(position: int, left: str) -> str:
    if position > 0:
        said = tr("{place} in the queue, {left}") if left else tr("{place} in the queue")
        return said.format(place=ordinal(position), left=left)
    if left:
        return tr("In the service's queue, {left}").format(left=left)
    return tr("In the service's queue")


def time_left(left_s: float) -> str:
    """Say a rest of time as roughly as it is known."""
    if left_s < 1:
        return tr("nearly done")
    if left_s <= 20:
        return tr("about {count} s left").format(count=f"{left_s:.0f}")
    if left_s < 90:
        return tr("about {count} s left").format(count=round(left_s / 5) * 5)
    if left_s < 90 * 60:
        return tr("about {count} min left").format(count=round(left_s / 60))
    return tr("about {count} h left").format(count=round(left_s / 3600))


_ORDINALS: Final = {1: mark("{count}st"), 2: mark("{count}nd"), 3: mark("{count}rd")}


def ordinal(count: int) -> str:
    """Return "1st", "2nd", "11th", …"""
    last = 0 if count % 100 in (11, 12, 13) else count % 10
    return tr(_ORDINALS.get(last, mark("{count}th"))).format(count=count)


def service_name(name: str) -> str:
    """Return what a service is called; that of this computer has a name in each language."""
    return tr(name) if name == LOCAL_SERVICE_NAME else name


def shown_type(name: str, service: str) -> str:
    """Return what an enhance type is called, or its sentence; other services word theirs alone."""
    return tr(name) if service == LOCAL_SERVICE_NAME else name


def type_name(task: Task) -> str:
    """Return what a task's enhance type is called."""
    return shown_type(task.type_name, task.service)


def service_text(task: Task) -> str:
    """Return the service's name; empty for that of this computer, which goes without saying."""
    return "" if task.service == LOCAL_SERVICE_NAME else task.service


def spoken(item: Item, now_s: float) -> str:
    """Return what a screen reader says of an entry: name, state, type."""
    parts = [item.name, state_text(item, now_s), type_name(item.task), service_text(item.task)]
    return ", ".join(part for part in parts if part)


def no_picture_text(item: Item) -> EmptyTexts:
    """Say why no picture of a task is there to be looked at, and what can be done about it."""
    if item.group in (Group.FAILED, Group.NEEDS_YOU):
        if failure_of(item.task) is None:
            return EmptyTexts("", tr("There is no result to look at."))
        title = words.title if (words := explain_task(item.task)) is not None else ""
        return EmptyTexts(title, reason_text(item.task))
    if item.group is Group.DONE:
        return EmptyTexts("", tr("The pictures are no longer where they were saved."))
    return EmptyTexts("", tr("The picture is shown here once it is on this computer."))


def reason_text(task: Task) -> str:
    """Say all that its title does not: what exactly happened, what it means, what to do next."""
    failure, words = failure_of(task), explain_task(task)
    if failure is None or words is None:
        return ""
    detail = shown_detail(failure.detail)
    exactly = f"{detail[:1].upper()}{detail[1:]}." if detail else ""
    return " ".join(part for part in (exactly, words.meaning, words.next_step) if part)


def hint_text(item: Item) -> str:
    """Say what can be done about a task that failed or waits for the person.

    Of a saved one, what the service said of it; else nothing.
    """
    if item.task.state is TaskState.SAVED:
        return note_text(item.task)
    words = explain_task(item.task)
    reported = item.group in (Group.FAILED, Group.NEEDS_YOU)
    return words.next_step if reported and words is not None else ""


def note_text(task: Task) -> str:
    """Say what the service said of a result; else nothing."""
    said = shown_detail(service_note(task))
    return f"{said[:1].upper()}{said[1:]}"


def reason(item: Item) -> tuple[str, ...]:
    """Return why a task failed or waits: what happened, what it means, what to do next.

    Of a saved one, what the service said of it.
    """
    if item.task.state is TaskState.SAVED:
        return (note,) if (note := note_text(item.task)) else ()
    words = explain_task(item.task)
    if words is None:
        return ()
    return (f"{task_sentence(item.task)}.", words.meaning, words.next_step)


def namesake_text(service: str, others: Sequence[str]) -> str:
    """Say that a service has other names, under which pictures were sent there."""
    return tr(
        "“{service}” is at the address of {others}: what was sent there counts as sent here, and "
        "is paid for again on your word alone."
    ).format(service=service, others=", ".join(f"“{other}”" for other in others))


def removed_text(count: int) -> str:
    """Say that tasks were taken from the list."""
    said = plural(
        "Taken from the list. Its files stay where they are.",
        "{count} taken from the list. Their files stay where they are.",
        count,
    )
    return said.format(count=number(count))


def delete_question(count: int, *, unsaved: bool) -> str:
    """Ask whether tasks are to be deleted on the service.

    :param unsaved: whether some of them have no result on this computer.
    """
    said = plural(
        "Delete this task on the service? The service's copies of the picture go; what is saved "
        "here stays. No money comes back.",
        "Delete {count} tasks on the service? The service's copies of the pictures go; what is "
        "saved here stays. No money comes back.",
        count,
    ).format(count=number(count))
    lost = tr("What was not saved here can never be fetched again.")
    return f"{said} {lost}" if unsaved else said


def deleted_text(deleted: int, wanted: int) -> str:
    """Say how many tasks were deleted on the service."""
    if deleted == wanted:
        said = plural(
            "Deleted on the service. What is saved here stays.",
            "{count} deleted on the service. What is saved here stays.",
            wanted,
        )
        return said.format(count=number(wanted))
    if wanted == 1:
        return tr("The service did not delete it.")
    said = tr("{count} of {total} deleted on the service. What is saved here stays.")
    return said.format(count=number(deleted), total=number(wanted))


def credits_text(cost: float) -> str:
    """Say a cost: "2.5 credits"."""
    said = plural("{count} credit", "{count} credits", form_of(cost))
    return said.format(count=short_number(cost))


def form_of(cost: float) -> int:
    """Return a count that takes the form of the word for so many credits.

    Only what is written as exactly one is one credit; parts of one are many.
    """
    return 1 if short_number(cost) == short_number(1) else 2


def selected_text(count: int) -> str:
    return tr("{count} selected").format(count=number(count))


def shown_text(shown: int, known: int) -> str:
    """Say how many pictures there are, or how many of them are shown."""
    if shown == known:
        said = plural("{count} picture", "{count} pictures", known)
        return said.format(count=number(known))
    said = plural("{shown} of {count} picture", "{shown} of {count} pictures", known)
    return said.format(shown=number(shown), count=number(known))


def count_text(name: str, count: int) -> str:
    """Return a filter as a screen reader says it."""
    return f"{name}, {number(count)}"
