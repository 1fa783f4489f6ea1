"""Reads picture files into pixels: upright, in sRGB, ready to be painted. For threads of the
background.

Reading lets other threads run; every other call on a ``QImage`` holds Python's lock until it is
done (measured: half a second to halve a picture of 85 megapixels), and with it the whole window.
So Qt's reader does all that it can (turning, reducing, cutting out), and what is left is done in
strips by :mod:`enhance_gui.ui.compare.pictures.pixels`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader

from enhance_gui.core.images.formats import SNIFF_BYTES, PictureFormat, format_of
from enhance_gui.core.images.inputs.input_files import is_file
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.bridges.picture_bridge import can_read, is_read_by_qt, read_image, size_of
from enhance_gui.ui.compare.pictures.pixels import paintable
from enhance_gui.ui.widgets.appearance import Appearance, read_appearance, stored_size
from enhance_gui.ui.widgets.decoding import decoding, is_cut_png, is_set_aside

_BYTES_A_PIXEL: Final = 4


class CannotShow(Exception):
    """Raised when a file cannot be shown; its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """The properties of a picture file that are known before its pixels are read."""

    path: Path
    width_px: int
    """Of the picture as it is shown: turned upright."""
    height_px: int
    size_bytes: int
    modified_ns: int
    format: bytes
    """Qt's name of the decoder that fits the first bytes."""
    bytes_a_pixel: int
    """As decoded, and as Qt's limit counts them."""
    appearance: Appearance | None
    """``None``: it is not Qt that reads it."""

    @property
    def pixels(self) -> int:
        return self.width_px * self.height_px


def read_facts(path: Path) -> PictureFacts:
    """Read the properties of a picture file.

    :raises CannotShow: no such file, or not a picture.
    """
    if not is_file(path):  # a pipe would be waited for
        raise _gone(path)
    if is_set_aside(path):
        raise _damaged(path)
    try:
        with path.open("rb") as file:
            start = file.read(SNIFF_BYTES)
        status = path.stat()
        kind = format_of(start)
        cut = kind is not None and kind.name == "png" and is_cut_png(path)
    except OSError as error:
        raise _gone(path) from error
    if kind is None or not can_read(kind):
        text = tr("“{name}” is not a picture that can be shown here.")
        raise CannotShow(text.format(name=path.name))
    if cut:
        raise _damaged(path)
    try:
        size, bytes_a_pixel, appearance = _described(path, kind)
    except OSError as error:
        raise _gone(path) from error
    if size.isEmpty():
        raise _damaged(path)
    return PictureFacts(
        path,
        size.width(),
        size.height(),
        status.st_size,
        status.st_mtime_ns,
        kind.qt_name,
        bytes_a_pixel,
        appearance,
    )


