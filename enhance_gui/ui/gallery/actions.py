"""The actions of the user on tasks, one row each: steps of the state machine, and more.

A further action takes a row here, and the method that the row names: of
:mod:`enhance_gui.ui.window.task_actions` or, where the queue does it, of the bridge. Menus, keys,
buttons and the list of keys follow from the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import chain
from typing import Final, NamedTuple

from enhance_gui.core.tasks.states import ENDED, NOT_SENT, Step, TaskState
from enhance_gui.core.text.i18n import N_, NP_, number, plural, tr
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.stacks import source_of

_MAX_LOOKED_FOR: Final = 50
"""At most so many files are looked for at once: a folder on a network takes long."""


class _Situation(NamedTuple):
    """All that decides which actions fit an item; cached, as 10,000 items share a few."""

    state: TaskState
    waits: bool = False
    """Whether it goes on only after the user has decided."""
    can_change_type: bool = False
    can_ask_again: bool = False
    has_result: bool = False
    on_service: bool = False

    @classmethod
    def of(cls, item: Item, *, looks_for_file: bool) -> _Situation:
        """:param looks_for_file: whether it is seen that a result is no longer in its place."""
        task, state = item.task, item.task.state
        if state not in ENDED:
            waits = item.suspended and (state is TaskState.QUEUED or item.attention)
            return cls(state, waits, task.can_change_type)
        has_result = state is TaskState.SAVED and bool(task.files)
        # A result that is where it was put is not asked for.
        is_there = has_result and not (looks_for_file and not task.files[0].is_file())
        can_ask_again = not is_there and task.can_ask_again
        return cls(state, False, False, can_ask_again, has_result, bool(task.on_service))


@dataclass(frozen=True, slots=True)
class ActionRow:
    """How one action is offered: in menus, by its key, as a button."""

    text: str
    """A verb, without a full stop; to be translated."""
    tip: str
    """What it does and whether it may cost; one sentence, to be translated."""
    shortcut: str
    handler: str
    """The method that carries it out, of the window's ``TaskActionRunner`` or of its bridge."""
    states: frozenset[TaskState]
    """The states of the tasks that it fits."""
    fits: Callable[[_Situation], bool] = lambda _: True
    """Returns whether it fits, beyond the state."""
    chosen: Callable[[Sequence[Item]], Sequence[Item]] | None = None
    """Returns for which of those it fits it is offered, looked at together; ``None``: for all."""
    about_money: bool = False
    """Whether it may cost something or give something up: never without a word on hidden ones."""
    counted: tuple[str, str] | None = None
    """The verb with ``{count}``, for one and for many; ``None``: it has no number."""
    begins_part: bool = False
    """Whether a line of the gallery's menu stands above it."""
    on_picture: bool = False
    """Whether it is a button above the picture too."""
    is_primary: bool = False
    """Whether that button stands out."""
    listed: bool = True
    """Whether menus, keys and buttons offer it; else only where its cost has just been named."""


_SAVED: Final = frozenset({TaskState.SAVED})
_ASKED_ONLY: Final = Step.ASK_AGAIN.sources - Step.RETRY.sources - Step.SEND_AGAIN.sources
"""States in which trying once more can only mean to ask the service."""

_PAIR: Final = 2


def _one_a_source(items: Sequence[Item]) -> Sequence[Item]:
    """Return of each source the first: once more enhanced, its results would be the same."""
    return list({source_of(item.task): item for item in reversed(items)}.values())[::-1]


def _pair_of_one_source(items: Sequence[Item]) -> Sequence[Item]:
    is_pair = len(items) == _PAIR and len(_one_a_source(items)) == 1
    return items if is_pair else ()


