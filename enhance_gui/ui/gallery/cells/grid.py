"""The grid layout: one picture a cell, with the picture before in its corner."""

from __future__ import annotations

from typing import ClassVar, Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from enhance_gui.ui.gallery import texts
from enhance_gui.ui.gallery.cells.delegate import (
    BAR_HEIGHT,
    SIGN_INSET,
    TILE_RADIUS,
    CellStyle,
    ItemDelegate,
    sign_size,
)
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.stacks import StackMark
from enhance_gui.ui.widgets import colours
from enhance_gui.ui.widgets.tiles import TileSpec

TILE: Final = QSize(184, 138)
CORNER: Final = QSize(60, 45)
INSET: Final = 6
"""Between the corner of the tile and the small picture in it."""
RIM: Final = 2
"""Around the small picture."""
PAD: Final = 8
GAP: Final = 6
"""Between two cards, at least."""


class GridDelegate(ItemDelegate):
    """Paints cells."""

    IS_GRID: ClassVar = True

    def cell_for(self, width: int, metrics: QFontMetrics) -> QSize:
        minimum = TILE.width() + 2 * PAD + GAP
        # All cells of a line share what is left, so that both edges are straight.
        across = max(1, width // minimum)
        text = 3 * metrics.height() + 15
        return QSize(max(minimum, width // across), TILE.height() + text + 2 * PAD + GAP)

    def wants(self, item: Item, ratio: float) -> list[TileSpec]:
        before, after = item.before_file, item.after_file
        if after is None:
            return [] if before is None else [self.spec(before, TILE, ratio)]
        found = [self.spec(after, TILE, ratio)]
        if before is not None:
            found.append(self.spec(before, CORNER, ratio))
        return found

    def draw(self, painter: QPainter, box: QRect, item: Item, style: CellStyle) -> None:
        if style.mark is not None and style.mark.is_open:
            # From edge to edge, so that what belongs together hangs together.
            band = box.adjusted(GAP if style.mark.is_top else 0, GAP // 2, 0, -GAP // 2)
            painter.fillRect(
                style.placed(box, band), colours.clear(colours.quiet(style.palette), 0.16)
            )
        card = _card(box)
        self.draw_card(painter, card, style)
        tile = _tile(card)
        self.draw_leaves(painter, tile, style)
        self._draw_pictures(painter, tile, item, style)
        height = style.metrics.height() + 2
        first = QRect(tile.left() + 1, tile.bottom() + 7, tile.width() - 2, height)
        style.name(painter, first, item.name)
        second = first.translated(0, height + 1)
        self.draw_state(painter, second, item, style, brief=True)
        third = second.translated(0, height + 1)
        style.text(painter, third, texts.origin_text(item), colours.quiet(style.palette))

    def sign_box(self, box: QRect, mark: StackMark, metrics: QFontMetrics) -> QRect:
        sign = QRect(QPoint(0, 0), sign_size(mark, metrics))
        sign.moveTopRight(_tile(_card(box)).topRight() + QPoint(-SIGN_INSET, SIGN_INSET))
        return sign

    def _draw_pictures(self, painter: QPainter, tile: QRect, item: Item, style: CellStyle) -> None:
        before, after = item.before_file, item.after_file
        self.draw_tile(painter, tile, before if after is None else after, style)
        if after is not None and before is not None:
            corner = QRect(QPoint(0, 0), CORNER)
            corner.moveBottomLeft(tile.bottomLeft() + QPoint(INSET, -INSET))
            rim = QRectF(corner).adjusted(-RIM, -RIM, RIM, RIM)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.paper)
            painter.drawRoundedRect(rim, TILE_RADIUS + RIM, TILE_RADIUS + RIM)
            self.draw_tile(painter, corner, before, style)
        self._draw_bar(painter, tile, item, style)

    def _draw_bar(self, painter: QPainter, tile: QRect, item: Item, style: CellStyle) -> None:
        if self.progress(item) is None:
            return
        ground = QRect(tile.left() + 8, tile.bottom() - 14, tile.width() - 16, BAR_HEIGHT + 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.clear(style.paper, 0.85))
        painter.drawRoundedRect(QRectF(ground), ground.height() / 2, ground.height() / 2)
        self.draw_progress(painter, ground.adjusted(4, 3, -4, -3), item, style)


def _card(box: QRect) -> QRect:
    card = QRect(0, 0, TILE.width() + 2 * PAD, box.height() - GAP)
    card.moveCenter(box.center())
    return card


def _tile(card: QRect) -> QRect:
    return QRect(card.topLeft() + QPoint(PAD, PAD), TILE)
