"""The row layout: one entry a row, before and after side by side."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPen,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtWidgets import QStyle

from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.cells.delegate import (
    BAR_HEIGHT,
    SIGN_INSET,
    CellStyle,
    ItemDelegate,
    sign_size,
)
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.stacks import StackMark
from enhance_gui.ui.widgets import colours
from enhance_gui.ui.widgets.tiles import TileSpec

TILE: Final = QSize(76, 57)
MARGIN: Final = 6
"""Between the edge of the view and the card."""
PAD: Final = 10
"""Between the edge of the card and what is in it."""
TILE_GAP: Final = 4
INDENT: Final = 28
"""Of what lies in an open stack below its top."""
TEXT_GAP: Final = 16
SIDE_SHARE: Final = 0.36
"""Of the text's width at most, for type, service and time."""
SIDE_FROM: Final = 300
"""Narrower texts stand alone."""
HINT_GAP: Final = 14
HINT_FROM: Final = 120
"""In less room, the hint what to do is shown in the tool tip only."""


class RowDelegate(ItemDelegate):
    """Paints rows."""

    def cell_for(self, width: int, metrics: QFontMetrics) -> QSize:
        text = 2 * metrics.height() + BAR_HEIGHT + 14
        return QSize(width, max(TILE.height(), text) + 2 * PAD + 2)

    def wants(self, item: Item, ratio: float) -> list[TileSpec]:
        paths = (item.before_file, item.after_file)
        return [self.spec(path, TILE, ratio) for path in paths if path is not None]

    def draw(self, painter: QPainter, box: QRect, item: Item, style: CellStyle) -> None:
        card = box.adjusted(MARGIN, 1, -MARGIN, -1)
        self.draw_card(painter, card, style)
        inner, before, after = _tiles(box, style.mark)
        if style.mark is not None and not style.mark.is_top:
            line = QRect(card.left() + PAD + 8, box.top(), 2, box.height())
            painter.fillRect(
                style.placed(box, line), colours.clear(colours.quiet(style.palette), 0.5)
            )
        self.draw_leaves(painter, after, style)
        self.draw_tile(painter, before, item.before_file, style)
        if item.after_file is not None:
            self.draw_tile(painter, after, item.after_file, style)
        else:
            empty = _empty_tile(TILE, style.ratio, colours.faint(style.palette))
            painter.drawPixmap(after, empty)
        text = inner.adjusted(2 * TILE.width() + TILE_GAP + TEXT_GAP, 0, 0, 0)
        if text.width() >= SIDE_FROM:
            lines = self._side_lines(item)
            needed = max(map(style.metrics.horizontalAdvance, lines)) + 1
            side = QRect(text)
            side.setLeft(text.right() - min(needed, int(text.width() * SIDE_SHARE)))
            _draw_side(painter, style.placed(box, side), lines, style)
            text.setRight(side.left() - TEXT_GAP)
        self._draw_main(painter, style.placed(box, text), item, style)

    def sign_box(self, box: QRect, mark: StackMark, metrics: QFontMetrics) -> QRect:
        sign = QRect(QPoint(0, 0), sign_size(mark, metrics))
        after = _tiles(box, mark)[2]
        sign.moveBottomRight(after.bottomRight() - QPoint(SIGN_INSET, SIGN_INSET))
        return sign

    def _draw_main(self, painter: QPainter, box: QRect, item: Item, style: CellStyle) -> None:
        first, second = _lines(box, style.metrics)
        style.name(painter, first, item.name)
        used = self.draw_state(painter, second, item, style) + HINT_GAP
        hint = texts.hint_text(item)
        if hint and second.width() - used >= HINT_FROM:
            room = style.placed(second, second.adjusted(used, 0, 0, 0))
            style.text(painter, room, hint, colours.quiet(style.palette))
        bar = QRect(box.left(), second.bottom() + 6, box.width(), BAR_HEIGHT)
        self.draw_progress(painter, bar, item, style)

    def _side_lines(self, item: Item) -> tuple[str, str]:
        task = item.task
        parts = (texts.service_text(task), self.when(task), texts.folder_text(task))
        return texts.type_text(task), "  ·  ".join(part for part in parts if part)


def _draw_side(painter: QPainter, box: QRect, lines: tuple[str, str], style: CellStyle) -> None:
    right = Qt.AlignmentFlag.AlignRight
    inks = (style.ink, colours.quiet(style.palette))
    for place, line, ink in zip(_lines(box, style.metrics), lines, inks, strict=True):
        style.text(painter, place, line, ink, align=right)


def _tiles(box: QRect, mark: StackMark | None) -> tuple[QRect, QRect, QRect]:
    """Return the room of all that is in a row, placed from left to right, and the tiles before and
    after where they lie.
    """
    inner = box.adjusted(MARGIN + PAD, 1 + PAD, -MARGIN - PAD, -1 - PAD)
    if mark is not None and not mark.is_top:
        inner.setLeft(inner.left() + INDENT)
    pair = QRect(inner.topLeft(), QSize(2 * TILE.width() + TILE_GAP, TILE.height()))
    pair.moveTop(inner.center().y() - TILE.height() // 2)
    # Before stays at the left of after, as in the comparison, whatever the direction.
    placed = QStyle.visualRect(QGuiApplication.layoutDirection(), box, pair)
    before = QRect(placed.topLeft(), TILE)
    return inner, before, before.translated(TILE.width() + TILE_GAP, 0)


def _empty_tile(size: QSize, ratio: float, colour: QColor) -> QPixmap:
    """Return a dashed frame: kept, since to paint its dashes takes longer than the rest of a row.

    :param ratio: pixels of the screen for one of the layout.
    """
    key = f"empty tile {size.width()} {size.height()} {ratio} {colour.rgba()}"
    frame = QPixmap()
    if QPixmapCache.find(key, frame):
        return frame
    frame = QPixmap(size * ratio)
    frame.setDevicePixelRatio(ratio)
    frame.fill(Qt.GlobalColor.transparent)
    painter = QPainter(frame)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(QRect(QPoint(), size).adjusted(1, 1, -1, -1), 4, 4)
    painter.end()
    QPixmapCache.insert(key, frame)
    return frame


def _lines(box: QRect, metrics: QFontMetrics) -> tuple[QRect, QRect]:
    """Return the places of two lines, together in the middle of a box."""
    height, gap = metrics.height() + 2, 4
    top = box.center().y() - (2 * height + gap) // 2
    first = QRect(box.left(), top, box.width(), height)
    return first, first.translated(0, height + gap)
