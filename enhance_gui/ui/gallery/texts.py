"""The texts of the gallery.

All of them are plain text: whatever shows them must not read them as HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.records import service_note
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.detail import as_sentence, shown
from enhance_gui.core.text.explanations import explain_task, failure_of, task_sentence
from enhance_gui.core.text.i18n import N_, number, plural, short_number, tr
from enhance_gui.ui.gallery.item import NO_RESULT, Group, Item
from enhance_gui.ui.gallery.sorting import Sort
from enhance_gui.ui.gallery.state_texts import state_text

GROUP_NAMES: Final = {
    Group.CHECKING: N_("Checking"),
    Group.WAITING: N_("Waiting"),
    Group.RUNNING: N_("Running"),
    Group.DONE: N_("Done"),
    Group.NEEDS_YOU: N_("Needs attention"),
    Group.FAILED: N_("Failed"),
    Group.CANCELLED: N_("Cancelled"),
}

SORT_NAMES: Final = {
    Sort.NEWEST: N_("Newest first"),
    Sort.OLDEST: N_("Oldest first"),
    Sort.NAME: N_("Name"),
    Sort.STATE: N_("State"),
    Sort.TYPE: N_("Type"),
}


@dataclass(frozen=True, slots=True)
class EmptyTexts:
    """The texts shown where there is nothing to list."""

    title: str
    sentence: str


EMPTY_TEXTS: Final = {
    Group.CHECKING: EmptyTexts(
        N_("Nothing is being checked"),
        N_("Each picture you add is checked first, so you never pay for one that cannot work."),
    ),
    Group.WAITING: EmptyTexts(
        N_("Nothing is waiting"),
        N_("Pictures about to be sent appear here; until then, cancelling is free."),
    ),
    Group.RUNNING: EmptyTexts(
        N_("Nothing is running"),
        N_("Pictures that the service is working on, or that are being fetched, appear here."),
    ),
    Group.DONE: EmptyTexts(
        N_("Nothing is done yet"),
        N_("Enhanced pictures appear here once they are safely saved."),
    ),
    Group.NEEDS_YOU: EmptyTexts(
        N_("Nothing needs your attention"),
        N_("Pictures that wait for your decision appear here."),
    ),
    Group.FAILED: EmptyTexts(
        N_("Nothing has failed"), N_("Failed pictures appear here, with the reason.")
    ),
    Group.CANCELLED: EmptyTexts(
        N_("Nothing was cancelled"),
        N_("Pictures that you cancelled or gave up appear here; “Retry” sends one after all."),
    ),
}


def empty_text(group: Group) -> EmptyTexts:
    """Return the texts for a group without a task."""
    english = EMPTY_TEXTS[group]
    return EmptyTexts(tr(english.title), tr(english.sentence))


def nothing_found(search: str) -> EmptyTexts:
    """Return the texts for a search without a hit."""
    return EmptyTexts(
        tr("Nothing found for “{search}”").format(search=search),
        tr("Try fewer letters, or another filter."),
    )


def service_name(name: str) -> str:
    """Return the name of a service; the local service has a name in each language."""
    return tr(name) if name == LOCAL_SERVICE_NAME else name


def shown_type(name: str, service: str) -> str:
    """Return the name of an enhance type, or its sentence; other services provide their own."""
    return tr(name) if service == LOCAL_SERVICE_NAME else name


def type_name(task: Task) -> str:
    """Return the name of a task's enhance type."""
    return shown_type(task.type_name, task.service)


def origin_text(item: Item) -> str:
    """Return what tells pictures of one name apart: type, service, and a file's folder."""
    path = Path(item.task.input)
    folder = path.parent.name if path.is_absolute() else ""
    parts = (type_name(item.task), service_text(item.task), folder)
    return " · ".join(part for part in parts if part)


def service_text(task: Task) -> str:
    """Return the service's name; empty for the local service, which needs no mention."""
    return "" if task.service == LOCAL_SERVICE_NAME else task.service


def spoken(item: Item, now_s: float) -> str:
    """Return what a screen reader says of an entry: name, state, type."""
    parts = [item.name, state_text(item, now_s), type_name(item.task), service_text(item.task)]
    return ", ".join(part for part in parts if part)


