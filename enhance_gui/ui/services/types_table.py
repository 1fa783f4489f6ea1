"""The table of enhance types: a line for each, all of it editable in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from enhance_gui.core.services.profile_spec import keys_of
from enhance_gui.core.text.i18n import tr
from enhance_gui.core.text.joining import ended, sentences, titled
from enhance_gui.ui.services.fields import Field, as_number, field_of
from enhance_gui.ui.settings.page import show_message
from enhance_gui.ui.widgets.basics import button, column, label, row, tool
from enhance_gui.ui.widgets.fitting import text_px

_KEYS: Final = {key.own_name: key for key in keys_of("enhance_types")}
_WIDTHS_PX: Final = {"id": 76, "cost": 76, "outputs": 116}


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
        self.setLayout(column(self._grid, self._none, row(self.add, None), spacing=10))
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

    def fields(self) -> dict[str, Field]:
        """Return the fields by key, such as ``enhance_types[0].id``."""
        return {
            f"enhance_types[{number}].{name}": field
            for number, line in enumerate(self.lines)
            for name, field in line.fields.items()
        }

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
        for field in line.fields.values():
            field.changed.connect(self.changed)
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
        self.fields = {name: field_of(key) for name, key in _KEYS.items()}
        """By key."""
        self.boxes = {name: field.box for name, field in self.fields.items()}
        self.texts = {key: box for key, box in self.boxes.items() if isinstance(box, QLineEdit)}
        self.remove = tool("✕", "plain")
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        for field in self.fields.values():
            field.load({"enhance_types": kind})
            field.problem_shown.connect(self._show_problems)
        for key, width_px in _WIDTHS_PX.items():
            self.boxes[key].setFixedWidth(text_px(width_px))
        self.texts["id"].setPlaceholderText(tr("ask"))

    def rename(self, number: int) -> None:
        """Set which line this is, for a screen reader."""
        for key, box in self.boxes.items():
            head = tr(_KEYS[key].label)
            text = tr("{head} of type {count}").format(head=head, count=number)
            box.setAccessibleName(text)
            box.setToolTip(tr(_KEYS[key].explanation))
        self.remove.setAccessibleName(tr("Remove type {count}").format(count=number))
        self.remove.setToolTip(tr("Remove this type"))

    def value(self) -> dict[str, Any]:
        """Return the type as it would stand in a file."""
        data: dict[str, Any] = {"enhance_types": {}}
        for field in self.fields.values():
            field.store(data)
        return dict(data["enhance_types"])

    def _show_problems(self) -> None:
        """Show what is wrong, below the line."""
        wrong = [field for field in self.fields.values() if field.problem]
        problems = [titled(tr(field.key.label), ended(field.problem)) for field in wrong]
        show_message(self.problem, sentences(*problems), problem=True)


def _number_of(line: TypeRow) -> int:
    number = as_number(line.texts["id"].text())
    return number if isinstance(number, int) else 0
