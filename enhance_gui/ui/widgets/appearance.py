"""Tells Qt what a picture file says of its orientation and colours, and turns pictures upright.

Qt reads the orientation of JPEG and TIFF alone, and knows not all of a PNG's ways to describe its
colours; what counts is decided once, in :mod:`enhance_gui.core.images.colour`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QColorSpace, QImage, QImageIOHandler, QImageReader, QTransform

from enhance_gui.core.images.colour import GREY, RGB, profile_of
from enhance_gui.core.images.exif import read_exif
from enhance_gui.core.images.formats import PictureFormat
from enhance_gui.core.images.metadata import read_metadata

Turns = QImageIOHandler.Transformation

_TURNS: Final = {
    2: Turns.TransformationMirror,
    3: Turns.TransformationRotate180,
    4: Turns.TransformationFlip,
    5: Turns.TransformationFlipAndRotate90,
    6: Turns.TransformationRotate90,
    7: Turns.TransformationMirrorAndRotate90,
    8: Turns.TransformationRotate270,
}
"""By the numbers of EXIF."""

_GREY: Final = (QImage.Format.Format_Grayscale8, QImage.Format.Format_Grayscale16)
_DESCRIBED: Final = ("jpg", "png", "webp")
"""Formats whose colours are decided by the program; those of the others by Qt."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """How the pixels of a picture file are to be shown."""

    turns: Turns
    """What makes them upright: Qt mirrors first and turns clockwise after it."""
    by_reader: bool
    """Whether Qt's reader turns them by itself."""
    colours: QColorSpace | None
    """What their numbers mean; ``None``: what Qt says."""

    @property
    def swaps_sides(self) -> bool:
        return bool(self.turns & Turns.TransformationRotate90)

    def of(self, image: QImage) -> QImage:
        """Return a picture that was just read, upright and with its colours told."""
        image = self._upright(image)
        if self.colours is not None:
            image.setColorSpace(self.colours)
        return image

    def _upright(self, image: QImage) -> QImage:
        if self.by_reader or self.turns == Turns.TransformationNone:
            return image
        turned = QTransform().rotate(90 if self.swaps_sides else 0)
        across = -1 if self.turns & Turns.TransformationMirror else 1
        down = -1 if self.turns & Turns.TransformationFlip else 1
        upright = image.transformed(turned.scale(across, down))
        # Of grey Qt may make colours when it turns, which what the grey means does not fit.
        return upright.convertToFormat(image.format()) if image.format() in _GREY else upright


def read_appearance(path: Path, kind: PictureFormat, reader: QImageReader) -> Appearance:
    """Read how a picture is to be shown.

    :param reader: of the file.
    :raises OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        metadata = read_metadata(file, kind.name)
    by_reader = kind.name in ("jpg", "tiff")
    orientation = read_exif(metadata.exif).orientation
    turns = _TURNS.get(orientation, Turns.TransformationNone)
    colours = None
    pixels = reader.imageFormat()
    if kind.name in _DESCRIBED and pixels != QImage.Format.Format_CMYK8888:
        profile = profile_of(metadata, GREY if pixels in _GREY else RGB)
        colours = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
        if profile is not None and (read := QColorSpace.fromIccProfile(profile)).isValid():
            colours = read
    return Appearance(reader.transformation() if by_reader else turns, by_reader, colours)


def stored_size(reader: QImageReader) -> QSize:
    """Return the sides of a picture as it is stored; empty where they cannot be read."""
    size = reader.size()
    # Of a BMP that is stored from its top row on, Qt tells a negative height.
    return QSize(size.width(), abs(size.height())) if size.width() > 0 else QSize()


def in_srgb(image: QImage) -> QImage:
    """Return a small picture with sRGB's colours; unchanged where they are not known."""
    srgb = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    if not image.colorSpace().isValid() or image.colorSpace() == srgb:
        return image
    alpha = image.hasAlphaChannel()
    wanted = QImage.Format.Format_ARGB32 if alpha else QImage.Format.Format_RGB32
    converted = image.convertedToColorSpace(srgb, wanted)
    # A profile that Qt cannot use (for another colour model, say) leaves the colours as stored.
    return image.convertToFormat(wanted) if converted.isNull() else converted
