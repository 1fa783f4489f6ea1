"""Paints the entries of the strip."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
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
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from enhance_gui.ui.widgets.colours import mixed
from enhance_gui.ui.widgets.fitting import text_px
from enhance_gui.ui.widgets.thumbnails import Thumbnails
from enhance_gui.ui.widgets.tiles import TileSpec

SIDE: Final = 84.0
"""Of the picture of an entry, in Qt's pixels."""
_MARGIN: Final = 8.0
_CAPTION_GAP: Final = 6.0
_RADIUS: Final = 10.0
_LINE_WIDTH: Final = 1.5

_Index = QModelIndex | QPersistentModelIndex


class FaceRole(IntEnum):
    """The data roles of an entry."""

    NUMBER = Qt.ItemDataRole.UserRole
    PATHS = Qt.ItemDataRole.UserRole + 1
    """The files after and before; without the latter, all of it shows the former.
    ``None`` where there is no picture to show."""
    CHOSEN = Qt.ItemDataRole.UserRole + 2
    """Whether it is what the comparison shows."""


class FaceDelegate(QStyledItemDelegate):
    """Paints an entry: left half before, right half after; a name; a frame if it is shown."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        metrics = QFontMetrics(_strong(option.font))
        widest = text_px(round(2 * SIDE))
        caption = min(metrics.horizontalAdvance(str(index.data())) + _CAPTION_GAP, widest)
        width = max(SIDE + 2 * _MARGIN, caption)
        return QSize(round(width), round(SIDE + 2 * _MARGIN + _CAPTION_GAP + metrics.height()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        cell = QRectF(option.rect)
        box = QRectF(cell.center().x() - SIDE / 2, cell.top() + _MARGIN, SIDE, SIDE)
        ground = QPainterPath()
        ground.addRoundedRect(box, _RADIUS, _RADIUS)
        painter.fillPath(ground, _empty(option.palette))
        self._paint_pictures(painter, box, index)
        chosen = bool(index.data(FaceRole.CHOSEN))
        self._paint_frames(painter, box, option, chosen)
        self._paint_caption(painter, box, cell, option, index, chosen)
        painter.restore()

    def _paint_pictures(self, painter: QPainter, box: QRectF, index: _Index) -> None:
        paths = index.data(FaceRole.PATHS)
        if paths is None:
            _paint_whole(painter, box)
            return
        after, before = paths
        self._paint_tile(painter, box, after, 1)
        if before is not None:
            self._paint_tile(painter, box, before, 0.5)
            middle = box.center().x()
            painter.setPen(QPen(QColor(255, 255, 255), _LINE_WIDTH))
            painter.drawLine(QPointF(middle, box.top()), QPointF(middle, box.bottom()))

    def _paint_tile(self, painter: QPainter, box: QRectF, path: Path, share: float) -> None:
        """Paint a picture, or its left part: so much of its width."""
        ratio = painter.device().devicePixelRatioF()
        side_px = round(SIDE * ratio)
        tile = self._thumbnails.tile(TileSpec(path, side_px, side_px, round(_RADIUS * ratio)))
        if tile is not None:
            part = QRectF(0, 0, side_px * share, side_px)
            painter.drawPixmap(QRectF(box.topLeft(), QSizeF(SIDE * share, SIDE)), tile, part)

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
        painter.setFont(_strong(option.font) if chosen else option.font)
        painter.setPen(
            option.palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText)
        )
        top = box.bottom() + _CAPTION_GAP
        place = QRectF(cell.left(), top, cell.width(), cell.bottom() - top)
        name = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, int(cell.width())
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, name)


def _strong(font: QFont) -> QFont:
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    return strong


def _empty(palette: QPalette) -> QColor:
    window = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Window)
    return mixed(
        window, palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText), 0.1
    )


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
