"""Icons: the drawings of ``resources/icons``, in the colours of the theme, sharp at any scaling.

In their files ``currentColor`` stands for the ink, and ``#fff`` for what the icon lies on.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QTransform

from enhance_gui.core.resources import resource

_MAX_KEPT: Final = 256
"""Every icon in a few colours and sizes."""


class StateIcon(StrEnum):
    """An icon, by the name of its file.

    Each state has a shape of its own: colour alone shows none.
    """

    CHECKING = "checking"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    NEEDS_YOU = "needs_you"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNSAVED = "unsaved"
    ROWS = "rows"
    GRID = "grid"
    PICTURE = "picture"


_DIRECTED: Final = frozenset({StateIcon.ROWS})
"""Icons of what begins at the left, or where people read from right to left at the right."""


def draw_icon(painter: QPainter, box: QRectF, name: str, ink: QColor, paper: QColor) -> None:
    """Draw an icon into a square.

    :param name: of its file, without the ending.
    :param paper: what it lies on; filled icons are cut with it.
    """
    ratio = painter.device().devicePixelRatioF()
    side_px = round(box.width() * ratio)
    # Between two pixels of the screen it would be blurred.
    left, top = round(box.left() * ratio) / ratio, round(box.top() * ratio) / ratio
    place = QRectF(left, top, side_px / ratio, side_px / ratio)
    image = _rendered(name, side_px, ink.name(), paper.name())
    is_mirrored = QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    if is_mirrored and name in _DIRECTED:
        image = image.transformed(QTransform.fromScale(-1, 1))
    painter.drawImage(place, image)


@lru_cache(_MAX_KEPT)
def _rendered(name: str, side_px: int, ink: str, paper: str) -> QImage:
    drawing = resource(f"icons/{name}.svg").read_text("utf-8")
    # The paper first: the ink may be white.
    drawing = drawing.replace("#fff", paper).replace("currentColor", ink)
    drawing = drawing.replace("<svg ", f'<svg width="{side_px}" height="{side_px}" ', 1)
    # Not by a reader on a buffer of Python's: Qt asks it while it holds its lock on the decoders,
    # and a thread that has Python's lock may wait for that one.
    return QImage.fromData(drawing.encode(), "svg")  # type: ignore[arg-type]  # so it wants it
