"""The table of enhance types: a line for each, all of it editable in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QToolButton, QWidget

from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.core.services.profile_spec import BLANK, keys_of
from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.ui.services.fields import as_number, mark_problem
from enhance_gui.ui.widgets.basics import button, column, label, row, tool

OUTPUT_TEXTS: Final = {
    Outputs.FACES: mark("Faces"),
    Outputs.VARIANTS: mark("Versions"),
    Outputs.NONE: mark("None"),
}

_KEYS: Final = {key.own_name: key for key in keys_of("enhance_types")}
_TEXTS: Final = tuple(name for name, key in _KEYS.items() if not key.choices)
_WIDTHS_PX: Final = {"id": 76, "cost": 76, "outputs": 116}
_HINTS: Final = {"id": mark("ask"), "cost": "0"}


class TypesTable(QWidget):
    """The editable lines of the types, under one head."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Enhance types"))
        self.lines: list[TypeRow] = []
        """The lines shown, in order."""
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 3)
        self._grid.setColumnStretch(2, 2)
        self._heads: list[QWidget] = []
        for place, key in enumerate(_KEYS.values()):
            head = label(tr(key.label), "quiet")
            head.setToolTip(tr(key.explanation))
            self._grid.addWidget(head, 0, place)
            self._heads.append(head)
        self._none = label(
            tr("None yet. Without one there is nothing to pick when you add pictures."), "quiet"
        )
        self.add = button(tr("Add a type"), tip=tr("One more line"))
        self.add.clicked.connect(self._add_empty)
        layout = column(spacing=10)
        layout.addLayout(self._grid)
        layout.addWidget(self._none)
        layout.addLayout(row(self.add, None))
        self.setLayout(layout)
        self._show_heads()

    def load(self, types: Any) -> None:
        """Show the types of a profile; what is not a list of tables is not shown."""
        while self.lines:
            self._drop(self.lines[-1])
        for each in types if isinstance(types, list) else []:
            if isinstance(each, Mapping):
                self._append(TypeRow(each))
        self._show_heads()

    def values(self) -> list[dict[str, Any]]:
        """Return the types as they would stand in a file."""
        return [line.value() for line in self.lines]

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Show what is wrong.

        :param problems: reasons by key, such as ``enhance_types[0].id``.
        """
        for number, line in enumerate(self.lines):
            line.show_problems(
                {key: problems.get(f"enhance_types[{number}].{key}", "") for key in _KEYS}
            )

    def box_of(self, key: str) -> QWidget | None:
        """Return the box of a key such as ``enhance_types[0].id``."""
        for number, line in enumerate(self.lines):
            name = key.removeprefix(f"enhance_types[{number}].")
            if name != key:
                return line.boxes.get(name)
        return None

    def _add_empty(self) -> None:
        line = TypeRow({"id": self._next_number()})
        self._append(line)
        self._show_heads()
        line.boxes["name"].setFocus()
        self.changed.emit()

    def _next_number(self) -> int:
        """Return 1 for the first type; the provider numbers the others."""
        return 1 if not self.lines else max(map(_number_of, self.lines)) + 1

    def _append(self, line: TypeRow) -> None:
        self.lines.append(line)
        place = self._grid.rowCount()
        for number, key in enumerate(_KEYS):
            self._grid.addWidget(line.boxes[key], place, number)
        self._grid.addWidget(line.remove, place, len(_KEYS))
        self._grid.addWidget(line.problem, place + 1, 0, 1, len(_KEYS))
        line.rename(len(self.lines))
        for key in _TEXTS:
            line.texts[key].textChanged.connect(self.changed)
        line.outputs.currentIndexChanged.connect(lambda _: self.changed.emit())
        line.remove.clicked.connect(lambda: self._remove(line))

    def _remove(self, line: TypeRow) -> None:
        self._drop(line)
        for number, other in enumerate(self.lines, start=1):
            other.rename(number)
        self._show_heads()
        self.add.setFocus()
        self.changed.emit()

    def _drop(self, line: TypeRow) -> None:
        self.lines.remove(line)
        for part in (*line.boxes.values(), line.remove, line.problem):
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()

    def _show_heads(self) -> None:
        for head in self._heads:
            head.setVisible(bool(self.lines))
        self._none.setVisible(not self.lines)


class TypeRow:
    """The boxes of one type."""

    def __init__(self, kind: Mapping[str, Any]) -> None:
        self._kind = dict(kind)
        self.texts = {key: QLineEdit(_text(kind.get(key))) for key in _TEXTS}
        self._loaded = {key: box.text() for key, box in self.texts.items()}
        self.outputs = QComboBox()
        for outputs, words in OUTPUT_TEXTS.items():
            self.outputs.addItem(tr(words), outputs.value)
        wanted = str(kind.get("outputs", Outputs.FACES.value))
        if self.outputs.findData(wanted) < 0:
            self.outputs.addItem(wanted, wanted)  # a mistake in the file, to be shown as one
        self.outputs.setCurrentIndex(self.outputs.findData(wanted))
        self.boxes: dict[str, QWidget] = {**self.texts, "outputs": self.outputs}
        """By key."""
        self.remove: QToolButton = tool("✕", "plain")
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        for key, box in self.boxes.items():
            if key in _WIDTHS_PX:
                box.setFixedWidth(_WIDTHS_PX[key])
        for key, hint in _HINTS.items():
            self.texts[key].setPlaceholderText(tr(hint))
        for text in self.texts.values():
            text.setCursorPosition(0)

    def rename(self, number: int) -> None:
        """Set which line this is, for a screen reader."""
        for key, box in self.boxes.items():
            head = tr(_KEYS[key].label)
            words = tr("{head} of type {count}").format(head=head, count=number)
            box.setAccessibleName(words)
            box.setToolTip(tr(_KEYS[key].explanation))
        self.remove.setAccessibleName(tr("Remove type {count}").format(count=number))
        self.remove.setToolTip(tr("Remove this type"))

    def value(self) -> dict[str, Any]:
        """Return the type as it would stand in a file; what was not touched stays as it was."""
        value: dict[str, Any] = {}
        for key in _TEXTS:
            text = self.texts[key].text()
            if text == self._loaded[key] and key in self._kind:
                value[key] = self._kind[key]
            elif text:
                value[key] = as_number(text) if key in ("id", "cost") else text
        outputs = self.outputs.currentData()
        if outputs != Outputs.FACES.value or "outputs" in self._kind:
            value["outputs"] = outputs
        return value

    def show_problems(self, reasons: Mapping[str, str]) -> None:
        """Show what is wrong, below the line."""
        said = []
        for key, box in self.boxes.items():
            mark_problem(box, bool(reasons[key]))
            box.setAccessibleDescription(reasons[key])
            if reasons[key]:
                head = tr(_KEYS[key].label)
                said.append(f"{head}: {reasons[key]}.")
        self.problem.setText(" ".join(said))
        self.problem.setVisible(bool(said))


def _text(value: Any) -> str:
    return "" if value is None or value == BLANK else str(value)


def _number_of(line: TypeRow) -> int:
    number = as_number(line.texts["id"].text())
    return number if isinstance(number, int) else 0
