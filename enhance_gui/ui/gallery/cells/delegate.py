"""The base of the delegates of the gallery's two layouts."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.i18n import number
from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.proxy import ITEM_ROLE, MARK_ROLE
from enhance_gui.ui.gallery.stacks import StackMark
from enhance_gui.ui.gallery.state_texts import state_text
from enhance_gui.ui.widgets import colours
from enhance_gui.ui.widgets.icons import StateIcon, draw_icon
from enhance_gui.ui.widgets.thumbnails import Thumbnails
from enhance_gui.ui.widgets.tiles import TileSpec

TILE_RADIUS: Final = 5
CARD_RADIUS: Final = 8
BAR_HEIGHT: Final = 3
ICON_SIDE: Final = 15
ICON_GAP: Final = 6

SIGN_INSET: Final = 4
"""Between a stack's sign and the edges of its tile."""
_SIGN_FILL: Final = QColor(0, 0, 0, 190)
_SIGN_INK: Final = QColor(255, 255, 255)
_SIGN_PAD: Final = 7
_ARROW_SIDE: Final = 8
_SIGN_SLACK: Final = 4
"""A click so near to the sign still opens the stack."""
_LEAF_STEP: Final = 3
"""Between the edges of the pictures that lie below the top of a closed stack."""

_LOUD: Final = frozenset({Group.NEEDS_YOU, Group.FAILED})
"""Groups whose state is written in its colour."""


def icon_of(item: Item) -> StateIcon:
    """Return the icon of an entry: that of its group, or that of a result not saved yet."""
    if item.is_unsaved:
        return StateIcon.UNSAVED
    return StateIcon(item.group.value)


