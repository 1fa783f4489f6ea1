"""Converts Qt's data of a drop or paste into the data that the core reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, QMimeData
from PySide6.QtGui import QImage, QImageWriter

from enhance_gui.core.images.inputs.drop_data import (
    DROPPED,
    HOVERING,
    LIGHT_FORMATS,
    ORIGIN,
    PAGE_FORMATS,
    PICTURE_FORMATS,
    URI_LIST,
    Bounds,
    Dropped,
    read_dropped,
)

_LONG_BYTES: Final = 2**12
"""A longer text is not read on the UI thread: it may have hundreds of addresses, each of which
takes up to a tenth of a millisecond."""


def hovering(mime: QMimeData) -> Dropped:
    """Return the data dragged over the window, without fetching a picture's bytes."""
    return read_dropped(_light_data(mime, HOVERING), HOVERING)


def may_hold_picture(mime: QMimeData) -> bool:
    """Return whether there might be a picture in it that has no address."""
    return mime.hasImage() or any(mime.hasFormat(name) for name in PICTURE_FORMATS)


def reader_of(mime: QMimeData) -> tuple[Callable[[], Dropped], bool]:
    """Fetch the data; return a function that reads it, and whether reading takes long.

    If it does, call the function in another thread.
    """
    data = _light_data(mime, DROPPED)
    is_long = sum(map(len, data.values())) > _LONG_BYTES
    data |= {name: _bytes(mime, name) for name in PICTURE_FORMATS if mime.hasFormat(name)}
    image = mime.imageData() if mime.hasImage() else None
    return partial(_read, data, image), is_long


def _read(data: dict[str, bytes], image: object) -> Dropped:
    found = read_dropped(data)
    if found.is_empty and isinstance(image, QImage) and not image.isNull():
        return Dropped(picture=_png(image))
    return found


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # Not QImage.save: what it takes at run time is not what its types say.
    writer = QImageWriter(buffer, b"png")
    if not writer.write(image):
        raise ValueError(writer.errorString())
    return bytes(buffer.data().data())


def _light_data(mime: QMimeData, bounds: Bounds) -> dict[str, bytes]:
    # Asked for one by one: what is not asked for is not sent by the other program. Of the formats
    # of pages it is enough that they are there; Windows hands them on under longer names.
    there = mime.formats()
    of_pages = {name: b"" for name in PAGE_FORMATS if any(name in each for each in there)}
    for each in there:
        if ORIGIN in each:
            of_pages[ORIGIN] = _bytes(mime, each, bounds)
    return of_pages | {
        name: _bytes(mime, name, bounds) for name in LIGHT_FORMATS if mime.hasFormat(name)
    }


def _bytes(mime: QMimeData, name: str, bounds: Bounds | None = None) -> bytes:
    """Return the data of a format; of a text not many more bytes than are read."""
    data = mime.data(name)
    if bounds is not None:
        read_bytes = bounds.file_list_bytes if name == URI_LIST else bounds.text_bytes
        data = data.left(read_bytes + 1)  # one more shows that it is cut
    return bytes(data.data())
