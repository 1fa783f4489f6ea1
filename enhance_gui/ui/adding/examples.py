"""Small pictures that show what an enhance type does: left as it was, right as it becomes."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Final

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.ui.adding.sample import FACTOR, sample_after, sample_before

SIZE: Final = QSize(96, 64)

_PART: Final = QRect(186, 40, 300, 200)
"""The face, in pixels of the result."""

_RADIUS_PX: Final = 6


def example_of(kind: EnhanceType, ratio: float) -> QPixmap:
    """Return the example for a type, guessed from what it is called and what it gives.

    :param ratio: pixels of the screen for one of the window.
    """
    name = kind.name.casefold()
    if kind.outputs is Outputs.VARIANTS or "colo" in name:
        return _example("grey", ratio)
    if any(word in name for word in ("old", "scratch", "restor", "repair")):
        return _example("scratched", ratio)
    return _example("small", ratio)


@lru_cache(maxsize=16)
def _example(flaw: str, ratio: float) -> QPixmap:
    size = SIZE * ratio
    after = sample_after().copy(_PART).convertToFormat(QImage.Format.Format_RGB32)
    before = {"grey": _grey, "scratched": _scratched, "small": _small}[flaw](after)
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )
    outline = QPainterPath()
    outline.addRoundedRect(
        0, 0, size.width(), size.height(), _RADIUS_PX * ratio, _RADIUS_PX * ratio
    )
    painter.setClipPath(outline)
    painter.drawImage(QRect(QPointF(0, 0).toPoint(), size), after)
    half = QRect(0, 0, size.width() // 2, size.height())
    painter.drawImage(half, before, QRect(0, 0, before.width() // 2, before.height()))
    painter.setPen(QPen(QColor("#ffffff"), max(1.0, 1.5 * ratio)))
    painter.drawLine(half.right(), 0, half.right(), size.height())
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _small(after: QImage) -> QImage:
    place = QRect(_PART.topLeft() / FACTOR, _PART.size() / FACTOR)
    small = sample_before().copy(place)
    smooth = Qt.TransformationMode.SmoothTransformation
    return small.scaled(small.size() / 5, mode=smooth).scaled(after.size(), mode=smooth)


def _grey(after: QImage) -> QImage:
    return after.convertToFormat(QImage.Format.Format_Grayscale8)


def _scratched(after: QImage) -> QImage:
    spoilt = _grey(after).convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(spoilt)
    painter.fillRect(spoilt.rect(), QColor(214, 190, 150, 110))
    painter.setPen(QPen(QColor(250, 245, 230, 220), 5))
    random = Random(5)  # noqa: S311  the same scratches each time
    for _ in range(9):
        x, y = random.uniform(0, 240), random.uniform(0, 320)
        painter.drawLine(QPointF(x, y), QPointF(x + random.uniform(-60, 60), y + 120))
    painter.end()
    return spoilt
