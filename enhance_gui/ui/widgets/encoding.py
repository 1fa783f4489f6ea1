"""Encodes Qt's images as the bytes of a file."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QImageWriter


def encoded(image: QImage, kind: bytes, quality: int = -1) -> bytes:
    """Return the picture as a file.

    :param kind: ``b"png"`` or ``b"jpg"``.
    :param quality: 0 to 100; -1: Qt's default.
    :raises ValueError: Qt cannot write it.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # Not QImage.save: what it takes at run time is not what its types say.
    writer = QImageWriter(buffer, kind)
    writer.setQuality(quality)
    if not writer.write(image):
        raise ValueError(writer.errorString())
    return bytes(buffer.data().data())
