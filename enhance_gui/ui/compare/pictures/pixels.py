"""Converts pictures to pixels for the screen, strip by strip.

PySide holds Python's lock during every call on a ``QImage``; a strip takes a few milliseconds,
and between two strips the window can run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QPainter

from enhance_gui.ui.widgets.appearance import in_srgb

_STRIP_PX: Final = 500_000
"""Pixels of one strip: about 4 ms of the slowest step, a change of colours."""
_LET_OTHERS_RUN_S: Final = 0.0005
"""Python gives its lock only to a thread that has time to wake up."""

_READY: Final = (QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32_Premultiplied)


def paintable(image: QImage) -> QImage:
    """Return the picture in sRGB and in a format that Qt paints fast."""
    foreign = image.colorSpace().isValid() and image.colorSpace() != QColorSpace(
        QColorSpace.NamedColorSpace.SRgb
    )
    if image.format() in _READY and not foreign:
        return image
    alpha = image.hasAlphaChannel()
    wanted = _READY[1] if alpha else _READY[0]
    result = QImage(image.size(), wanted)
    for rows in _strips(image.size()):
        strip = image.copy(rows)
        if foreign:
            strip = in_srgb(strip)
        _put(result, rows, strip)
    return result


def halved(image: QImage) -> QImage:
    """Halve both sides, each pixel the mean of four. The picture has to be paintable."""
    size = QSize((image.width() + 1) // 2, (image.height() + 1) // 2)
    result = QImage(size, image.format())
    for rows in _strips(size):
        height_px = min(2 * rows.height(), image.height() - 2 * rows.top())
        strip = image.copy(0, 2 * rows.top(), image.width(), height_px)
        small = strip.scaled(
            rows.size(),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        _put(result, rows, small)
    return result


def _strips(size: QSize) -> Iterator[QRect]:
    height_px = max(1, _STRIP_PX // max(1, size.width()))
    for top in range(0, size.height(), height_px):
        yield QRect(0, top, size.width(), min(height_px, size.height() - top))
        time.sleep(_LET_OTHERS_RUN_S)


def _put(target: QImage, rows: QRect, strip: QImage) -> None:
    painter = QPainter(target)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.drawImage(QPoint(0, rows.top()), strip)
    painter.end()
