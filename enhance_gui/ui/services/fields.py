"""Fields of a service profile: each shows what it is, and what is wrong with its value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QPlainTextEdit, QWidget

from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.core.services.other_names import IN_BODY, IN_HEADER
from enhance_gui.core.services.profile import usual_values
from enhance_gui.core.services.profile_key import BLANK, Key, Kind
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.core.text.joining import ended, sentences
from enhance_gui.ui.settings.page import show_message
from enhance_gui.ui.widgets.basics import DropDown, holder, label, line_edit
from enhance_gui.ui.widgets.fitting import text_px

_LABEL_WIDTH_PX: Final = 168

_NAMED_LINES: Final = 3
"""Of names and values, that are in sight at a time."""

_JSON_VALUE: Final = re.compile(r'true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?|".*"')

_USUAL: Final = usual_values()

_CHOICE_TEXTS: Final[Mapping[str, str]] = {
    "json": N_("JSON in the body"),
    "form": N_("Form in the body"),
    "query": N_("In the address (query)"),
    IN_HEADER: N_("In a header"),
    IN_BODY: N_("Among the fields of the body"),
    Outputs.FACES: N_("Faces"),
    Outputs.VARIANTS: N_("Versions"),
    Outputs.NONE: N_("None"),
}
"""What people call a choice, where they call it otherwise than a file."""


class Field(QObject):
    """The box of one key of a profile: its value, and what is wrong with it."""

    changed = Signal()
    problem_shown = Signal(str)

    def __init__(self, key: Key, box: QWidget) -> None:
        super().__init__(box)
        self.key = key
        self.box = box
        """The widget that takes the keyboard focus."""
        self.problem = ""
        """What is wrong with the value; empty: nothing."""
        self._raw: Any = None
        self._loaded: Any = None
        self._usual = _USUAL.get(key.name)
        self._explanation = tr(key.explanation)
        box.setAccessibleName(tr(key.label))
        box.setAccessibleDescription(self._explanation)

    def labelled(self) -> QWidget:
        """Return the box with its name, what it is, and what is wrong."""
        title = label(tr(self.key.label), wraps=True)
        title.setFixedWidth(text_px(_LABEL_WIDTH_PX))
        title.setBuddy(self.box)
        problem = label("", "problem", wraps=True)
        problem.hide()
        self.problem_shown.connect(lambda reason: show_message(problem, reason, problem=True))
        layout = QGridLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(16)
        layout.setVerticalSpacing(3)
        layout.setColumnStretch(1, 1)
        layout.addWidget(title, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.box, 0, 1)
        layout.addWidget(problem, 1, 1)
        layout.addWidget(label(self._explanation, "quiet", wraps=True), 2, 1)
        made = holder(layout)
        made.setAccessibleName(title.text())
        return made

    def show_problem(self, reason: str) -> None:
        """Show what is wrong with the value; empty: nothing."""
        if reason != self.problem:
            self.problem = reason
            text = f"{reason[:1].upper()}{reason[1:]}"
            self.box.setAccessibleDescription(sentences(ended(text), self._explanation))
            mark_problem(self.box, bool(text))
            self.problem_shown.emit(text)

    def load(self, data: Mapping[str, Any]) -> None:
        """Show the key's value; where there is none, the default holds."""
        self._raw = data
        for part in self.key.name.split("."):
            self._raw = self._raw.get(part) if isinstance(self._raw, Mapping) else None
        self._show("" if self._raw == BLANK else self._raw)
        self._loaded = self._shown()

    def store(self, data: MutableMapping[str, Any]) -> None:
        """Write the value where the key belongs; nothing for the default."""
        # What was not touched stays what it was, a blank or a mistake included.
        value = self._raw if self._shown() == self._loaded else self._shown()
        if value is None:
            return
        *tables, last = self.key.name.split(".")
        for table in tables:
            data = data.setdefault(table, {})
        data[last] = value

    def _show(self, value: Any) -> None:
        raise NotImplementedError

    def _shown(self) -> Any:
        """Return the value in the box, as it would stand in a file; ``None``: the default."""
        raise NotImplementedError


