"""What keeps pictures from being sent: a line for each matter, which names the pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.text.explanations import explain
from enhance_gui.core.text.i18n import N_, number, plural, tr
from enhance_gui.core.text.joining import listed, quoted, titled
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.review import Review
from enhance_gui.ui.widgets.basics import ElidedLabel, button, clear, row
from enhance_gui.ui.widgets.fitting import text_px

_MAX_NAMED: Final = 2
_MAX_LINES: Final = 3
"""Lines at once; the pictures of the other matters are counted."""
_LOW_PX: Final = 700
"""In a window lower than this there is room for one line; with text of the usual size."""


class Remedy(Enum):
    """What can be done about a matter."""

    SEND_REPEATED = "send repeated"
    ENHANCE_REPEATED = "enhance repeated"
    SEND_COLOURED = "send coloured"
    ENHANCE_HERE = "enhance here"


_REMEDIES: Final = {
    Remedy.SEND_REPEATED: (N_("Enhance again"), N_("Send them anyway: they may cost again")),
    Remedy.ENHANCE_REPEATED: (N_("Enhance again"), N_("Enhance them once more; it costs nothing")),
    Remedy.SEND_COLOURED: (
        N_("Colourise anyway"),
        N_("Send them: their own colours are replaced"),
    ),
    Remedy.ENHANCE_HERE: (
        N_("Use this computer"),
        N_("Enhance the files with the service of this computer"),
    ),
}


@dataclass(frozen=True, slots=True)
class Matter:
    """One reason, and the tasks that it holds up."""

    ids: tuple[int, ...]
    text: str
    remedy: Remedy | None = None


def matters_of(review: Review, item_of: Callable[[int], Item]) -> list[Matter]:
    """Return the matters of a review, those that can be settled first."""
    found = []
    here = [each for each in review.repeated if item_of(each).task.service == LOCAL_SERVICE_NAME]
    paid = [each for each in review.repeated if each not in here]
    if paid:
        text = plural(
            "{names} was ordered before with this type",
            "{names} were ordered before with this type",
            len(paid),
        )
        found.append(_matter(tuple(paid), text, item_of, Remedy.SEND_REPEATED))
    if here:
        # Nothing is ordered on this computer, nor does it cost anything.
        text = plural(
            "{names} was enhanced before with this type",
            "{names} were enhanced before with this type",
            len(here),
        )
        found.append(_matter(tuple(here), text, item_of, Remedy.ENHANCE_REPEATED))
    if review.coloured:
        text = plural(
            "{names} has colours already, which would be replaced by invented ones",
            "{names} have colours already, which would be replaced by invented ones",
            len(review.coloured),
        )
        found.append(_matter(review.coloured, text, item_of, Remedy.SEND_COLOURED))
    reasons: dict[str, list[int]] = {}
    for task_id in review.refused:
        if (failure := item_of(task_id).task.failure) is not None:
            reasons.setdefault(explain(failure).title, []).append(task_id)
    for title, ids in reasons.items():
        remedy = Remedy.ENHANCE_HERE if set(ids) <= set(review.local) else None
        text = tr("{names}: {reason}").replace("{reason}", title)
        found.append(_matter(tuple(ids), text, item_of, remedy))
    return found


def _matter(
    ids: tuple[int, ...], text: str, item_of: Callable[[int], Item], remedy: Remedy | None
) -> Matter:
    names = [quoted(item_of(each).name) for each in ids[:_MAX_NAMED]]
    if (more := len(ids) - _MAX_NAMED) > 0:
        names.append(plural("{count} more", "{count} more", more).format(count=number(more)))
    # Not by format: a picture's name may hold braces.
    return Matter(ids, text.replace("{names}", listed(names)), remedy)


class MatterLines(QWidget):
    """The lines; hidden while there are none."""

    show_wanted = Signal(list)
    """Ids of tasks to show in the list."""
    remedy_wanted = Signal(object, list)
    """A :class:`Remedy`, and the ids of the tasks it is for."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("What keeps pictures from being sent"))
        self.shown: list[Matter] = []
        """Every matter, also those beyond the lines."""
        self._only: int | None = None
        self._on_screen: list[Matter] = []
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(4)
        # Else a low window would cut the lines.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_matters(self, matters: Sequence[Matter]) -> None:
        """Show these, in place of those before."""
        self.shown = list(matters)
        self._show()

    def show_only_of(self, task_id: int | None) -> None:
        """Leave out what is about other tasks than this one; ``None``: nothing."""
        self._only = task_id
        self._show()

    def _show(self) -> None:
        matters = [each for each in self.shown if self._only is None or self._only in each.ids]
        lines = 1 if self.window().height() < text_px(_LOW_PX) else _MAX_LINES
        if rest := [id_ for each in matters[lines:] for id_ in each.ids]:
            text = plural(
                "{count} more cannot be sent as it is",
                "{count} more cannot be sent as they are",
                len(rest),
            )
            rest_of = Matter(tuple(rest), text.format(count=number(len(rest))))
            matters = [*matters[:lines], rest_of]
        if matters != self._on_screen:
            self._on_screen = matters
            clear(self._lines)
            for matter in matters:
                self._lines.addWidget(self._line(matter))
        self.setVisible(bool(matters))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _line(self, matter: Matter) -> QWidget:
        text = ElidedLabel()
        text.show_text(matter.text)
        count, ids = len(matter.ids), list(matter.ids)
        shows = plural("Show it", "Show them", count)
        show = button(
            shows, "plain", tip=tr("Select them in the list"), name=titled(shows, matter.text)
        )
        show.clicked.connect(partial(self._ask_to_show, ids))
        parts = [show]
        if matter.remedy is not None:
            verb, tip = map(tr, _REMEDIES[matter.remedy])
            does = button(verb, tip=tip, name=titled(verb, matter.text))
            does.clicked.connect(partial(self._ask_to_settle, matter.remedy, ids))
            parts.append(does)
        line = QWidget()
        line.setLayout(row(text, *parts, spacing=8, grows=text))
        line.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return line

    def _ask_to_show(self, ids: list[int], _checked: bool = False) -> None:
        self.show_wanted.emit(ids)

    def _ask_to_settle(self, remedy: Remedy, ids: list[int], _checked: bool = False) -> None:
        self.remedy_wanted.emit(remedy, ids)
