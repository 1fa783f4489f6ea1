"""Turns what Qt hands over, dropped or pasted, into the data that the core reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from enhance_gui.core.dropped_data import (
    HOVERING,
    LIGHT_FORMATS,
    PAGE_FORMATS,
    PICTURE_FORMATS,
    Dropped,
    read_dropped,
)
from enhance_gui.ui.encoding import encoded

_LONG_BYTES: Final = 2**12
"""A longer text is not read on the UI thread: it may have hundreds of addresses, each of which
takes up to a tenth of a millisecond."""


def hovering(mime: QMimeData) -> Dropped:
    """Look at what hovers over the window, without fetching a picture's bytes."""
    return read_dropped(_data(mime, LIGHT_FORMATS), HOVERING)


def may_hold_picture(mime: QMimeData) -> bool:
    """Tell whether there might be a picture in it that has no address."""
    return mime.hasImage() or any(mime.hasFormat(name) for name in PICTURE_FORMATS)


def received(mime: QMimeData) -> Dropped:
    """Read what was dropped or pasted."""
    return reader_of(mime)[0]()


def reader_of(mime: QMimeData) -> tuple[Callable[[], Dropped], bool]:
    """Fetch what was dropped or pasted; return what reads it, and whether that takes its time.

    Where it does, it is for another thread.
    """
    data = _data(mime, (*LIGHT_FORMATS, *PICTURE_FORMATS))
    is_long = sum(len(data.get(name, b"")) for name in LIGHT_FORMATS) > _LONG_BYTES
    image = mime.imageData() if mime.hasImage() else None
    return partial(_read, data, image), is_long


def _read(data: dict[str, bytes], image: object) -> Dropped:
    found = read_dropped(data)
    if found.is_empty and isinstance(image, QImage) and not image.isNull():
        return Dropped(picture=encoded(image, b"png"))
    return found


def _data(mime: QMimeData, names: Iterable[str]) -> dict[str, bytes]:
    # Asked for one by one: what is not asked for is not sent by the other program. Of the formats
    # of pages it is enough that they are there; Windows hands them on under longer names.
    there = mime.formats()
    of_pages = {name: b"" for name in PAGE_FORMATS if any(name in each for each in there)}
    return of_pages | {
        name: bytes(mime.data(name).data()) for name in names if mime.hasFormat(name)
    }
