"""Reads pictures that Qt does not read, or not rightly, into images. For threads of the background.

The pixels come from a process of their own, which reads a file as the service of this computer
does: upright, and in sRGB.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage

from enhance_gui.core.images.formats import PictureFormat
from enhance_gui.jobs.support import on_demand

_READ_BY_QT: Final = ("jpg", "png", "webp", "bmp", "gif")
"""Of the others Qt knows none, or not all that cameras and scanners write."""

_MAX_CHUNKS: Final = 1_000


def can_read(kind: PictureFormat) -> bool:
    """Return whether pictures of a kind can be shown by this installation."""
    return kind.name in _READ_BY_QT or on_demand.can_decode(kind.name)


def is_read_by_qt(path: Path, kind: PictureFormat) -> bool:
    """Return whether Qt reads a file, and rightly.

    :raises OSError: it cannot be read.
    """
    if kind.name not in _READ_BY_QT:
        return False
    return kind.name != "png" or not _has_deep_key(path)


def size_of(path: Path) -> QSize:
    """Return the sides of a picture, upright; empty where they cannot be read.

    :raises OSError: the file cannot be read.
    """
    sides = on_demand.shown_sides(path)
    return QSize() if sides is None else QSize(*sides)


def read_image(path: Path, part: QRect, size: QSize) -> QImage:
    """Return a part of a picture, reduced to a size; a null image where it cannot be decoded.

    :param part: inside the upright picture, in its pixels.
    """
    place = (part.x(), part.y(), part.width(), part.height())
    raster = on_demand.shown_part(path, place, (size.width(), size.height()))
    if raster is None:
        return QImage()
    form = QImage.Format
    kind = form.Format_RGB32 if raster.is_opaque else form.Format_ARGB32_Premultiplied
    # It keeps the bytes alive, and shares them: nobody may paint on it.
    return QImage(raster.data, raster.width_px, raster.height_px, raster.row_bytes, kind)


def _has_deep_key(path: Path) -> bool:
    """Return whether a PNG has 16 bits a colour and one colour that is transparent.

    Qt's reader does not heed that colour.
    """
    with path.open("rb") as file:
        head = file.read(33)
        if head[24:26] != b"\x10\2":
            return False
        place = len(head)
        for _ in range(_MAX_CHUNKS):
            file.seek(place)
            start = file.read(8)
            if len(start) < 8 or start[4:] == b"IDAT":
                return False
            if start[4:] == b"tRNS":
                return True
            place += 12 + struct.unpack(">I", start[:4])[0]
    return False
