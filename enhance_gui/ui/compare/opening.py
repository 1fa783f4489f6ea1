"""Decides how a pair is opened: fitted, or at 100 % where there is most to see."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QImage

from enhance_gui.core.images.picture import Raster
from enhance_gui.ui.compare.mode import Side
from enhance_gui.ui.compare.pictures.loading import Pair
from enhance_gui.ui.compare.pictures.pyramid import Pyramid
from enhance_gui.ui.compare.view_state import ViewState

MostDetailed = Callable[[Raster, Raster | None, tuple[float, float]], tuple[float, float]]
"""Takes the pictures after and before, and the sides of a window in fractions of the picture's;
returns the middle of the window in which there is most to see. Takes a tenth of a second."""

_ENLARGED: Final = 1.5
"""From so many times the input's pixels on, a fitted result hides what was gained."""


def same_picture(old: Pair, new: Pair) -> bool:
    """Return whether two pairs show the same picture, so that the place in it stays valid."""
    before, wanted = old.get(Side.BEFORE), new.get(Side.BEFORE)
    if before is None or wanted is None or before.pyramid is None:
        return False
    return before.file.path == wanted.file.path


def placing(
    search: MostDetailed | None, shown: Pair, look: ViewState, pair: Pair
) -> Callable[[], QPointF] | None:
    """Return a function, for a thread, that finds where a pair is opened at 100 %.

    :param search: ``None``: it is opened fitted.
    :param shown: what is seen until then, and ``look``, how.
    :returns: ``None`` where it is opened fitted, or place and zoom are the user's already.
    """
    before, after = (pair[side].pyramid if side in pair else None for side in Side)
    if search is None or before is None or after is None:
        return None
    if after.facts.pixels < _ENLARGED * before.facts.pixels:
        return None
    if same_picture(shown, pair) and (Side.AFTER in shown or not look.camera.fitted):
        return None
    sizes = {side: each.size for side, each in pair.items()}
    pane = look.with_sizes(sizes, same=False).camera.pane
    return partial(_most_detailed, search, before, after, pane)


def _most_detailed(search: MostDetailed, before: Pyramid, after: Pyramid, pane: QSizeF) -> QPointF:
    window = pane.width() / after.size.width(), pane.height() / after.size.height()
    return QPointF(*search(_raster(after.levels[0]), _raster(before.levels[0]), window))


def _raster(image: QImage) -> Raster:
    return Raster(image.constBits(), image.width(), image.height(), image.bytesPerLine())