class TaskAction(Enum):
    """The actions, in the order in which they are offered."""

    START = ActionRow(
        N_("Start"),
        N_("Send it to the service."),
        "Ctrl+Shift+Return",
        "bridge.start",
        Step.START.sources,
        counted=NP_("Start {count}", "Start {count}"),
        about_money=True,
        on_picture=True,
    )
    CHANGE_TYPE = ActionRow(
        N_("Enhance type…"),
        N_("Choose another enhance type for it, before it is sent."),
        "Ctrl+Shift+T",
        "choose_type",
        NOT_SENT,
        lambda situation: situation.can_change_type,
        counted=NP_("Enhance type of {count}…", "Enhance type of {count}…"),
        on_picture=True,
    )
    MOVE_FIRST = ActionRow(
        N_("This one first"),
        N_("Send it before all others that wait for its service."),
        "Alt+Home",
        "bridge.move_first",
        NOT_SENT,
        counted=NP_("Send {count} first", "Send {count} first"),
    )
    MOVE_LAST = ActionRow(
        N_("To the end"),
        N_("Send it after all others that wait for its service."),
        "Alt+End",
        "bridge.move_last",
        NOT_SENT,
        counted=NP_("{count} to the end", "{count} to the end"),
    )
    CONTINUE = ActionRow(
        N_("Continue"),
        N_("Go on now: send what waits, fetch what is finished; nothing is paid twice."),
        "Ctrl+Shift+G",
        "bridge.continue_tasks",
        frozenset({TaskState.QUEUED, TaskState.ACCEPTED, TaskState.FINISHED, TaskState.CANCELLING}),
        lambda situation: situation.waits,
        counted=NP_("Continue {count}", "Continue {count}"),
        on_picture=True,
    )
    RETRY = ActionRow(
        N_("Retry"),
        N_("Try once more; you are asked first where that may cost a second time."),
        "Ctrl+R",
        "retry",
        Step.RETRY.sources | Step.SEND_AGAIN.sources | Step.ASK_AGAIN.sources,
        lambda situation: situation.state not in _ASKED_ONLY or situation.can_ask_again,
        counted=NP_("Retry {count}", "Retry {count}"),
        about_money=True,
        on_picture=True,
    )
    SEND_AS_NEW = ActionRow(
        N_("Send as a new task"),
        N_("Send it as a new task; that costs again."),
        "",
        "bridge.retry",
        Step.RETRY.sources,
        counted=NP_("Send {count} as a new task", "Send {count} as new tasks"),
        listed=False,
    )
    SEND_AGAIN = ActionRow(
        N_("Send again"),
        N_("A second attempt; if the first one arrived, it costs twice."),
        "",
        "bridge.send_again",
        Step.SEND_AGAIN.sources,
        counted=NP_("Send {count} again", "Send {count} again"),
        listed=False,
    )
    ASK_AGAIN = ActionRow(
        N_("Ask again"),
        N_("Ask the service once more about the task it had accepted; free."),
        "",
        "bridge.ask_again",
        Step.ASK_AGAIN.sources,
        lambda situation: situation.can_ask_again,
        counted=NP_("Ask again about {count}", "Ask again about {count}"),
        listed=False,
    )
    CANCEL = ActionRow(
        N_("Cancel"),
        N_("Withdraw what is not sent yet; have the service delete what it has."),
        "Ctrl+Backspace",
        "bridge.cancel",
        (Step.REMOVE.sources - {TaskState.DRAFT}) | Step.CANCEL.sources,
        counted=NP_("Cancel {count}", "Cancel {count}"),
        on_picture=True,
    )
    GIVE_UP = ActionRow(
        N_("Give up"),
        N_("Write it off; it is not sent again."),
        "Ctrl+Shift+U",
        "bridge.give_up",
        Step.GIVE_UP.sources,
        counted=NP_("Give up {count}", "Give up {count}"),
        about_money=True,
    )
    REMOVE_DRAFT = ActionRow(
        N_("Remove"),
        N_("Withdraw what is not sent, and remove it from the list."),
        "Ctrl+Shift+Backspace",
        "bridge.remove_drafts",
        Step.REMOVE.sources & {TaskState.DRAFT},
        counted=NP_("Remove {count}", "Remove {count}"),
    )
    ENHANCE_AGAIN = ActionRow(
        N_("Enhance again…"),
        N_("Enhance the same picture with another enhance type, as a new task."),
        "Ctrl+Shift+E",
        "enhance_again",
        _SAVED,
        lambda situation: situation.has_result,
        _one_a_source,
        counted=NP_("Enhance {count} again…", "Enhance {count} again…"),
        begins_part=True,
        on_picture=True,
    )
    COMPARE = ActionRow(
        N_("Compare with each other"),
        N_("Show two results of one picture in the comparison, the earlier one on the left."),
        "Ctrl+K",
        "pages.compare",
        _SAVED,
        lambda situation: situation.has_result,
        _pair_of_one_source,
    )
    SAVE_AS = ActionRow(
        N_("Save as…"),
        N_("Save a copy of the result somewhere else."),
        "Ctrl+S",
        "save_as",
        _SAVED,
        lambda situation: situation.has_result,
        counted=NP_("Save {count} copy…", "Save {count} copies…"),
        on_picture=True,
        is_primary=True,
    )
    SHOW_IN_FOLDER = ActionRow(
        N_("Show in folder"),
        N_("Open the folder of the result, with the results of that folder selected."),
        "Ctrl+Shift+F",
        "show_in_folder",
        _SAVED,
        lambda situation: situation.has_result,
        on_picture=True,
    )
    OPEN = ActionRow(
        N_("Open in viewer"),
        N_("Open the first result in your picture viewer."),
        "Ctrl+E",
        "open",
        _SAVED,
        lambda situation: situation.has_result,
    )
    WHAT_HAPPENED = ActionRow(
        N_("History"),
        N_("Show each step of the task, with its time and reason."),
        "Ctrl+I",
        "show_log",
        frozenset(TaskState),
        begins_part=True,
        on_picture=True,
    )
    COPY_PICTURE = ActionRow(
        N_("Copy picture"),
        N_("Copy the result as a picture, for pasting into another program."),
        "Ctrl+C",
        "copy_picture",
        _SAVED,
        lambda situation: situation.has_result,
    )
    COPY_DETAILS = ActionRow(
        N_("Copy details"),
        N_("Copy what is known of the task, as text for a message."),
        "Ctrl+Shift+C",
        "copy_details",
        frozenset(TaskState),
        counted=NP_("Copy details of {count}", "Copy details of {count}"),
    )
    REMOVE = ActionRow(
        N_("Remove from the list"),
        N_("Remove it from this list; saved files stay, and so does what it has cost."),
        "Ctrl+Delete",
        "bridge.remove",
        ENDED,
        counted=NP_("Remove {count} from the list", "Remove {count} from the list"),
        begins_part=True,
    )
    DELETE_ON_SERVICE = ActionRow(
        N_("Delete the service's copies"),
        N_(
            "The service deletes the copies it works with; your originals and what is saved stay. "
            "There is no refund."
        ),
        "Ctrl+Shift+Delete",
        "ask_to_delete",
        ENDED,
        lambda situation: situation.on_service,
        counted=NP_(
            "Delete the service's copies of {count}", "Delete the service's copies of {count}"
        ),
    )

    @property
    def id(self) -> str:
        """Its name among the commands of the window."""
        return self.name.lower()

    def label(self, count: int, selected: int) -> str:
        """Return the verb with how many of the tasks it is for: "Retry 3"; bare for one.

        :param selected: of how many, as :meth:`countable` has it; 0: in any case with its number.
        """
        if self.value.counted is None or selected == 1:
            return tr(self.value.text)
        return plural(*self.value.counted, count).format(count=number(count))

    def countable(self, selected: Sequence[Item]) -> int:
        """Return how many of what this action counts are selected: tasks, or sources where it does
        the same for every result of one.
        """
        by_source = self.value.chosen is _one_a_source
        return len(_one_a_source(selected)) if by_source else len(selected)


