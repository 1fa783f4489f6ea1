"""Paints the entries of the strip."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    QSizeF,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.ui.compare.painting import mixed
from enhance_gui.ui.faces.face import FacePictures
from enhance_gui.ui.faces.model import FaceModel, FaceRole
from enhance_gui.ui.faces.thumbnails import Thumbnails

SIDE: Final = 84.0
"""Of the picture of an entry, in Qt's pixels."""
_MARGIN: Final = 8.0
_CAPTION_GAP: Final = 6.0
_RADIUS: Final = 10.0
_LINE_WIDTH: Final = 1.5
_LONGEST: Final = 1.6
"""A crop that is longer than this in one direction is drawn a little softer."""

_Index = QModelIndex | QPersistentModelIndex


class FaceDelegate(QStyledItemDelegate):
    """Paints an entry: left half before, right half after; a name; a frame if it is shown."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        caption = option.fontMetrics.height()
        return QSize(round(SIDE + 2 * _MARGIN), round(SIDE + 2 * _MARGIN + _CAPTION_GAP + caption))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        cell = QRectF(option.rect)
        box = QRectF(cell.center().x() - SIDE / 2, cell.top() + _MARGIN, SIDE, SIDE)
        shape = QPainterPath()
        shape.addRoundedRect(box, _RADIUS, _RADIUS)
        painter.fillPath(shape, _empty(option.palette))
        self._paint_pictures(painter, box, shape, index)
        chosen = bool(index.data(FaceRole.CHOSEN))
        self._paint_frames(painter, box, option, chosen)
        self._paint_caption(painter, box, cell, option, index, chosen)
        painter.restore()

    def _paint_pictures(
        self, painter: QPainter, box: QRectF, shape: QPainterPath, index: _Index
    ) -> None:
        entry = index.data(FaceRole.ENTRY)
        model = index.model()
        if not isinstance(entry, FacePictures):
            _paint_whole(painter, box)
            return
        halves = isinstance(model, FaceModel) and model.kind is Outputs.FACES
        dpr = painter.device().devicePixelRatioF()
        side_px = round(SIDE * dpr * _LONGEST)
        painter.save()
        painter.setClipPath(shape)
        after = self._thumbnails.get(entry.after.path, side_px)
        _paint_covering(painter, box, after)
        if halves and entry.before is not None:
            middle = box.center().x()
            painter.setClipRect(
                QRectF(box.left(), box.top(), SIDE / 2, SIDE), Qt.ClipOperation.IntersectClip
            )
            _paint_covering(painter, box, self._thumbnails.get(entry.before.path, side_px))
            painter.setClipPath(shape)
            painter.setPen(QPen(QColor(255, 255, 255), _LINE_WIDTH))
            painter.drawLine(QPointF(middle, box.top()), QPointF(middle, box.bottom()))
        painter.restore()

    def _paint_frames(
        self, painter: QPainter, box: QRectF, option: QStyleOptionViewItem, chosen: bool
    ) -> None:
        palette = option.palette
        painter.setBrush(Qt.BrushStyle.NoBrush)
        accent = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Highlight)
        if chosen:
            painter.setPen(QPen(accent, 3))
            painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), _RADIUS + 1, _RADIUS + 1)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(mixed(_empty(palette), accent, 0.6), 2))
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        if option.state & QStyle.StateFlag.State_HasFocus:
            ink = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText)
            painter.setPen(QPen(ink, 2))
            painter.drawRoundedRect(box.adjusted(-5, -5, 5, 5), _RADIUS + 4, _RADIUS + 4)

    def _paint_caption(
        self,
        painter: QPainter,
        box: QRectF,
        cell: QRectF,
        option: QStyleOptionViewItem,
        index: _Index,
        chosen: bool,
    ) -> None:
        font = QFont(option.font)
        if chosen:
            font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(
            option.palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText)
        )
        top = box.bottom() + _CAPTION_GAP
        place = QRectF(cell.left(), top, cell.width(), cell.bottom() - top)
        name = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, int(cell.width())
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, name)


def _empty(palette: QPalette) -> QColor:
    window = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Window)
    return mixed(
        window, palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText), 0.1
    )


def _paint_covering(painter: QPainter, box: QRectF, image: QImage | None) -> None:
    """Fill a box with the middle of a picture."""
    if image is None or image.isNull():
        return
    size = QSizeF(image.size()).scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    place = QRectF(box.topLeft(), size)
    place.moveCenter(box.center())
    painter.drawImage(place, image)


def _paint_whole(painter: QPainter, box: QRectF) -> None:
    """Draw a frame with a face in it: back from the faces to the picture."""
    painter.setPen(QPen(painter.pen().color(), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    middle = box.center()
    frame = QRectF(0, 0, SIDE * 0.5, SIDE * 0.4)
    frame.moveCenter(middle)
    painter.drawRoundedRect(frame, 4, 4)
    painter.drawEllipse(middle - QPointF(0, SIDE * 0.05), SIDE * 0.06, SIDE * 0.06)
    shoulders = QRectF(middle.x() - SIDE * 0.12, middle.y() + SIDE * 0.05, SIDE * 0.24, SIDE * 0.3)
    painter.drawArc(shoulders, 0, 180 * 16)
