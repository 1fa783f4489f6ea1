"""The texts of the gallery.

All of them are plain text: whatever shows them must not read them as HTML.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDateTime, QLocale

from enhance_gui.core.images.left_out import Part
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.records import service_note
from enhance_gui.core.tasks.states import NOT_SENT, TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.detail import as_sentence, shown
from enhance_gui.core.text.explanations import explain_task, failure_of, task_sentence
from enhance_gui.core.text.i18n import N_, number, plural, short_number, tr
from enhance_gui.core.text.joining import ended, listed, quoted, sentences
from enhance_gui.ui.gallery.item import NO_RESULT, Group, Item
from enhance_gui.ui.gallery.sorting import Sort
from enhance_gui.ui.gallery.stacks import StackMark
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
    Sort.RUNNING: N_("Running first"),
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


def type_text(task: Task) -> str:
    """Return the name of a task's enhance type; as long as it waits, with what it costs."""
    name = type_name(task)
    return f"{name} · {credits_text(task.cost)}" if task.state in NOT_SENT and task.cost else name


def keeps_type_text(items: Sequence[Item]) -> str:
    """Return that pictures keep their enhance type, since they have been sent."""
    if len(items) == 1:
        text = tr("“{name}” has been sent already: it stays with {type}.")
        return text.format(name=items[0].name, type=type_name(items[0].task))
    text = tr("{count} pictures have been sent already: they keep their type.")
    return text.format(count=number(len(items)))


def origin_text(item: Item) -> str:
    """Return what tells pictures of one name apart: type, service, and a file's folder."""
    parts = (type_text(item.task), service_text(item.task), folder_text(item.task))
    return " · ".join(part for part in parts if part)


def folder_text(task: Task) -> str:
    """Return the name of a file's folder; empty for a picture on the web."""
    path = Path(task.input)
    return path.parent.name if path.is_absolute() else ""


def service_text(task: Task) -> str:
    """Return the service's name; empty for the local service, which needs no mention."""
    return "" if task.service == LOCAL_SERVICE_NAME else task.service


def when_text(task: Task, now: datetime, *, brief: bool) -> str:
    """Return when a task was saved, or else added: the time today, the date before.

    :param brief: leave out the time on earlier days.
    """
    moment = (task.saved_at or task.created_at).astimezone()
    local, short = (
        QDateTime.fromSecsSinceEpoch(int(moment.timestamp())),
        QLocale.FormatType.ShortFormat,
    )
    if moment.date() == now.astimezone().date():
        return QLocale().toString(local.time(), short)
    return QLocale().toString(local.date() if brief else local, short)


def result_names(items: Iterable[Item], now: datetime) -> dict[int, str]:
    """Return what results of one source are called beside each other, by their ids."""
    found: dict[int, str] = {}
    alike: Counter[str] = Counter()
    for item in items:
        name = f"{type_name(item.task)} · {when_text(item.task, now, brief=False)}"
        alike[name] += 1
        found[item.task.id] = f"{name} ({alike[name]})" if alike[name] > 1 else name
    return found


def spoken(item: Item, now_s: float, mark: StackMark | None = None) -> str:
    """Return what a screen reader says of an entry: name, state, type, stack."""
    task = item.task
    parts = [item.name, state_text(item, now_s), type_text(task), service_text(task)]
    if folder := folder_text(task):
        parts.append(tr("in folder “{folder}”").format(folder=folder))
    if mark is not None:
        parts.append(stack_text(mark))
    return listed(parts)


def stack_text(mark: StackMark) -> str:
    """Return what a row is in its stack."""
    if not mark.is_top:
        return tr("in a stack of {count}").format(count=number(mark.count))
    text = tr("expanded stack of {count}") if mark.is_open else tr("collapsed stack of {count}")
    return text.format(count=number(mark.count))


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
    return sentences(*parts)


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
    """Return what the service reported on a result, and why it is not as it was to be."""
    lost = [each.reason for each in task.left_out if each.part is not Part.METADATA]
    texts = [shown(each) for each in (service_note(task), *lost) if each]
    return " · ".join(f"{text[:1].upper()}{text[1:]}" for text in texts)


def reason(item: Item) -> tuple[str, ...]:
    """Return why a task failed or waits: what happened, what it means, what to do next.

    Of a saved one, what the service reported on it.
    """
    if item.task.state is TaskState.SAVED:
        return (note,) if (note := note_text(item.task)) else ()
    explanation = explain_task(item.task)
    if explanation is None:
        return ()
    return (ended(task_sentence(item.task)), explanation.meaning, explanation.next_step)


def namesake_text(service: str, others: Sequence[str]) -> str:
    """Return that a service has other names under which pictures were sent there."""
    return tr(
        "“{service}” is at the address of {others}: what was sent there counts as sent "
        "here, and is paid for again only if you say so."
    ).format(service=service, others=listed(map(quoted, others)))


def many_begun_text(count: int, service: str) -> str:
    """Return that many pictures begin without a question."""
    if service == LOCAL_SERVICE_NAME:
        text = plural(
            "{count} picture is enhanced on this computer as soon as it is checked, free of "
            "charge.",
            "{count} pictures are enhanced on this computer as soon as they are checked, free of "
            "charge.",
            count,
        )
    else:
        text = plural(
            "{count} picture is sent to {service} as soon as it is checked, without another "
            "question.",
            "{count} pictures are sent to {service} as soon as they are checked, without another "
            "question.",
            count,
        )
    return text.format(count=number(count), service=service)


def removed_text(count: int) -> str:
    """Return that tasks were removed from the list."""
    text = plural(
        "Removed from the list. Its files are kept.",
        "{count} removed from the list. Their files are kept.",
        count,
    )
    return text.format(count=number(count))


def delete_question(services: Sequence[str], *, unsaved: bool) -> str:
    """Return the question whether to delete tasks on their services.

    :param services: the service of each task.
    :param unsaved: whether some of them have no result on this computer.
    """
    count, names = len(services), list(dict.fromkeys(services))
    if names == [LOCAL_SERVICE_NAME]:
        text = plural(
            "Delete the working copies that the service of this computer has of this picture? "
            "Your original stays, and so does what is saved.",
            "Delete the working copies that the service of this computer has of {count} "
            "pictures? Your originals stay, and so does what is saved.",
            count,
        )
    else:
        text = plural(
            "Delete this task on {service}? The copies of the picture that are there are deleted; "
            "your original stays, and so does what is saved here. You will not get a refund.",
            "Delete {count} tasks on {service}? The copies of the pictures that are there are "
            "deleted; your originals stay, and so does what is saved here. You will not get a "
            "refund.",
            count,
        )
    text = text.format(count=number(count), service=listed(map(service_name, names)))
    lost = tr("What was not saved here can never be fetched again.")
    return sentences(text, lost) if unsaved else text


def hidden_question(hidden: int, count: int) -> str:
    """Return the question whether something about money is meant for hidden pictures, too."""
    text = plural(
        "{hidden} of these {count} pictures is hidden in a collapsed stack. For all {count}?",
        "{hidden} of these {count} pictures are hidden in collapsed stacks. For all {count}?",
        hidden,
    )
    return text.format(hidden=number(hidden), count=number(count))


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
