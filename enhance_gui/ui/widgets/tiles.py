"""Reads a picture file as a small tile: cropped to a shape, turned upright, with round corners.

Meant for worker threads; nothing here touches a widget or a pixmap.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QImage,
    QImageReader,
    QPainter,
    QTransform,
)

from enhance_gui.core.images.formats import SNIFF_BYTES, PictureFormat, format_of
from enhance_gui.ui.bridges.picture_bridge import is_read_by_qt, read_image, size_of
from enhance_gui.ui.widgets.appearance import (
    Appearance,
    in_srgb,
    read_appearance,
    stored_size,
)
from enhance_gui.ui.widgets.decoding import decoding, is_cut_png, is_set_aside

MAX_PIXELS: Final = 400_000_000
"""A picture with more is not even begun: its first bytes may promise what fills the memory."""

MAX_STRETCH: Final = 8
"""A picture this many times longer than its tile is cut before it is scaled, not after."""


@dataclass(frozen=True, slots=True)
class TileSpec:
    """The request for a tile: which picture, in what size and shape."""

    path: Path
    width_px: int
    """In pixels of the screen, not of the layout."""
    height_px: int
    radius_px: int
    """Of the round corners."""

    @property
    def size_px(self) -> QSize:
        return QSize(self.width_px, self.height_px)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Distinguishes one content of a path from another: a file's time and size."""

    modified_ns: int
    size_bytes: int


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of a file; ``None`` where it cannot be read."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for
        return None
    return Stamp(found.st_mtime_ns, found.st_size)


def read_tile(spec: TileSpec) -> QImage | None:
    """Return the tile, ARGB32 premultiplied; ``None`` where the file is no picture to show."""
    path = spec.path
    try:
        with path.open("rb") as file:
            kind = format_of(file.read(SNIFF_BYTES))
        if kind is None or is_set_aside(path) or (kind.name == "png" and is_cut_png(path)):
            return None
        by_qt = is_read_by_qt(path, kind)
        image = _read_by_qt(path, kind, spec.size_px) if by_qt else _read(path, spec.size_px)
    except OSError:
        return None
    return None if image is None else _rounded(image, spec)


def _read(path: Path, tile: QSize) -> QImage | None:
    """:raises OSError: it cannot be read."""
    with decoding(path, 0, is_jpeg=False):  # the file is mapped into memory
        size = size_of(path)
    if size.isEmpty() or size.width() * size.height() > MAX_PIXELS:
        return None
    covering = size.scaled(tile, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    part = QRect(QPoint(), size)
    if covering.width() * covering.height() > MAX_STRETCH * tile.width() * tile.height():
        part = _middle(size, tile.scaled(size, Qt.AspectRatioMode.KeepAspectRatio))
        covering = tile
    with decoding(path, size.width() * size.height(), is_jpeg=False):
        image = read_image(path, part, covering)
    return None if image.isNull() else image


def _read_by_qt(path: Path, kind: PictureFormat, tile: QSize) -> QImage | None:
    """:raises OSError: it cannot be read."""
    reader = QImageReader(str(path), kind.qt_name)
    reader.setAutoDetectImageFormat(False)
    appearance = read_appearance(path, kind, reader)
    size = stored_size(reader)
    pixels = 0 if size.isEmpty() else size.width() * size.height()
    with decoding(path, pixels, is_jpeg=kind.name == "jpg"):
        return _read_scaled(reader, size, tile, appearance)


def _read_scaled(
    reader: QImageReader, size: QSize, tile: QSize, appearance: Appearance
) -> QImage | None:
    if size.isEmpty() or size.width() * size.height() > MAX_PIXELS:
        return None
    # The sizes that a reader takes are those before it turns the picture upright.
    if appearance.swaps_sides:
        tile = tile.transposed()
    covering = size.scaled(tile, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    if covering.width() * covering.height() <= MAX_STRETCH * tile.width() * tile.height():
        reader.setScaledSize(covering)
    else:
        reader.setClipRect(_middle(size, tile.scaled(size, Qt.AspectRatioMode.KeepAspectRatio)))
        reader.setScaledSize(tile)
    reader.setAutoTransform(True)
    image = reader.read()
    return None if image.isNull() else in_srgb(appearance.of(image))


def _middle(outer: QSize, inner: QSize) -> QRect:
    size = inner.expandedTo(QSize(1, 1))
    left, top = outer.width() - size.width(), outer.height() - size.height()
    return QRect(QPoint(left // 2, top // 2), size)


def _rounded(image: QImage, spec: TileSpec) -> QImage:
    tile = QImage(spec.size_px, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    corner = _middle(image.size(), spec.size_px).topLeft()
    brush = QBrush(image)
    brush.setTransform(QTransform.fromTranslate(-corner.x(), -corner.y()))
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    painter.drawRoundedRect(
        QRectF(0, 0, spec.width_px, spec.height_px), spec.radius_px, spec.radius_px
    )
    painter.end()
    return tile
