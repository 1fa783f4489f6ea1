"""The base class of the settings' pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLayout,
    QWidget,
)

from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.widgets.basics import DropDown, column, label, plain_tip
from enhance_gui.ui.widgets.cards import ScrollPage
from enhance_gui.ui.widgets.fitting import text_px

_LABELS_WIDTH_PX: Final = 130
_FRAME_PX: Final = 7
"""How far below a field's edge its text begins."""
_NUMBER_WIDTH_PX: Final = 110
_NUMBER_MARGIN_PX: Final = 7


class Page(ScrollPage):
    """A title and a form of rows."""

    def __init__(self, title: str, choices: Choices) -> None:
        self.title = title
        self.choices = choices
        # Not a QFormLayout: it gives texts that wrap more height than they need.
        self._form = QGridLayout()
        self._form.setHorizontalSpacing(20)
        self._form.setVerticalSpacing(16)
        self._form.setColumnMinimumWidth(0, text_px(_LABELS_WIDTH_PX))
        self._form.setColumnStretch(1, 1)
        parts = (label(title, "title"), self._form, None)
        self._body = column(*parts, spacing=18, margins=(28, 20, 28, 20))
        super().__init__(title, self._body)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Only what is in it takes the keyboard, and is scrolled to.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @property
    def now(self) -> Preferences:
        """The present choices."""
        return self.choices.preferences

    def change(self, **fields: Any) -> None:
        """Choose, and keep the choice."""
        self.choices.change(replace(self.now, **fields))

    def add_intro(self, text: str) -> None:
        """Add a text below the title."""
        self._body.insertWidget(1, note(text))

    def add_row(self, text: str, field: QWidget | QLayout) -> None:
        """Add a row: what it is (perhaps nothing, where it belongs to the row above), a field."""
        row = self._form.rowCount()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        self._form.addWidget(beside_field(text), row, 0, right)
        if isinstance(field, QWidget):
            self._form.addWidget(field, row, 1)
        else:
            self._form.addLayout(field, row, 1)

    def add_switch(self, preference: str, text: str, explanation: str = "") -> QCheckBox:
        """Add a row for a preference that is on or off, with an explanation below it."""
        box = check(text, on=bool(getattr(self.now, preference)))
        box.toggled.connect(lambda on: self.change(**{preference: on}))
        self.add_row("", column(box, note(explanation), spacing=4) if explanation else box)
        return box


def beside_field(text: str, kind: str = "", *, wraps: bool = False) -> QLabel:
    """Return a label that is level with the text of a field, which has a frame around it."""
    note = label(text, kind, wraps=wraps)
    note.setContentsMargins(0, _FRAME_PX, 0, 0)
    return note


def choice(name: str, texts: Mapping[Any, str], now: Any) -> QComboBox:
    """Return a list of values, each with its text; ``now`` is chosen."""
    box = DropDown()
    box.setAccessibleName(name)
    for value, text in texts.items():
        box.addItem(text, value)
    box.setCurrentIndex(list(texts).index(now) if now in texts else 0)
    return box


def check(text: str, *, on: bool, tip: str = "") -> QCheckBox:
    """Return a switch."""
    box = QCheckBox(text)
    box.setAccessibleName(text)
    box.setToolTip(plain_tip(tip))
    box.setChecked(on)
    return box


def number(name: str, minimum: float, maximum: float, *, decimals: int) -> QDoubleSpinBox:
    """Return a field for a number; the arrow keys change it too."""
    box = QDoubleSpinBox()
    box.setAccessibleName(name)
    box.setRange(minimum, maximum)
    box.setDecimals(decimals)
    box.setFixedWidth(text_px(_NUMBER_WIDTH_PX))
    # The style sheet's padding does not reach the text.
    box.lineEdit().setTextMargins(_NUMBER_MARGIN_PX, 0, _NUMBER_MARGIN_PX, 0)
    return box


def note(text: str = "") -> QLabel:
    """Return a quiet note for below a field."""
    return label(text, "quiet", wraps=True)


def show_message(note: QLabel, text: str, *, problem: bool = False) -> None:
    """Show a sentence, as a problem or quietly; hide it where it is empty."""
    note.setProperty("kind", "problem" if problem else "quiet")
    note.style().polish(note)
    note.setText(text)
    note.setVisible(bool(text))
