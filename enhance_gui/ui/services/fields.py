"""Fields of a service profile: each shows what it is, and what is wrong with its value."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from enhance_gui.core.services.profile import usual_values
from enhance_gui.core.services.profile_spec import BLANK, KEYS, Key, Kind
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.widgets.basics import label

LABEL_WIDTH_PX: Final = 168

_USUAL: Final = usual_values()


class Field(QWidget):
    """One key of a profile: its name, a box for the value, what it is, what is wrong."""

    changed = Signal()

    def __init__(self, key: Key, box: QWidget) -> None:
        super().__init__()
        self.key = key.name
        """The key as :class:`ProfileInvalid` names it."""
        self.box = box
        """The widget that takes the keyboard focus."""
        self._raw: Any = None
        self._loaded: Any = None
        self._usual = _USUAL.get(key.name)
        self._explanation = tr(key.explanation)
        name = tr(key.label)
        self.setAccessibleName(name)
        box.setAccessibleName(name)
        box.setAccessibleDescription(self._explanation)
        self.setFocusProxy(box)
        title = label(name, wraps=True)
        title.setFixedWidth(LABEL_WIDTH_PX)
        title.setBuddy(box)
        self._problem = label("", "problem", wraps=True)
        self._problem.hide()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(16)
        layout.setVerticalSpacing(3)
        layout.setColumnStretch(1, 1)
        layout.addWidget(title, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(box, 0, 1)
        layout.addWidget(self._problem, 1, 1)
        layout.addWidget(label(self._explanation, "quiet", wraps=True), 2, 1)

    @property
    def problem(self) -> str:
        """What is wrong with the value; empty: nothing."""
        return self._problem.text()

    def show_problem(self, reason: str) -> None:
        """Show what is wrong with the value; empty: nothing."""
        reason = f"{reason[:1].upper()}{reason[1:]}"
        if reason != self._problem.text():
            self._problem.setText(reason)
            self._problem.setVisible(bool(reason))
            said = f"{reason}. {self._explanation}" if reason else self._explanation
            self.box.setAccessibleDescription(said)
            mark_problem(self.box, bool(reason))

    def load(self, data: MutableMapping[str, Any]) -> None:
        """Show the key's value; where there is none, the default holds."""
        self._raw = _dug(data, self.key)
        self._show("" if self._raw == BLANK else self._raw)
        self._loaded = self._shown()

    def store(self, data: MutableMapping[str, Any]) -> None:
        """Write the value where the key belongs; nothing for the default."""
        # What was not touched stays what it was, a blank or a mistake included.
        value = self._raw if self._shown() == self._loaded else self._shown()
        if value is None:
            return
        *tables, last = self.key.split(".")
        for table in tables:
            data = data.setdefault(table, {})
        data[last] = value

    def _show(self, value: Any) -> None:
        raise NotImplementedError

    def _shown(self) -> Any:
        """Return the value in the box, as it would stand in a file; ``None``: the default."""
        raise NotImplementedError


class TextField(Field):
    """A text; the default, or an example, is shown pale while the box is empty."""

    def __init__(self, key: Key) -> None:
        self.line = QLineEdit()
        super().__init__(key, self.line)
        self.line.setPlaceholderText(_text(self._usual) or key.example)
        self.line.textChanged.connect(self.changed)

    def _show(self, value: Any) -> None:
        self.line.setText(_text(value))
        self.line.setCursorPosition(0)

    def _shown(self) -> Any:
        return self.line.text() or None


class NumberField(TextField):
    """A number; other text is passed on as it is, for the check to refuse it."""

    def _shown(self) -> Any:
        return as_number(self.line.text())


class ListField(TextField):
    """A list of texts with commas between them."""

    def _show(self, value: Any) -> None:
        super()._show(value if isinstance(value, list) else "")

    def _shown(self) -> Any:
        return _parts(self.line.text()) or None


class NumbersField(ListField):
    """A list of whole numbers with commas between them."""

    def _shown(self) -> Any:
        return [as_number(part) for part in _parts(self.line.text())] or None

    def add_number(self, number: int) -> None:
        """Append a number, unless it is there."""
        parts = _parts(self.line.text())
        if str(number) not in parts:
            self.line.setText(", ".join([*parts, str(number)]))

    def remove_number(self, number: int) -> None:
        """Take a number out."""
        parts = _parts(self.line.text())
        if str(number) in parts:
            self.line.setText(", ".join(part for part in parts if part != str(number)))


class ChoiceField(Field):
    """One of a few texts."""

    def __init__(self, key: Key) -> None:
        self.list = QComboBox()
        self.list.addItems(list(key.choices))
        super().__init__(key, self.list)
        self.list.currentTextChanged.connect(lambda _: self.changed.emit())

    def _show(self, value: Any) -> None:
        text = _text(self._usual if value is None else value)
        if self.list.findText(text) < 0:
            self.list.addItem(text)  # a mistake in the file, to be shown as one
        self.list.setCurrentText(text)

    def _shown(self) -> Any:
        text = self.list.currentText()
        return None if text == self._usual else text


class FlagField(Field):
    """Yes or no."""

    def __init__(self, key: Key) -> None:
        self.check = QCheckBox(tr("Yes"))
        super().__init__(key, self.check)
        self.check.toggled.connect(self.changed)

    def _show(self, value: Any) -> None:
        self.check.setChecked(value if isinstance(value, bool) else bool(self._usual))

    def _shown(self) -> Any:
        on = self.check.isChecked()
        return None if on == self._usual else on


_FIELDS: Final[dict[Kind, type[TextField | FlagField]]] = {
    Kind.TEXT: TextField,
    Kind.FLAG: FlagField,
    Kind.NUMBER: NumberField,
    Kind.WHOLE: NumberField,
    Kind.TEXTS: ListField,
    Kind.NUMBERS: NumbersField,
}


def field_of(name: str) -> Field:
    """Make the field of a key."""
    key = KEYS[name]
    return ChoiceField(key) if key.choices else _FIELDS[key.kind](key)


def as_number(text: str) -> Any:
    """Return a number, or the text where it is none; ``None`` for nothing."""
    text = text.strip().replace("_", "")
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text or None


def mark_problem(box: QWidget, wrong: bool) -> None:
    """Mark a box as wrong, for the style sheet."""
    if bool(box.property("wrong")) == wrong:
        return
    box.setProperty("wrong", wrong)
    box.style().unpolish(box)
    box.style().polish(box)


def _text(value: Any) -> str:
    """Return a value as it stands in a box."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[,;\s]+", text.strip()) if part]


def _dug(data: Any, key: str) -> Any:
    for part in key.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data