def actions_for(item: Item) -> tuple[TaskAction, ...]:
    """Return what can be done with a task as it is now, in the order of :class:`TaskAction`."""
    return tuple(offers([item]))


def offers(items: Iterable[Item]) -> dict[TaskAction, list[int]]:
    """Return every listed action that fits some of the tasks, with the ids of those it fits."""
    return _places(items, [action for action in TaskAction if action.value.listed])


def ids_for(action: TaskAction, items: Iterable[Item]) -> list[int]:
    """Return the ids of those tasks that an action fits."""
    return _places(items, [action]).get(action, [])


def _places(items: Iterable[Item], actions: Iterable[TaskAction]) -> dict[TaskAction, list[int]]:
    ids: list[int] = []
    places: dict[_Situation, list[int]] = {}
    known = list(items)
    looks_for_file = len(known) <= _MAX_LOOKED_FOR
    for place, item in enumerate(known):
        ids.append(item.task.id)
        situation = _Situation.of(item, looks_for_file=looks_for_file)
        places.setdefault(situation, []).append(place)
    found: dict[TaskAction, list[int]] = {}
    # Most actions fit the same situations as another one.
    orders: dict[tuple[_Situation, ...], list[int]] = {}
    for action in actions:
        fitting = tuple(each for each in places if action in _fitting(each))
        if fitting not in orders:
            orders[fitting] = sorted(chain.from_iterable(places[each] for each in fitting))
        in_order = orders[fitting]
        if in_order and (choose := action.value.chosen) is not None:
            chosen = choose([known[place] for place in in_order])
            found |= {action: [item.task.id for item in chosen]} if chosen else {}
        elif in_order:
            found[action] = [ids[place] for place in in_order]
    return found


@cache
def _fitting(situation: _Situation) -> tuple[TaskAction, ...]:
    return tuple(
        action
        for action in TaskAction
        if situation.state in action.value.states and action.value.fits(situation)
    )