class TextField(Field):
    """A text, a number or a list; while it is empty, the default or an example is shown pale."""

    def __init__(self, key: Key) -> None:
        self.line = line_edit(literal=True)
        super().__init__(key, self.line)
        self.line.setPlaceholderText(_text(self._usual) or key.example)
        self.line.textChanged.connect(self.changed)

    def list_number(self, number: int, listed: bool) -> None:
        """Put a number into the list, or take it out."""
        parts = _parts(self.line.text())
        if (str(number) in parts) != listed:
            others = [part for part in parts if part != str(number)]
            self.line.setText(", ".join([*others, str(number)] if listed else others))

    def _show(self, value: Any) -> None:
        misfit = self.key.kind in (Kind.TEXTS, Kind.NUMBERS) and not isinstance(value, list)
        self.line.setText("" if misfit else _text(value))
        self.line.setCursorPosition(0)

    def _shown(self) -> Any:
        value = _READ.get(self.key.kind, str)(self.line.text())
        return None if value in ("", []) else value


class ChoiceField(Field):
    """One of a few texts."""

    def __init__(self, key: Key) -> None:
        self.list = DropDown()
        for choice in key.choices:
            text = _CHOICE_TEXTS.get(choice)
            self.list.addItem(tr(text) if text else choice, choice)
        super().__init__(key, self.list)
        self.list.currentIndexChanged.connect(lambda _: self.changed.emit())

    def _show(self, value: Any) -> None:
        text = _text(self._usual if value is None else value)
        if self.list.findData(text) < 0:
            self.list.addItem(text, text)  # a mistake in the file, to be shown as one
        self.list.setCurrentIndex(self.list.findData(text))

    def _shown(self) -> Any:
        text = self.list.currentData()
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


class NamedField(Field):
    """Names with a value each, one a line."""

    def __init__(self, key: Key) -> None:
        self.lines = QPlainTextEdit()
        super().__init__(key, self.lines)
        self.lines.setPlaceholderText(key.example)
        self.lines.setTabChangesFocus(True)
        self.lines.setFixedHeight(_NAMED_LINES * self.lines.fontMetrics().lineSpacing() + 20)
        self.lines.textChanged.connect(self.changed)

    def _show(self, value: Any) -> None:
        pairs = value.items() if isinstance(value, Mapping) else ()
        self.lines.setPlainText("\n".join(f"{name}: {self._text(each)}" for name, each in pairs))

    def _shown(self) -> Any:
        text = self.lines.toPlainText()
        pairs: dict[str, Any] = {}
        for line in filter(str.strip, text.splitlines()):
            name, colon, value = (part.strip() for part in line.partition(":"))
            if not colon or name in pairs:
                return text  # which is no table: the check says so
            pairs[name] = self._value(value)
        return pairs or None

    def _value(self, text: str) -> Any:
        """Return a value as it stands in a line: ``7`` is a number, ``"7"`` a text."""
        if self.key.kind is Kind.NAMED_VALUES and _JSON_VALUE.fullmatch(text):
            with suppress(ValueError):
                return json.loads(text)
        return text

    def _text(self, value: Any) -> str:
        is_plain = isinstance(value, str) and self._value(value) == value == value.strip()
        return value if is_plain else json.dumps(value, ensure_ascii=False)


def field_of(key: Key) -> Field:
    """Make the field of a key."""
    if key.choices:
        return ChoiceField(key)
    if key.kind.has_own_names:
        return NamedField(key)
    return FlagField(key) if key.kind is Kind.FLAG else TextField(key)


def as_number(text: str) -> Any:
    """Return a number, or the text where it is none: the check refuses it; ``None`` for nothing."""
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
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[,;\s]+", text.strip()) if part]


_READ: Final[Mapping[Kind, Callable[[str], Any]]] = {
    Kind.NUMBER: as_number,
    Kind.WHOLE: as_number,
    Kind.TEXTS: _parts,
    Kind.NUMBERS: lambda text: list(map(as_number, _parts(text))),
}
"""What a text in a box stands for; that of any other kind for itself."""
