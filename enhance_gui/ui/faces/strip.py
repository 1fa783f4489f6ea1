"""Faces or variants of a result, side by side under the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.faces import texts
from enhance_gui.ui.faces.delegate import FaceDelegate, FaceRole
from enhance_gui.ui.faces.face import WHOLE, FacePictures
from enhance_gui.ui.widgets.basics import button, plain_tip, row
from enhance_gui.ui.widgets.thumbnails import Thumbnails

_AROUND: Final = 10
_USUAL_HEIGHT: Final = 130
_THIN_BAR: Final = """
QScrollBar:horizontal { height: 8px; background: transparent; border: none; margin: 0; }
QScrollBar::handle:horizontal {
    background: palette(mid); border-radius: 3px; min-width: 40px; margin: 1px;
}
QScrollBar::handle:horizontal:hover { background: palette(dark); }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""
_CHOOSE: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Select)


class FaceStrip(QWidget):
    """A row of small pictures; one of them is what the comparison shows."""

    chosen = Signal(int)
    """The user wants to see this face or variant; 0: the whole picture."""
    save_one = Signal(int)
    save_all = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = Thumbnails(self)
        self._list = _Entries(FaceDelegate(self._thumbnails, self))
        self._thumbnails.ready.connect(self._list.viewport().update)
        self._list.wanted.connect(self._want)
        self._save_one = button("")
        self._save_one.clicked.connect(lambda: self.save_one.emit(self._list.chosen))
        self._save_all = button("")
        self._save_all.clicked.connect(self.save_all)
        buttons = QVBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._save_one)
        buttons.addWidget(self._save_all)
        buttons.addStretch(1)
        layout = row(self._list, spacing=_AROUND)
        layout.addLayout(buttons)
        layout.setContentsMargins(_AROUND, 2, 2 * _AROUND, 4)
        self.setLayout(layout)
        self.setFocusProxy(self._list)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_faces((), Outputs.FACES)

    def set_faces(
        self, faces: Sequence[FacePictures], kind: Outputs, whole: FacePictures | None = None
    ) -> None:
        """Show faces or variants; the first entry is shown as chosen.

        :param whole: what stands for the whole picture. Faces have that entry in any case,
            variants only with it.
        """
        self._thumbnails.want(())
        self._list.set_faces(faces, kind, whole)
        name = tr(texts.STRIP_NAMES.get(kind, ""))
        self.setAccessibleName(name)
        self._list.setAccessibleName(name)
        self._list.setAccessibleDescription(tr(texts.STRIP_HINTS.get(kind, "")))
        self._save_one.setText(tr(texts.SAVE_ONE.get(kind, "")))
        self._save_all.setText(tr(texts.SAVE_ALL.get(kind, "")))
        self._follow()

    @property
    def chosen_number(self) -> int:
        """The number that is shown as chosen; 0: the whole picture."""
        return self._list.chosen

    def choose(self, number: int) -> None:
        """Show another one as chosen, without the signal."""
        self._list.choose(number)
        self._follow()

    @property
    def busy(self) -> bool:
        """Whether a small picture is being loaded."""
        return self._thumbnails.busy

    def _want(self, number: int) -> None:
        self.choose(number)
        self.chosen.emit(number)

    def _follow(self) -> None:
        faces = self._list.faces
        self._save_one.setVisible(faces > 0)
        self._save_one.setEnabled(self._list.chosen != WHOLE)
        self._save_all.setVisible(faces > 1)


class _Entries(QListWidget):
    """One row that scrolls: the whole picture where there is one to go back to, then the others.

    Click, Enter or Space choose, arrows only go there.
    """

    wanted = Signal(int)

    def __init__(self, delegate: FaceDelegate) -> None:
        super().__init__()
        self.chosen = WHOLE
        """The number that the comparison shows."""
        self.faces = 0
        """How many there are beside the whole picture."""
        self.setItemDelegate(delegate)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.itemClicked.connect(self._choose)
        self.horizontalScrollBar().setStyleSheet(_THIN_BAR)
        self.setFixedHeight(_USUAL_HEIGHT)

    def set_faces(
        self, faces: Sequence[FacePictures], kind: Outputs, whole: FacePictures | None
    ) -> None:
        self.clear()
        self.chosen = WHOLE
        self.faces = sum(face.number != WHOLE for face in faces)
        if not faces:
            return
        if kind is Outputs.FACES or whole is not None:
            self._add(WHOLE, whole, kind)
        for face in faces:
            if face.number != WHOLE:
                self._add(face.number, face, kind)
        self.choose(self.item(0).data(FaceRole.NUMBER))
        entry = self.sizeHintForIndex(self.currentIndex()).height()
        self.setFixedHeight(entry + self.horizontalScrollBar().sizeHint().height())

    def choose(self, number: int) -> None:
        """Go to an entry and mark it, if there is one of the number."""
        entries = {
            entry.data(FaceRole.NUMBER): entry for entry in map(self.item, range(self.count()))
        }
        if number not in entries:
            return
        self.chosen = number
        for each, entry in entries.items():
            entry.setData(FaceRole.CHOSEN, each == number)
            text = texts.entry_in_full(entry.text(), each == number)
            entry.setData(Qt.ItemDataRole.AccessibleTextRole, text)
        self.setCurrentItem(entries[number])
        self.scrollToItem(entries[number])

    def _add(self, number: int, pictures: FacePictures | None, kind: Outputs) -> None:
        if pictures is None or number == WHOLE or kind is Outputs.FACES:
            name = texts.entry_name(number, kind)
        else:
            name = pictures.after.label
        entry = QListWidgetItem(name, self)
        entry.setToolTip(plain_tip(name))
        entry.setData(FaceRole.NUMBER, number)
        if pictures is not None:
            before = pictures.before if kind is Outputs.FACES else None
            paths = (pictures.after.path, None if before is None else before.path)
            entry.setData(FaceRole.PATHS, paths)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel scrolls down; here that is to the right."""
        turned = event.angleDelta()
        if abs(turned.y()) > abs(turned.x()):
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - turned.y())
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _CHOOSE and self.currentItem() is not None:
            self._choose(self.currentItem())
        else:
            super().keyPressEvent(event)

    def _choose(self, entry: QListWidgetItem) -> None:
        self.wanted.emit(entry.data(FaceRole.NUMBER))
