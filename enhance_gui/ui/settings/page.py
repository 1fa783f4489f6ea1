"""The base class of the settings' pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.widgets.basics import label, plain_tip

_LABELS_WIDTH_PX: Final = 130
FRAME_PX: Final = 7
"""How far below a field's edge its text begins."""
_NUMBER_WIDTH_PX: Final = 110
_NUMBER_MARGIN_PX: Final = 7


class Page(QScrollArea):
    """A title and a form of rows; scrolls where the window is too small."""

    def __init__(self, title: str, choices: Choices) -> None:
        super().__init__()
        self.title = title
        self.choices = choices
        self.setAccessibleName(title)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Only what is in it takes the keyboard, and is scrolled to.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(28, 20, 28, 20)
        self.body.setSpacing(18)
        self.body.addWidget(label(title, "title"))
        # Not a QFormLayout: it gives texts that wrap more height than they need.
        self._form = QGridLayout()
        self._form.setHorizontalSpacing(20)
        self._form.setVerticalSpacing(16)
        self._form.setColumnMinimumWidth(0, _LABELS_WIDTH_PX)
        self._form.setColumnStretch(1, 1)
        self.body.addLayout(self._form)
        self.body.addStretch(1)
        self.setWidget(inside)

    @property
    def now(self) -> Preferences:
        """The present choices."""
        return self.choices.preferences

    def change(self, **fields: Any) -> None:
        """Choose, and keep the choice."""
        self.choices.change(replace(self.now, **fields))

    def add_intro(self, text: str) -> None:
        """Add a text below the title."""
        self.body.insertWidget(1, note(text))

    def add_row(self, text: str, field: QWidget | QLayout) -> None:
        """Add a row: what it is (perhaps nothing, where it belongs to the row above), a field."""
        row = self._form.rowCount()
        words = label(text)
        # Level with the text of a field, which has a frame around it.
        words.setContentsMargins(0, FRAME_PX, 0, 0)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        self._form.addWidget(words, row, 0, right)
        if isinstance(field, QWidget):
            self._form.addWidget(field, row, 1)
        else:
            self._form.addLayout(field, row, 1)


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
    box.setFixedWidth(_NUMBER_WIDTH_PX)
    # The style sheet's padding does not reach the text.
    box.lineEdit().setTextMargins(_NUMBER_MARGIN_PX, 0, 0, 0)
    return box


def note(text: str = "") -> QLabel:
    """Return a quiet note for below a field."""
    return label(text, "quiet", wraps=True)


def say(words: QLabel, text: str, *, problem: bool = False) -> None:
    """Show a sentence, as a problem or quietly; hide it where it is empty."""
    words.setProperty("kind", "problem" if problem else "quiet")
    words.style().polish(words)
    words.setText(text)
    words.setVisible(bool(text))