class ItemDelegate(QStyledItemDelegate):
    """Paints entries; lengths are in device-independent pixels."""

    IS_GRID: ClassVar = False
    """Whether several entries stand side by side."""

    def __init__(self, thumbnails: Thumbnails, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._clock = clock
        self.cell = QSize(1, 1)
        """Room of one entry."""

    def cell_for(self, width: int, metrics: QFontMetrics) -> QSize:
        """Return the room of one entry in a view of a width."""
        raise NotImplementedError

    def wants(self, item: Item, ratio: float) -> list[TileSpec]:
        """Return the tiles that painting an entry would use."""
        raise NotImplementedError

    def draw(self, painter: QPainter, box: QRect, item: Item, style: CellStyle) -> None:
        """Paint an entry."""
        raise NotImplementedError

    def sign_box(self, box: QRect, mark: StackMark, metrics: QFontMetrics) -> QRect:
        """Return where the sign of a stack lies, in the entry of its top."""
        raise NotImplementedError

    def fold_box(self, box: QRect, mark: StackMark, metrics: QFontMetrics) -> QRect:
        """Return where a click opens or closes a stack."""
        slack = _SIGN_SLACK
        return self.sign_box(box, mark, metrics).adjusted(-slack, -slack, slack, slack)

    # -- Qt's questions ---------------------------------------------------------------------------

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return self.cell

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        item = index.data(ITEM_ROLE)
        if not isinstance(item, Item):
            return
        mark = index.data(MARK_ROLE)
        style = CellStyle(
            option,
            painter.device().devicePixelRatio(),
            mark if isinstance(mark, StackMark) else None,
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.draw(painter, option.rect, item, style)
        if style.mark is not None and style.mark.is_top:
            sign = self.sign_box(option.rect, style.mark, style.metrics)
            _draw_sign(painter, QRectF(sign), style.mark, style)
        painter.restore()

    # -- for the two layouts ----------------------------------------------------------------------

    def draw_card(self, painter: QPainter, box: QRect, style: CellStyle) -> None:
        """Paint what shows that an entry is selected, has the keyboard or is pointed at."""
        card = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
        fill = style.card
        if fill is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(card, CARD_RADIUS, CARD_RADIUS)
        if style.has_focus:
            painter.setPen(QPen(style.palette.color(QPalette.ColorRole.Highlight), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), CARD_RADIUS, CARD_RADIUS)

    def spec(self, path: Path, size: QSize, ratio: float) -> TileSpec:
        """Return how a tile of a size in the layout is wanted on this screen."""
        return TileSpec(
            path,
            round(size.width() * ratio),
            round(size.height() * ratio),
            round(TILE_RADIUS * ratio),
        )

    def draw_tile(self, painter: QPainter, box: QRect, path: Path | None, style: CellStyle) -> None:
        """Paint a tile, or what stands for it as long as it is not there."""
        spec = None if path is None else self.spec(path, box.size(), style.ratio)
        pixmap = None if spec is None else self._thumbnails.pixmap(spec)
        if pixmap is not None:
            painter.drawPixmap(box, pixmap)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.faint(style.palette))
        painter.drawRoundedRect(QRectF(box), TILE_RADIUS, TILE_RADIUS)
        if spec is None or self._thumbnails.failed(spec):
            side = min(24.0, box.height() / 2)
            place = QRectF(0, 0, side, side)
            place.moveCenter(QRectF(box).center())
            ink = colours.mixed(style.paper, style.ink, 0.3)
            draw_icon(painter, place, StateIcon.PICTURE, ink, style.paper)

    def draw_leaves(self, painter: QPainter, tile: QRect, style: CellStyle) -> None:
        """Paint the edges of what lies below the top of a closed stack, above its tile."""
        if style.mark is None or style.mark.is_open:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        for depth in range(min(style.mark.count, 3) - 1, 0, -1):
            leaf = QRectF(tile).adjusted(5 * depth, -_LEAF_STEP * depth, -5 * depth, 0)
            painter.setBrush(colours.mixed(style.paper, style.ink, 0.5 - 0.14 * depth))
            painter.drawRoundedRect(leaf, TILE_RADIUS, TILE_RADIUS)
        # What is not there of the top, as round corners, shows no leaf.
        painter.setBrush(style.paper)
        painter.drawRoundedRect(QRectF(tile).adjusted(0, -1, 0, 0), TILE_RADIUS, TILE_RADIUS)

    def draw_state(
        self, painter: QPainter, box: QRect, item: Item, style: CellStyle, *, brief: bool = False
    ) -> int:
        """Paint the icon and the text of a state, on one line; return their width."""
        icon = icon_of(item)
        colour = colours.icon_colour(icon, style.palette)
        place = QRectF(style.placed(box, QRect(box.topLeft(), QSize(ICON_SIDE, ICON_SIDE))))
        place.moveTop(box.center().y() - ICON_SIDE / 2 + 0.5)
        draw_icon(painter, place, icon, colour, style.paper)
        text = state_text(item, self._clock.now_s(), brief=brief)
        ink = colour if item.group in _LOUD else style.ink
        if icon is StateIcon.CANCELLED:
            ink = colours.quiet(style.palette)
        room = style.placed(box, box.adjusted(ICON_SIDE + ICON_GAP, 0, 0, 0))
        style.text(painter, room, text, ink)
        return ICON_SIDE + ICON_GAP + style.metrics.horizontalAdvance(text)

    def draw_progress(self, painter: QPainter, box: QRect, item: Item, style: CellStyle) -> None:
        """Paint a thin bar where it is known how far the service is; else nothing."""
        done = self.progress(item)
        if done is None:
            return
        radius = box.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.faint(style.palette))
        painter.drawRoundedRect(QRectF(box), radius, radius)
        filled = QRectF(box)
        filled.setWidth(max(box.height(), box.width() * done))
        if style.direction is Qt.LayoutDirection.RightToLeft:
            filled.moveRight(QRectF(box).right())
        painter.setBrush(colours.icon_colour(StateIcon.RUNNING, style.palette))
        painter.drawRoundedRect(filled, radius, radius)

    def progress(self, item: Item) -> float | None:
        """Return how far a task is, 0 to 1; ``None`` where that is not known."""
        since = item.task.accepted_at
        age_s = 0.0 if since is None else (self._clock.wall() - since).total_seconds()
        return item.progress(self._clock.now_s(), age_s)

    def when(self, task: Task) -> str:
        """Return when a task was saved, or else added: the time today, the date before."""
        return texts.when_text(task, self._clock.wall(), brief=True)


