"""The card of what keeps a service from being used: blanks and mistakes, as links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.profile_spec import key_named
from enhance_gui.core.text.detail import shown
from enhance_gui.core.text.i18n import N_, plural, tr
from enhance_gui.core.text.joining import ended, titled
from enhance_gui.ui.services.types_table import TypeRow
from enhance_gui.ui.widgets.basics import button, clear, column, holder, label, row

_MAX: Final = 8
"""Maximum number of mistakes that are named one by one."""

_BLANK_TEXTS: Final = N_(
    "The API's document does not say them. You find them in the provider's documentation of your "
    "account, or ask its support. Until then nothing is sent to this service."
)


class MistakesCard(QFrame):
    """Lists blanks and mistakes; hidden while there are none."""

    wanted = Signal(str)
    """The key that the user wants to go to."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "attention-card")
        self.setAccessibleName(tr("What is still missing or wrong"))
        self._title = label("", "heading", wraps=True)
        self._text = label("", "quiet", wraps=True)
        self._list = column(spacing=4)
        self._lines: list[tuple[str, str, str]] = []
        parts = (self._title, self._text, self._list)
        self.setLayout(column(*parts, spacing=6, margins=(18, 12, 18, 14)))
        self.hide()

    @property
    def text(self) -> str:
        """All of its text; empty while it is hidden."""
        if not self._lines:
            return ""
        return "\n".join([self._title.text(), *(_sentence(*line[1:]) for line in self._lines)])

    def show_mistakes(
        self,
        blanks: Sequence[ProfileInvalid],
        mistakes: Sequence[ProfileInvalid],
        unknown: Sequence[ProfileInvalid],
        types: Sequence[TypeRow],
    ) -> None:
        """
        :param unknown: of the file as it was read, of no use to the program: they go when saved.
        """
        lines = [(blank.key, _place(blank.key, types), "") for blank in blanks]
        lines += [(each.key, _place(each.key, types), shown(each.reason)) for each in mistakes]
        lines += [("", each.key or each.source, shown(each.reason)) for each in unknown]
        lines = lines[:_MAX]
        title = _title(len(blanks), len(mistakes), len(unknown))
        if title == self._title.text() and lines == self._lines:
            return
        self._lines = lines
        self._title.setText(title)
        self._text.setText(tr(_BLANK_TEXTS))
        self._text.setVisible(bool(blanks))
        clear(self._list)
        for line in lines:
            self._add(*line)
        self.setAccessibleDescription(self.text)
        self.setVisible(bool(lines))

    def _add(self, key: str, place: str, reason: str) -> None:
        text = _sentence(place, reason)
        layout = row(spacing=6)
        if key:
            # Only the place is on the button: a reason may be long, and a button does not wrap.
            go_there = button(place, "link", tip=tr("Go there"), name=text)
            go_there.clicked.connect(lambda: self.wanted.emit(key))
            layout.addWidget(go_there, 0, Qt.AlignmentFlag.AlignTop)
        note = label(ended(reason) if key else text, wraps=True)
        note.setContentsMargins(0 if key else 5, 3, 0, 2)
        layout.addWidget(note, 1)
        self._list.addWidget(holder(layout))


def _sentence(place: str, reason: str) -> str:
    return titled(place, ended(reason))


def _title(blanks: int, mistakes: int, unknown: int) -> str:
    count = blanks + mistakes
    if not count:
        unusable = tr("The file has parts that the program cannot use; saving removes them")
        return unusable if unknown else ""
    if not mistakes:
        text = plural("{count} value is still blank", "{count} values are still blank", count)
    elif not blanks:
        text = plural("{count} value cannot be right", "{count} values cannot be right", count)
    else:
        text = plural(
            "{count} value is blank or cannot be right",
            "{count} values are blank or cannot be right",
            count,
        )
    return text.format(count=count)


def _place(key: str, types: Sequence[TypeRow]) -> str:
    """Return the label of a key, with the name of the enhance type that it belongs to."""
    name = tr(key_named(key).label)
    for number, line in enumerate(types):
        if key.startswith(f"enhance_types[{number}]."):
            kind = line.texts["name"].text() or str(number + 1)
            return tr("{field} of the enhance type “{name}”").format(field=name, name=kind)
    return name
