"""Paints the parts of the comparison: pictures, labels, divider, messages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QMarginsF, QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPixmap,
)

from enhance_gui.ui.compare.pictures.pyramid import Detail, Pyramid, halvings_for
from enhance_gui.ui.widgets.colours import mixed
from enhance_gui.ui.widgets.fitting import text_px

_CHECK_SIDE_PX: Final = 8
_PILL_FILL: Final = QColor(0, 0, 0, 165)
_PILL_TEXT: Final = QColor(255, 255, 255)
_PILL_FAINT: Final = QColor(255, 255, 255, 190)
_PILL_MARGIN: Final = 12.0
"""Between a pill and the border of its pane."""
_PILL_PADDING: Final = QMarginsF(10, 5, 10, 5)
_PILL_GAP: Final = 8.0
_LINE_WIDTH: Final = 2.0
_LINE: Final = QColor(255, 255, 255)
_LINE_EDGE: Final = QColor(0, 0, 0, 120)
_HANDLE_RADIUS: Final = 17.0
_MIRROR_CURSOR_RADIUS: Final = 7.0
_RING_WIDTH: Final = 2.0
_PAGE_WIDTH: Final = 560.0
_TITLE_PX: Final = 20
_TITLE_GAP: Final = 10.0
_SLACK_PX: Final = 2
"""Pixels around what is painted that the smooth scaling reads too."""


@dataclass(frozen=True, slots=True)
class Tones:
    """The colours that follow the palette."""

    ground: QColor
    """Around the picture."""
    text: QColor
    """On it."""
    faint: QColor
    """Secondary text on it."""
    ring: QColor
    check_light: QColor
    check_dark: QColor

    @classmethod
    def of(cls, palette: QPalette) -> Tones:
        window = palette.color(QPalette.ColorRole.Window)
        text = palette.color(QPalette.ColorRole.WindowText)
        dark = window.lightnessF() < text.lightnessF()
        return cls(
            mixed(window, QColor(0, 0, 0), 0.28 if dark else 0.06),
            text,
            mixed(text, window, 0.25),
            palette.color(QPalette.ColorRole.Highlight),
            QColor(0x6A, 0x6A, 0x6A) if dark else QColor(0xFF, 0xFF, 0xFF),
            QColor(0x55, 0x55, 0x55) if dark else QColor(0xDD, 0xDD, 0xDD),
        )


def paint_picture(
    painter: QPainter,
    pyramid: Pyramid,
    detail: Detail | None,
    target: QRectF,
    clip: QRectF,
    crisp: bool,
) -> None:
    """Paint the visible part of a picture, in pixels of the screen.

    :param target: where the whole picture lies.
    :param clip: what has to be painted.
    :param crisp: whether each pixel is a square.
    """
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not crisp)
    scale = target.width() / pyramid.size.width()
    if halvings_for(scale) >= pyramid.halvings:
        detail = None
    place = QRectF() if detail is None else _place_of(detail.part, target)
    if not place.contains(clip.intersected(target)):
        _paint_image(painter, pyramid.level_for(scale), target, clip)
    if detail is not None:
        _paint_image(painter, detail.image, place, clip)


def _place_of(part: QRectF, target: QRectF) -> QRectF:
    return QRectF(
        target.left() + part.left() * target.width(),
        target.top() + part.top() * target.height(),
        part.width() * target.width(),
        part.height() * target.height(),
    )


def _paint_image(painter: QPainter, image: QImage, target: QRectF, clip: QRectF) -> None:
    """Paint the part of an image that is seen: far coordinates would overflow in Qt."""
    seen = target.intersected(clip)
    if seen.isEmpty():
        return
    across = target.width() / image.width()
    down = target.height() / image.height()
    left = max(0, math.floor((seen.left() - target.left()) / across) - _SLACK_PX)
    top = max(0, math.floor((seen.top() - target.top()) / down) - _SLACK_PX)
    right = min(image.width(), math.ceil((seen.right() - target.left()) / across) + _SLACK_PX)
    bottom = min(image.height(), math.ceil((seen.bottom() - target.top()) / down) + _SLACK_PX)
    place = QRectF(
        target.left() + left * across,
        target.top() + top * down,
        (right - left) * across,
        (bottom - top) * down,
    )
    painter.drawImage(place, image, QRectF(left, top, right - left, bottom - top))


def checkerboard(tones: Tones, dpr: float) -> QBrush:
    """Return the checkerboard brush under transparent pictures, for pixels of the screen."""
    side = max(1, round(_CHECK_SIDE_PX * dpr))
    tile = QPixmap(2 * side, 2 * side)
    tile.fill(tones.check_light)
    painter = QPainter(tile)
    painter.fillRect(0, 0, side, side, tones.check_dark)
    painter.fillRect(side, side, side, side, tones.check_dark)
    painter.end()
    return QBrush(tile)


def paint_pill(
    painter: QPainter, font: QFont, pane: QRectF, corner: Qt.AlignmentFlag, name: str, facts: str
) -> None:
    """Paint a label that can be read on any picture into a corner of its pane."""
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    maximum = pane.width() - 2 * _PILL_MARGIN - _PILL_PADDING.left() - _PILL_PADDING.right()
    name = QFontMetricsF(strong).elidedText(name, Qt.TextElideMode.ElideMiddle, max(0.0, maximum))
    name_width = QFontMetricsF(strong).horizontalAdvance(name)
    facts_width = QFontMetricsF(font).horizontalAdvance(facts) + _PILL_GAP if facts else 0.0
    if name_width + facts_width > maximum:
        facts, facts_width = "", 0.0
    height = QFontMetricsF(strong).height()
    size = QSizeF(name_width + facts_width, height).grownBy(_PILL_PADDING)
    box = _cornered(size, pane, corner)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PILL_FILL)
    painter.drawRoundedRect(box, size.height() / 2, size.height() / 2)
    text = box.marginsRemoved(_PILL_PADDING)
    painter.setFont(strong)
    painter.setPen(_PILL_TEXT)
    painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
    painter.setFont(font)
    painter.setPen(_PILL_FAINT)
    painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, facts)


def _cornered(size: QSizeF, pane: QRectF, corner: Qt.AlignmentFlag) -> QRectF:
    room = pane.adjusted(_PILL_MARGIN, _PILL_MARGIN, -_PILL_MARGIN, -_PILL_MARGIN)
    box = QRectF(room.topLeft(), size)
    if corner & Qt.AlignmentFlag.AlignRight:
        box.moveRight(room.right())
    if corner & Qt.AlignmentFlag.AlignHCenter:
        box.moveLeft(room.center().x() - size.width() / 2)
    if corner & Qt.AlignmentFlag.AlignBottom:
        box.moveBottom(room.bottom())
    return box


def paint_sentence(painter: QPainter, font: QFont, rect: QRectF, text: str, tones: Tones) -> None:
    """Paint a sentence where a picture would be."""
    margin = min(32.0, rect.width() / 10)
    painter.setFont(font)
    painter.setPen(tones.faint)
    painter.drawText(
        rect.adjusted(margin, 0, -margin, 0),
        int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
        text,
    )


def paint_page(
    painter: QPainter, font: QFont, rect: QRectF, title: str, text: str, tones: Tones
) -> None:
    """Paint a title, with sentences below it, in place of both pictures."""
    if not title:
        paint_sentence(painter, font, rect, text, tones)
        return
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    strong.setPixelSize(text_px(_TITLE_PX))
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)
    room = QRectF(0, 0, min(_PAGE_WIDTH, rect.width() * 0.9), rect.height())
    head = QFontMetricsF(strong).boundingRect(room, flags, title)
    body = QFontMetricsF(font).boundingRect(room, flags, text)
    gap = _TITLE_GAP if text else 0.0
    room.setHeight(head.height() + gap + body.height())
    # The middle of a page is felt to be a little above its middle.
    room.moveCenter(rect.center() - QPointF(0, max(0.0, rect.height() - room.height()) / 10))
    painter.setFont(strong)
    painter.setPen(tones.text)
    painter.drawText(room, flags, title)
    painter.setFont(font)
    painter.setPen(tones.faint)
    painter.drawText(room.adjusted(0, head.height() + gap, 0, 0), flags, text)


def paint_divider(painter: QPainter, line: QRectF, focused: bool, tones: Tones) -> None:
    """Paint the line between before and after: light with dark edges, seen on any picture."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    bar = QRectF(line.left() - _LINE_WIDTH / 2, line.top(), _LINE_WIDTH, line.height())
    painter.fillRect(bar.adjusted(-1, 0, 1, 0), _LINE_EDGE)
    painter.fillRect(bar, _LINE)
    middle = line.center()
    painter.setBrush(_LINE)
    painter.setPen(QPen(_LINE_EDGE, 1.5))
    painter.drawEllipse(middle, _HANDLE_RADIUS, _HANDLE_RADIUS)
    if focused:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(tones.ring, 3))
        painter.drawEllipse(middle, _HANDLE_RADIUS + 1, _HANDLE_RADIUS + 1)
    pen = QPen(QColor(40, 40, 40), 2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for way in (-1, 1):
        arrow = QPainterPath(middle + QPointF(way * 5, -5))
        arrow.lineTo(middle + QPointF(way * 10, 0))
        arrow.lineTo(middle + QPointF(way * 5, 5))
        painter.drawPath(arrow)


def handle_rect(line: QRectF) -> QRectF:
    """Return what the divider covers."""
    reach = _HANDLE_RADIUS + 4
    middle = line.center()
    handle = QRectF(middle.x() - reach, middle.y() - reach, 2 * reach, 2 * reach)
    return handle.united(QRectF(middle.x() - reach, line.top(), 2 * reach, line.height()))


def paint_loupe_frame(painter: QPainter, rect: QRectF) -> None:
    """Paint a frame as the divider is: light with a dark edge, seen on any picture."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((_LINE_EDGE, 4.0), (_LINE, 2.0)):
        painter.setPen(QPen(color, width))
        painter.drawRect(rect)


def paint_mirror_cursor(painter: QPainter, point: QPointF) -> None:
    """Mark the place that is under the pointer in the other pane."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((_LINE_EDGE, 4.0), (_LINE, 1.5)):
        painter.setPen(QPen(color, width))
        painter.drawEllipse(point, _MIRROR_CURSOR_RADIUS, _MIRROR_CURSOR_RADIUS)


def paint_ring(painter: QPainter, rect: QRect, tones: Tones) -> None:
    """Paint the border that shows where the keyboard is."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(tones.ring, _RING_WIDTH))
    inset = _RING_WIDTH / 2
    painter.drawRect(QRectF(rect).adjusted(inset, inset, -inset, -inset))