def _described(path: Path, kind: PictureFormat) -> tuple[QSize, int, Appearance | None]:
    """Return the upright sides, the bytes of a decoded pixel, and how Qt's pixels are shown.

    :raises OSError: the file cannot be read.
    """
    if not is_read_by_qt(path, kind):
        with decoding(path, 0, is_jpeg=False):  # the file is mapped into memory
            return size_of(path), _BYTES_A_PIXEL, None
    reader = _reader(path, kind.qt_name)
    size = stored_size(reader)
    appearance = read_appearance(path, kind, reader)
    if appearance.swaps_sides:
        size.transpose()
    bits = QImage.toPixelFormat(reader.imageFormat()).bitsPerPixel()
    return size, max(_BYTES_A_PIXEL, bits // 8), appearance


def read_whole(facts: PictureFacts, halvings: int = 0) -> QImage:
    """Read all of a picture, its sides halved so many times.

    :raises CannotShow: damaged, or more pixels than may be decoded.
    """
    size = halved_size(QSize(facts.width_px, facts.height_px), halvings)
    return _read(facts, size, halvings, halvings > 0)


def read_small(facts: PictureFacts, side_px: int) -> QImage:
    """Read all of a picture, reduced so that its longer side has ``side_px`` at most.

    :raises CannotShow: damaged, or more pixels than may be decoded.
    """
    longest_px = max(facts.width_px, facts.height_px)
    size = QSize(facts.width_px, facts.height_px)
    if longest_px > side_px:
        size = size * (side_px / longest_px)
    size = size.expandedTo(QSize(1, 1))
    halvings = (longest_px // max(size.width(), size.height())).bit_length() - 1
    return _read(facts, size, halvings, longest_px > side_px)


def read_part(facts: PictureFacts, halvings: int, part: QRect) -> QImage:
    """Read ``part`` of a picture whose sides are halved so many times.

    :param part: inside the halved picture, in its pixels, upright.
    :raises CannotShow: damaged, or more pixels than may be decoded.
    """
    whole = halved_size(QSize(facts.width_px, facts.height_px), halvings)
    if facts.appearance is None:
        # What is allowed is allowed as a whole.
        return read_whole(facts, halvings).copy(part)
    reader = _reader(facts.path, facts.format)
    stored = whole.transposed() if facts.appearance.swaps_sides else whole
    place = stored_part(part, whole, facts.appearance.turns)
    if not can_read_parts(facts):
        raise _too_many(facts)
    if halvings:
        reader.setScaledSize(stored)
        reader.setScaledClipRect(place)
    else:
        reader.setClipRect(place)
    return _pixels_of(reader, facts)


def can_read_whole(facts: PictureFacts, halvings: int = 0) -> bool:
    """Return whether so many pixels fit Qt's limit, which guards against decompression bombs."""
    # Only JPEG is reduced while it is decoded; every other kind is read as a whole before.
    pixels = facts.pixels >> (2 * halvings) if facts.format == b"jpeg" else facts.pixels
    return pixels * facts.bytes_a_pixel <= _allocation_limit_bytes()


def can_read_parts(facts: PictureFacts) -> bool:
    """Return whether a part can be read with a part's memory: only JPEG is decoded by rows."""
    return facts.format == b"jpeg" or can_read_whole(facts)


def _allocation_limit_bytes() -> int:
    limit_mb = QImageReader.allocationLimit()
    return limit_mb * 2**20 if limit_mb else sys.maxsize


def halved_size(size: QSize, halvings: int) -> QSize:
    """Halve both sides so many times, rounding up as JPEG decoders do."""
    step = 1 << halvings
    return QSize(-(-size.width() // step), -(-size.height() // step))


def stored_part(part: QRect, whole: QSize, turns: QImageIOHandler.Transformation) -> QRect:
    """Find where a part of the upright picture lies in the picture as it is stored.

    Qt mirrors first and turns clockwise after it; this is the way back.

    :param whole: sides of the upright picture.
    """
    left, top, width, height = part.x(), part.y(), part.width(), part.height()
    stored_width, stored_height = whole.width(), whole.height()
    if turns & QImageIOHandler.Transformation.TransformationRotate90:
        left, top, width, height = top, whole.width() - left - width, height, width
        stored_width, stored_height = stored_height, stored_width
    if turns & QImageIOHandler.Transformation.TransformationMirror:
        left = stored_width - left - width
    if turns & QImageIOHandler.Transformation.TransformationFlip:
        top = stored_height - top - height
    return QRect(left, top, width, height)


def _read(facts: PictureFacts, size: QSize, halvings: int, reduced: bool) -> QImage:
    if not can_read_whole(facts, halvings):
        raise _too_many(facts)
    if facts.appearance is None:
        with decoding(facts.path, facts.pixels, is_jpeg=False):
            image = read_image(facts.path, QRect(0, 0, facts.width_px, facts.height_px), size)
        if image.isNull():
            raise _damaged(facts.path)
        return image
    reader = _reader(facts.path, facts.format)
    if reduced:
        reader.setScaledSize(size.transposed() if facts.appearance.swaps_sides else size)
    return _pixels_of(reader, facts)


def _pixels_of(reader: QImageReader, facts: PictureFacts) -> QImage:
    with decoding(facts.path, facts.pixels, is_jpeg=facts.format == b"jpeg"):
        image = reader.read()
    if image.isNull():
        raise _damaged(facts.path)
    return paintable(image if facts.appearance is None else facts.appearance.of(image))


def _gone(path: Path) -> CannotShow:
    return CannotShow(tr("“{name}” cannot be opened any more.").format(name=path.name))


def _damaged(path: Path) -> CannotShow:
    return CannotShow(tr("“{name}” cannot be read: the file is damaged.").format(name=path.name))


def _too_many(facts: PictureFacts) -> CannotShow:
    text = tr(
        "“{name}” has {width} × {height} pixels: too large to preview. The file itself "
        "is not touched."
    )
    return CannotShow(
        text.format(name=facts.path.name, width=facts.width_px, height=facts.height_px)
    )


def _reader(path: Path, kind: bytes) -> QImageReader:
    if not is_file(path):
        raise _gone(path)
    # The decoder is named, and not searched by content: no other one is let at the bytes.
    reader = QImageReader(str(path), kind)
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    return reader
