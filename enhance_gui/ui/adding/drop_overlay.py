"""Covers the window during a drag and shows how many pictures a drop would add."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from enhance_gui.core.images.inputs.drop_data import NOTHING, Dropped
from enhance_gui.core.images.inputs.input_files import is_folder
from enhance_gui.core.text.i18n import number, plural, tr
from enhance_gui.core.text.joining import ended, sentences
from enhance_gui.ui.widgets.fitting import text_px

_MARGIN_PX: Final = 24
_RADIUS_PX: Final = 18


class DropOverlay(QWidget):
    """Covers its parent; shown only while dragging."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(tr("Drop area"))
        self._title = ""
        self._line = ""
        self.hide()

    def show_for(self, title: str, line: str) -> None:
        """Cover the parent and show what a drop would do."""
        self._title, self._line = title, line
        self.setAccessibleDescription(sentences(ended(title), line))
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(self.palette().color(QPalette.ColorRole.Window))
        veil.setAlphaF(0.93)
        painter.fillRect(self.rect(), veil)
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(accent, 3, Qt.PenStyle.DashLine))
        box = QRectF(self.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
        painter.drawRoundedRect(box, _RADIUS_PX, _RADIUS_PX)
        self._write(painter)

    def _write(self, painter: QPainter) -> None:
        font = painter.font()
        font.setPixelSize(text_px(28))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        middle = self.height() // 2
        wide = self.rect().adjusted(2 * _MARGIN_PX, 0, -2 * _MARGIN_PX, 0)
        above = QRect(wide.left(), middle - text_px(60), wide.width(), text_px(54))
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, self._title)
        font.setPixelSize(text_px(16))
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        below = QRect(wide.left(), middle + 4, wide.width(), text_px(64))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(below, int(flags), self._line)


def paths_in(found: Dropped) -> list[Path]:
    """Return the paths dragged over the window that may be folders."""
    if found.from_text or found.is_cut:
        return []
    return [path for input_ in found.inputs if (path := Path(input_)).is_absolute()]


def folder_count(paths: Sequence[Path]) -> int:
    """Count the folders.

    Asks the file system, which may lead to another computer: to be called off the UI thread.
    """
    return sum(map(is_folder, paths))


def drop_title(found: Dropped, *, may_be_picture: bool, folders: int = 0) -> str:
    """Return the title: how many things are dragged over the window.

    :param folders: how many of them are folders, as far as that is known.
    """
    if not found.inputs and not (may_be_picture or found.picture):
        return tr("Nothing to enhance here")
    if found.is_cut:
        return tr("Drop the pictures")
    if folders and folders == len(found.inputs):
        text = plural("Drop the folder", "Drop {count} folders", folders)
        return text.format(count=number(folders))
    count = len(found.inputs) or 1
    return plural("Drop the picture", "Drop {count} pictures", count).format(count=number(count))


def drop_line(found: Dropped, order: str, *, may_be_picture: bool) -> str:
    """Return the line below the title: what becomes of them."""
    if found.is_empty and not may_be_picture:
        return found.problem or tr(NOTHING)
    return order
