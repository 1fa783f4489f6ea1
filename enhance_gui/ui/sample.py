"""A picture to try the program with: drawn here, then spoilt, so that no network is needed."""

from __future__ import annotations

from random import Random
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QLinearGradient, QPainter, QPen, QPolygonF

from enhance_gui.ui.encoding import encoded

STEM: Final = "sample"
"""What its file is called, without the ending."""

SIZE: Final = QSize(1440, 960)
SPOILT_SIZE: Final = QSize(480, 320)

_SKY: Final = ((0.0, "#27476e"), (0.45, "#6d93b8"), (0.8, "#f3c99a"), (1.0, "#fbe3c2"))
_RANGES: Final = (("#5d7590", 430, 190), ("#3f5a73", 520, 150), ("#263e4f", 610, 110))
_HORIZON_PX: Final = 660


def drawn_scene(size: QSize = SIZE) -> QImage:
    """Draw a lake in the evening, with edges, fine lines and soft areas."""
    image = QImage(size, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size.width() / SIZE.width(), size.height() / SIZE.height())
    # The same picture each time; nothing here is secret.
    random = Random(7)  # noqa: S311
    _draw_sky(painter)
    for colour, base_px, height_px in _RANGES:
        _draw_range(painter, random, QColor(colour), base_px, height_px)
    _draw_lake(painter, random)
    _draw_boat(painter)
    _draw_trees(painter, random)
    painter.end()
    return image


def spoilt_scene() -> QImage:
    """Return the scene as a small, grainy copy."""
    image = drawn_scene(SPOILT_SIZE)
    painter = QPainter(image)
    painter.fillRect(image.rect(), QBrush(_grain()))
    painter.end()
    return image


def sample_file() -> bytes:
    """Return the spoilt scene as a JPEG file."""
    return encoded(spoilt_scene(), b"jpg", 62)


def _grain() -> QImage:
    """Return a tile of lighter and darker specks."""
    tile = QImage(97, 89, QImage.Format.Format_ARGB32)
    random = Random(11)  # noqa: S311
    for y in range(tile.height()):
        for x in range(tile.width()):
            shade = 255 if random.random() < 0.5 else 0
            tile.setPixelColor(x, y, QColor(shade, shade, shade, random.randrange(22)))
    return tile


def _draw_sky(painter: QPainter) -> None:
    gradient = QLinearGradient(0, 0, 0, _HORIZON_PX)
    for at, colour in _SKY:
        gradient.setColorAt(at, QColor(colour))
    painter.fillRect(QRectF(0, 0, SIZE.width(), _HORIZON_PX), gradient)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#fff4d6"))
    painter.drawEllipse(QPointF(1010, 430), 62, 62)


def _draw_range(
    painter: QPainter, random: Random, colour: QColor, base_px: int, height_px: int
) -> None:
    line = QPolygonF([QPointF(0, _HORIZON_PX)])
    y = float(base_px)
    for x in range(0, SIZE.width() + 24, 24):
        y += random.uniform(-height_px / 6, height_px / 6) + (base_px - y) * 0.12
        line.append(QPointF(x, y))
    line.append(QPointF(SIZE.width(), _HORIZON_PX))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(line)


def _draw_lake(painter: QPainter, random: Random) -> None:
    gradient = QLinearGradient(0, _HORIZON_PX, 0, SIZE.height())
    gradient.setColorAt(0, QColor("#d9b48c"))
    gradient.setColorAt(0.35, QColor("#5f7f98"))
    gradient.setColorAt(1, QColor("#1d3346"))
    painter.fillRect(QRectF(0, _HORIZON_PX, SIZE.width(), SIZE.height()), gradient)
    for _ in range(420):
        y = _HORIZON_PX + 6 + random.random() ** 1.6 * 290
        length = 12 + (y - _HORIZON_PX) * 0.35 * random.random()
        x = random.uniform(-40, SIZE.width())
        near_sun = max(0.0, 1 - abs(x - 1010) / 260)
        colour = QColor("#ffe9c0") if random.random() < near_sun else QColor("#e6eef2")
        colour.setAlphaF(0.12 + 0.45 * near_sun * random.random())
        painter.setPen(QPen(colour, 1.6))
        painter.drawLine(QPointF(x, y), QPointF(x + length, y))


def _draw_boat(painter: QPainter) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#f7f3ea"))
    painter.drawPolygon([QPointF(520, 470), QPointF(520, 700), QPointF(400, 700)])
    painter.setBrush(QColor("#d8552f"))
    painter.drawPolygon([QPointF(530, 500), QPointF(530, 700), QPointF(610, 700)])
    painter.setBrush(QColor("#3b2a20"))
    painter.drawPolygon(
        [QPointF(380, 712), QPointF(640, 712), QPointF(600, 752), QPointF(415, 752)]
    )
    painter.setPen(QPen(QColor("#2a1d15"), 4))
    painter.drawLine(QPointF(525, 450), QPointF(525, 712))
    painter.setPen(QPen(QColor("#cfc7b6"), 1.2))
    for y in range(500, 700, 22):
        painter.drawLine(QPointF(520 - (y - 470) * 0.52, y), QPointF(520, y))


def _draw_trees(painter: QPainter, random: Random) -> None:
    for x in (1130, 1190, 1262, 1330, 1400):
        top_px = random.uniform(380, 520)
        painter.setPen(QPen(QColor("#14211c"), 7))
        painter.drawLine(QPointF(x, top_px), QPointF(x, 960))
        painter.setPen(QPen(QColor("#1d3128"), 2.2))
        y = top_px
        while y < 900:
            reach = 10 + (y - top_px) * 0.16
            drop = reach * 0.45
            painter.drawLine(QPointF(x, y), QPointF(x - reach * random.uniform(0.7, 1.1), y + drop))
            painter.drawLine(QPointF(x, y), QPointF(x + reach * random.uniform(0.7, 1.1), y + drop))
            y += 6
