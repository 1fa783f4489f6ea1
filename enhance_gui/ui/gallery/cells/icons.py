"""Small signs, each with a shape of its own: no state is told by colour alone."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from enhance_gui.core.tasks.task import TaskState
from enhance_gui.ui.gallery.item import Group, Item

_SIDE: Final = 16.0
"""The signs are drawn on a square of this many units."""


class StateIcon(Enum):
    CHECKING = "checking"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    NEEDS_YOU = "needs_you"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROWS = "rows"
    GRID = "grid"
    PICTURE = "picture"


_OF_GROUP: Final = {group: StateIcon(group.value) for group in Group}


def icon_of_group(group: Group) -> StateIcon:
    return _OF_GROUP[group]


def icon_of(item: Item) -> StateIcon:
    """Return the sign of an entry: that of its group, with one apart for what was taken back."""
    if item.task.state in (TaskState.CANCELLED, TaskState.WRITTEN_OFF):
        return StateIcon.CANCELLED
    return _OF_GROUP[item.group]


def draw_state_icon(
    painter: QPainter, box: QRectF, icon: StateIcon, colour: QColor, paper: QColor
) -> None:
    """Draw a sign.

    :param paper: what it stands on; filled signs are cut with it.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / _SIDE, box.height() / _SIDE)
    painter.setPen(_pen(colour, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAW[icon](painter, colour, paper)
    painter.restore()


def _pen(colour: QColor, width: float) -> QPen:
    return QPen(
        colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


def _line(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _disc(painter: QPainter, colour: QColor, paper: QColor) -> None:
    """Fill a disc, and go on with a pen that cuts into it."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(8, 8), 7, 7)
    painter.setPen(_pen(paper, 1.7))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _checking(painter: QPainter, _colour: QColor, _paper: QColor) -> None:
    painter.drawEllipse(QPointF(7, 7), 4.6, 4.6)
    _line(painter, (10.5, 10.5), (14, 14))


def _waiting(painter: QPainter, _colour: QColor, _paper: QColor) -> None:
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    _line(painter, (8, 4.6), (8, 8), (10.4, 9.6))


def _running(painter: QPainter, colour: QColor, paper: QColor) -> None:
    _disc(painter, colour, paper)
    painter.setBrush(paper)
    painter.setPen(_pen(paper, 1.0))
    painter.drawPolygon(QPolygonF([QPointF(6.5, 5), QPointF(11, 8), QPointF(6.5, 11)]))


def _done(painter: QPainter, colour: QColor, paper: QColor) -> None:
    _disc(painter, colour, paper)
    _line(painter, (4.9, 8.2), (7.2, 10.5), (11.2, 5.9))


def _needs_you(painter: QPainter, colour: QColor, paper: QColor) -> None:
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(8, 2), QPointF(14.6, 13.6), QPointF(1.4, 13.6)]))
    painter.setPen(_pen(paper, 1.7))
    _line(painter, (8, 6.4), (8, 9.4))
    painter.drawPoint(QPointF(8, 11.8))


def _failed(painter: QPainter, colour: QColor, paper: QColor) -> None:
    _disc(painter, colour, paper)
    _line(painter, (5.6, 5.6), (10.4, 10.4))
    _line(painter, (10.4, 5.6), (5.6, 10.4))


def _cancelled(painter: QPainter, _colour: QColor, _paper: QColor) -> None:
    painter.drawEllipse(QPointF(8, 8), 6.2, 6.2)
    _line(painter, (5, 8), (11, 8))


def _rows(painter: QPainter, _colour: QColor, _paper: QColor) -> None:
    for y in (3.5, 8.0, 12.5):
        painter.drawPoint(QPointF(2.5, y))
        _line(painter, (6, y), (14, y))


def _grid(painter: QPainter, _colour: QColor, _paper: QColor) -> None:
    for x, y in ((2, 2), (9.5, 2), (2, 9.5), (9.5, 9.5)):
        painter.drawRoundedRect(QRectF(x, y, 4.5, 4.5), 1, 1)


def _picture(painter: QPainter, _colour: QColor, _paper: QColor) -> None:
    painter.drawRoundedRect(QRectF(1.5, 2.5, 13, 11), 1.5, 1.5)
    painter.drawEllipse(QPointF(5.4, 6.2), 1.2, 1.2)
    _line(painter, (2.4, 12.2), (6, 9), (8, 10.8), (11, 7.4), (14, 10.6))


_DRAW: Final[dict[StateIcon, Callable[[QPainter, QColor, QColor], None]]] = {
    StateIcon.CHECKING: _checking,
    StateIcon.WAITING: _waiting,
    StateIcon.RUNNING: _running,
    StateIcon.DONE: _done,
    StateIcon.NEEDS_YOU: _needs_you,
    StateIcon.FAILED: _failed,
    StateIcon.CANCELLED: _cancelled,
    StateIcon.ROWS: _rows,
    StateIcon.GRID: _grid,
    StateIcon.PICTURE: _picture,
}
