"""The gallery's words for people.

All of them are plain text: whatever shows them must not read them as HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from enhance_gui.core.explanations import explain, sentence
from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME, Phase
from enhance_gui.core.tasks import Task, TaskState
from enhance_gui.ui.gallery.actions import Action
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.order import Sort

ALL: Final = "All"

GROUP_NAMES: Final = {
    Group.CHECKING: "Checking",
    Group.WAITING: "Waiting",
    Group.RUNNING: "Running",
    Group.DONE: "Done",
    Group.NEEDS_YOU: "Needs you",
    Group.FAILED: "Failed",
}

SORT_NAMES: Final = {
    Sort.NEWEST: "Newest first",
    Sort.OLDEST: "Oldest first",
    Sort.NAME: "Name",
    Sort.STATE: "State",
    Sort.TYPE: "Type",
}

SEARCH_HINT: Final = "Search names, types, services"
SORT_LABEL: Final = "Order"
ROWS_LOOK: Final = "Rows"
GRID_LOOK: Final = "Grid"
MORE: Final = "More"
FILTERS_NAME: Final = "Show only"
LIST_NAME: Final = "Pictures"
SELECTION_NAME: Final = "What to do with the selection"
CLEAR_SELECTION: Final = "Select none"


@dataclass(frozen=True, slots=True)
class ActionWords:
    """How one verb is offered."""

    name: str
    """A verb, without a full stop."""
    tip: str
    """What it does and whether it may cost; one sentence."""


ACTION_WORDS: Final = {
    Action.START: ActionWords("Start", "Send it to the service."),
    Action.CONTINUE: ActionWords("Continue", "Send again to the service that had paused."),
    Action.SEND_AGAIN: ActionWords(
        "Send again", "A second attempt; if the first one arrived, it costs twice."
    ),
    Action.ASK_AGAIN: ActionWords(
        "Ask again", "Ask the service once more about the task it had accepted; free."
    ),
    Action.RETRY: ActionWords("Retry", "Send it as a new task; that costs again."),
    Action.CANCEL: ActionWords(
        "Cancel", "Take back what is not sent yet; have the service delete what it has."
    ),
    Action.GIVE_UP: ActionWords("Give up", "Write it off; it is not sent again."),
    Action.REMOVE_DRAFT: ActionWords("Remove", "Take it from the list; nothing was sent."),
    Action.SAVE_AS: ActionWords("Save as…", "Save a copy of the result somewhere else."),
    Action.SHOW_IN_FOLDER: ActionWords("Show in folder", "Open the folder of the result."),
    Action.OPEN: ActionWords("Open in viewer", "Open the result in your picture viewer."),
    Action.COPY_DETAILS: ActionWords(
        "Copy details", "Copy what is known of the task, as text for a message."
    ),
}


@dataclass(frozen=True, slots=True)
class EmptyWords:
    """What stands where there is nothing to list."""

    title: str
    sentence: str


EMPTY_WORDS: Final = {
    Group.CHECKING: EmptyWords(
        "Nothing is being checked",
        "Each picture you add is looked at first, so that nothing is paid in vain.",
    ),
    Group.WAITING: EmptyWords(
        "Nothing is waiting", "Here is what will be sent next; until then, cancelling is free."
    ),
    Group.RUNNING: EmptyWords(
        "Nothing is running", "Here is what the service is working on, and what is being fetched."
    ),
    Group.DONE: EmptyWords(
        "Nothing is done yet", "Enhanced pictures come here once they are safely saved."
    ),
    Group.NEEDS_YOU: EmptyWords(
        "Nothing needs you", "Here is what only goes on once you have decided something."
    ),
    Group.FAILED: EmptyWords(
        "Nothing has failed", "What ended without a result comes here, with the reason."
    ),
}


def nothing_found(search: str) -> EmptyWords:
    """Return the words for a search without a hit."""
    return EmptyWords(f"Nothing found for “{search}”", "Try fewer letters, or another filter.")


_STATE_WORDS: Final = {
    TaskState.SENDING: "Sending",
    TaskState.FETCHING: "Fetching the result",
    TaskState.SAVED: "Saved",
    TaskState.CANCELLING: "Cancelling",
    TaskState.CANCELLED: "Cancelled",
    TaskState.WRITTEN_OFF: "Given up",
}


def state_words(item: Item, now_s: float, *, brief: bool = False) -> str:
    """Say in a few words how a task stands; a running one counts down.

    :param brief: whether there is little room.
    """
    state, failure = item.task.state, item.task.failure
    if failure is not None and (item.needs_you or state is TaskState.FAILED):
        return explain(failure).title
    if state is TaskState.ACCEPTED:
        return _on_the_service(item, now_s, brief=brief)
    if state in (TaskState.DRAFT, TaskState.QUEUED):
        return _not_sent_yet(item)
    if state is TaskState.FINISHED:
        return "Finished; will be fetched" if failure is None else "Finished; fetching again soon"
    if state is TaskState.IN_DOUBT:
        return "It may have been charged"
    return _STATE_WORDS.get(state, "Failed")


def _not_sent_yet(item: Item) -> str:
    if item.task.state is TaskState.DRAFT:
        return "Checking" if item.task.checked is None else "Ready to start"
    if item.parked:
        return "Waiting; the service is paused"
    if item.task.failure is not None:
        title = explain(item.task.failure).title
        return f"Waiting: {title[:1].lower()}{title[1:]}"
    return "Waiting to be sent"


def _on_the_service(item: Item, now_s: float, *, brief: bool) -> str:
    left_s = item.left_s(now_s)
    left = "" if left_s is None else f", {time_left(left_s)}"
    if item.phase is Phase.QUEUED:
        left = "" if brief else left
        if item.queue_position > 0:
            return f"{ordinal(item.queue_position)} in the queue{left}"
        return f"In the service's queue{left}"
    if item.phase is Phase.PROCESSING:
        return f"Enhancing{left}"
    return "On the service"


def time_left(left_s: float) -> str:
    """Say a rest of time as roughly as it is known."""
    if left_s < 1:
        return "nearly done"
    if left_s <= 20:
        return f"about {left_s:.0f} s left"
    if left_s < 90:
        return f"about {round(left_s / 5) * 5} s left"
    if left_s < 90 * 60:
        return f"about {round(left_s / 60)} min left"
    return f"about {round(left_s / 3600)} h left"


def ordinal(number: int) -> str:
    """Return "1st", "2nd", "11th", …"""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def service_words(task: Task) -> str:
    """Return the service's name; empty for that of this computer, which goes without saying."""
    return "" if task.service == BUNDLED_SERVICE_NAME else task.service


def spoken(item: Item, now_s: float) -> str:
    """Return what a screen reader says of an entry: name, state, type."""
    parts = [item.name, state_words(item, now_s), item.task.type_name, service_words(item.task)]
    return ", ".join(part for part in parts if part)


def reason(item: Item) -> tuple[str, ...]:
    """Return why a task failed or waits: what happened, what it means, what to do next."""
    failure = item.task.failure
    if failure is None or item.task.state is TaskState.SAVED:
        return ()
    words = explain(failure)
    return (f"{sentence(failure)}.", words.meaning, words.next_step)


def action_label(action: Action, count: int, selected: int) -> str:
    """Return a verb with how many of the selected tasks it is for: "Retry 3"; bare for one."""
    name = ACTION_WORDS[action].name
    if selected == 1:
        return name
    bare = name.removesuffix("…")
    return f"{bare} {count:,}{name[len(bare) :]}"


def selected_words(count: int) -> str:
    return f"{count:,} selected"


def count_words(name: str, count: int) -> str:
    """Return a filter as a screen reader says it."""
    return f"{name}, {count:,}"
