"""Faces or variants of a result, side by side under the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QListView, QSizePolicy, QVBoxLayout, QWidget

from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.faces import texts
from enhance_gui.ui.faces.delegate import FaceDelegate
from enhance_gui.ui.faces.face import WHOLE, FacePictures
from enhance_gui.ui.faces.model import FaceModel
from enhance_gui.ui.faces.thumbnails import Thumbnails
from enhance_gui.ui.widgets.basics import button, row

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
        self._model = FaceModel(self)
        self._thumbnails = Thumbnails(self)
        self._list = _Entries(self._model, FaceDelegate(self._thumbnails, self))
        self._thumbnails.arrived.connect(self._list.viewport().update)
        self._list.wanted.connect(self._want)
        self._save_one = button("")
        self._save_one.clicked.connect(lambda: self.save_one.emit(self._model.chosen))
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
        self._model.set_faces(faces, kind, whole)
        name = tr(texts.STRIP_NAMES.get(kind, ""))
        self.setAccessibleName(name)
        self._list.setAccessibleName(name)
        self._list.setAccessibleDescription(tr(texts.STRIP_HINTS.get(kind, "")))
        self._save_one.setText(tr(texts.SAVE_ONE.get(kind, "")))
        self._save_all.setText(tr(texts.SAVE_ALL.get(kind, "")))
        self._list.setCurrentIndex(self._model.index_of(self._model.chosen))
        self._follow()

    @property
    def chosen_number(self) -> int:
        """The number that is shown as chosen; 0: the whole picture."""
        return self._model.chosen

    def choose(self, number: int) -> None:
        """Show another one as chosen, without the signal."""
        self._model.choose(number)
        index = self._model.index_of(number)
        if index.isValid():
            self._list.setCurrentIndex(index)
            self._list.scrollTo(index)
        self._follow()

    @property
    def busy(self) -> bool:
        """Whether a small picture is being loaded."""
        return self._thumbnails.busy

    def _want(self, number: int) -> None:
        self.choose(number)
        self.chosen.emit(number)

    def _follow(self) -> None:
        faces = self._model.faces
        self._save_one.setVisible(faces > 0)
        self._save_one.setEnabled(self._model.chosen != WHOLE)
        self._save_all.setVisible(faces > 1)


class _Entries(QListView):
    """One row that scrolls; click, Enter or Space choose, arrows only go there."""

    wanted = Signal(int)

    def __init__(self, model: FaceModel, delegate: FaceDelegate) -> None:
        super().__init__()
        self._faces = model
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.clicked.connect(self._choose)
        self.horizontalScrollBar().setStyleSheet(_THIN_BAR)
        model.modelReset.connect(self._fit_height)
        self.setFixedHeight(_USUAL_HEIGHT)

    def _fit_height(self) -> None:
        entry = self.sizeHintForIndex(self._faces.index(0)).height()
        bar = self.horizontalScrollBar().sizeHint().height()
        if entry > 0:
            self.setFixedHeight(entry + bar)

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
        if event.key() in _CHOOSE and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        self.wanted.emit(self._faces.number_at(index))
