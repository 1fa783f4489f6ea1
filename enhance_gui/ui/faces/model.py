"""The item model of the strip."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.ui.faces import texts
from enhance_gui.ui.faces.face import WHOLE, FacePictures
from enhance_gui.ui.widgets.basics import plain_tip

_Index = QModelIndex | QPersistentModelIndex


class FaceRole(IntEnum):
    """The data roles of an entry."""

    ENTRY = Qt.ItemDataRole.UserRole
    """Its :class:`FacePictures`; ``None`` where there is no picture to show."""
    CHOSEN = Qt.ItemDataRole.UserRole + 1
    """Whether it is what the comparison shows."""


class FaceModel(QAbstractListModel):
    """The whole picture where there is one to go back to, then the faces or variants."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._numbers: list[int] = []
        self._pictures: dict[int, FacePictures] = {}
        self.kind = Outputs.FACES
        self.chosen = WHOLE
        """The number that the comparison shows."""

    def set_faces(
        self, faces: Sequence[FacePictures], kind: Outputs, whole: FacePictures | None
    ) -> None:
        self.beginResetModel()
        self.kind = kind
        self._pictures = {face.number: face for face in faces}
        if whole is not None:
            self._pictures[WHOLE] = whole
        back = [WHOLE] if faces and (kind is Outputs.FACES or whole is not None) else []
        self._numbers = [*back, *(face.number for face in faces if face.number != WHOLE)]
        self.chosen = self._numbers[0] if self._numbers else WHOLE
        self.endResetModel()

    def choose(self, number: int) -> None:
        """Mark what the comparison shows."""
        if number in self._numbers and number != self.chosen:
            self.chosen = number
            self.dataChanged.emit(self.index(0), self.index(len(self._numbers) - 1))

    def number_at(self, index: _Index) -> int:
        return self._numbers[index.row()]

    def index_of(self, number: int) -> QModelIndex:
        """Return the index of a number; invalid where there is no such number."""
        if number not in self._numbers:
            return QModelIndex()
        return self.index(self._numbers.index(number))

    @property
    def faces(self) -> int:
        """How many there are beside the whole picture."""
        return sum(number != WHOLE for number in self._numbers)

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._numbers)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        number = self._numbers[index.row()]
        chosen = number == self.chosen
        if role == FaceRole.ENTRY:
            return self._pictures.get(number)
        if role == FaceRole.CHOSEN:
            return chosen
        if role == Qt.ItemDataRole.DisplayRole:
            return self._name(number)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._name(number))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return texts.entry_in_full(self._name(number), chosen)
        return None

    def _name(self, number: int) -> str:
        if number == WHOLE or self.kind is Outputs.FACES:
            return texts.entry_name(number, self.kind)
        return self._pictures[number].after.label