class CellStyle:
    """The style in which one entry is painted."""

    def __init__(
        self, option: QStyleOptionViewItem, ratio: float, mark: StackMark | None = None
    ) -> None:
        state = option.state
        self.mark = mark
        """What marks it as a part of a stack."""
        self.palette = option.palette
        self.ink = option.palette.color(QPalette.ColorRole.Text)
        self.paper = option.palette.color(QPalette.ColorRole.Base)
        """What it lies on."""
        self.ratio = ratio
        """Pixels of the screen for one of the layout."""
        self.metrics = option.fontMetrics
        self.font = option.font
        self.direction = option.direction
        self.selected = bool(state & QStyle.StateFlag.State_Selected)
        self.active = bool(state & QStyle.StateFlag.State_Active)
        self.hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        self.has_focus = bool(state & QStyle.StateFlag.State_HasFocus)

    @property
    def card(self) -> QColor | None:
        """Return what fills the entry's ground; ``None``: nothing."""
        if self.selected:
            role = QPalette.ColorRole.Highlight if self.active else QPalette.ColorRole.Text
            return colours.clear(self.palette.color(role), 0.2 if self.active else 0.1)
        if self.hovered:
            return colours.clear(self.ink, 0.05)
        return None

    def placed(self, box: QRect, part: QRect) -> QRect:
        """Return where a part of a box, placed from left to right, lies in this direction."""
        return QStyle.visualRect(self.direction, box, part)

    def name(self, painter: QPainter, box: QRect, name: str) -> None:
        """Paint a picture's name, cut in its middle where there is no room."""
        font = QFont(self.font)
        font.setWeight(QFont.Weight.DemiBold)
        self.text(painter, box, name, self.ink, font=font, elide=Qt.TextElideMode.ElideMiddle)

    def text(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        ink: QColor,
        *,
        font: QFont | None = None,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        """Paint one line, cut where there is no room."""
        used = self.font if font is None else font
        painter.setFont(used)
        painter.setPen(ink)
        metrics = self.metrics if font is None else QFontMetrics(used)
        line = metrics.elidedText(text, elide, box.width())
        flags = int(align | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        painter.drawText(box, flags, line)


def sign_size(mark: StackMark, metrics: QFontMetrics) -> QSize:
    """Return the size of a stack's sign."""
    text = metrics.horizontalAdvance(number(mark.count))
    return QSize(text + _ARROW_SIDE + 5 + 2 * _SIGN_PAD, metrics.height() + 4)


def _draw_sign(painter: QPainter, box: QRectF, mark: StackMark, style: CellStyle) -> None:
    """Paint how many pictures a stack has, and whether it is open; seen on any picture."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_SIGN_FILL)
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    room = box.toRect()
    begin = QRect(room.left() + _SIGN_PAD, room.top(), _ARROW_SIDE, room.height())
    middle = QRectF(style.placed(room, begin)).center()
    ahead = -1 if style.direction is Qt.LayoutDirection.RightToLeft else 1
    across, along = QPointF(0, _ARROW_SIDE / 2), QPointF(ahead * _ARROW_SIDE / 4, 0)
    if mark.is_open:
        across, along = QPointF(_ARROW_SIDE / 2, 0), QPointF(0, _ARROW_SIDE / 4)
    arrow = QPainterPath(middle - across - along)
    arrow.lineTo(middle + along)
    arrow.lineTo(middle + across - along)
    pen = QPen(_SIGN_INK, 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(arrow)
    text = style.placed(room, room.adjusted(_SIGN_PAD + _ARROW_SIDE + 5, 0, -_SIGN_PAD + 1, 0))
    style.text(painter, text, number(mark.count), _SIGN_INK, elide=Qt.TextElideMode.ElideNone)