def no_picture_text(item: Item) -> EmptyTexts:
    """Return why a task has no picture to show, and what can be done about it."""
    if item.group in NO_RESULT:
        if failure_of(item.task) is None:
            return EmptyTexts("", tr("There is no result to look at."))
        title = text.title if (text := explain_task(item.task)) is not None else ""
        return EmptyTexts(title, reason_text(item.task))
    if item.group is Group.DONE:
        return EmptyTexts("", tr("The pictures are no longer where they were saved."))
    return EmptyTexts("", tr("The picture is shown here once it is on this computer."))


def reason_text(task: Task) -> str:
    """Return all that the title leaves out: what happened, what it means, what to do."""
    failure, text = failure_of(task), explain_task(task)
    if failure is None or text is None:
        return ""
    parts = (as_sentence(failure.detail), text.meaning, text.next_step)
    return " ".join(part for part in parts if part)


def hint_text(item: Item) -> str:
    """Return what can be done about a task that failed or waits for the user.

    Of a saved one, what the service reported on it; else nothing.
    """
    if item.task.state is TaskState.SAVED:
        return note_text(item.task)
    explanation = explain_task(item.task)
    reported = item.group in NO_RESULT
    return explanation.next_step if reported and explanation is not None else ""


def note_text(task: Task) -> str:
    """Return what the service reported on a result; else nothing."""
    text = shown(service_note(task))
    return f"{text[:1].upper()}{text[1:]}"


def reason(item: Item) -> tuple[str, ...]:
    """Return why a task failed or waits: what happened, what it means, what to do next.

    Of a saved one, what the service reported on it.
    """
    if item.task.state is TaskState.SAVED:
        return (note,) if (note := note_text(item.task)) else ()
    explanation = explain_task(item.task)
    if explanation is None:
        return ()
    return (f"{task_sentence(item.task)}.", explanation.meaning, explanation.next_step)


def namesake_text(service: str, others: Sequence[str]) -> str:
    """Return that a service has other names under which pictures were sent there."""
    return tr(
        "“{service}” is at the address of {others}: what was sent there counts as sent "
        "here, and is paid for again only if you say so."
    ).format(service=service, others=", ".join(f"“{other}”" for other in others))


def removed_text(count: int) -> str:
    """Return that tasks were removed from the list."""
    text = plural(
        "Removed from the list. Its files are kept.",
        "{count} removed from the list. Their files are kept.",
        count,
    )
    return text.format(count=number(count))


def delete_question(count: int, *, unsaved: bool) -> str:
    """Return the question whether to delete tasks on the service.

    :param unsaved: whether some of them have no result on this computer.
    """
    text = plural(
        "Delete this task on the service? The service's copies of the picture are "
        "deleted; what is saved here stays. You will not get a refund.",
        "Delete {count} tasks on the service? The service's copies of the pictures are "
        "deleted; what is saved here stays. You will not get a refund.",
        count,
    ).format(count=number(count))
    lost = tr("What was not saved here can never be fetched again.")
    return f"{text} {lost}" if unsaved else text


def deleted_text(deleted: int, wanted: int) -> str:
    """Return how many tasks were deleted on the service."""
    if deleted == wanted:
        text = plural(
            "Deleted on the service. What is saved here stays.",
            "{count} deleted on the service. What is saved here stays.",
            wanted,
        )
        return text.format(count=number(wanted))
    if wanted == 1:
        return tr("The service did not delete it.")
    text = tr("{count} of {total} deleted on the service. What is saved here stays.")
    return text.format(count=number(deleted), total=number(wanted))


def credits_text(cost: float) -> str:
    """Return a cost as a text: "2.5 credits"."""
    text = plural("{count} credit", "{count} credits", form_of(cost))
    return text.format(count=short_number(cost))


def form_of(cost: float) -> int:
    """Return a count that selects the plural form for so many credits.

    Only what is written as exactly one is one credit; parts of one are many.
    """
    return 1 if short_number(cost) == short_number(1) else 2


def selected_text(count: int) -> str:
    return tr("{count} selected").format(count=number(count))


def shown_text(shown: int, known: int) -> str:
    """Return how many pictures there are, or how many of them are shown."""
    if shown == known:
        text = plural("{count} picture", "{count} pictures", known)
        return text.format(count=number(known))
    text = plural("{shown} of {count} picture", "{shown} of {count} pictures", known)
    return text.format(shown=number(shown), count=number(known))
