"""The photograph to try the program with, and what its engine makes of it; both ship with it.

Where it is from stands beside it, in ``resources/sample/README.txt``.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QImage

from enhance_gui.core.resources import resource

STEM: Final = "sample"
"""What its file is called, without the ending."""

FACTOR: Final = 2
"""The result has so many times the sides of the photograph."""


def sample_file() -> bytes:
    """Return the photograph as the JPEG file it is."""
    return resource("sample/sample.jpg").read_bytes()


def sample_before() -> QImage:
    """Return the photograph."""
    return QImage.fromData(sample_file())


def sample_after() -> QImage:
    """Return what the engine made of it."""
    return QImage.fromData(resource("sample/enhanced.jpg").read_bytes())
