"""Detects a PNG file that ends too early, before it is decoded.

The decoder would notice it as well, but reports it on standard error, past every log.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Final

_SIGNATURE_BYTES: Final = 8
_LAST_CHUNK: Final = b"\0\0\0\0IEND\xaeB`\x82"
_AROUND_DATA_BYTES: Final = 12
"""Of a chunk: length, name, and checksum."""
_MAX_CHUNKS: Final = 100_000
"""A file with more is left to the decoder: to check each would take seconds."""


def is_cut_png(path: Path) -> bool:
    """Return whether a file that begins as PNG has no last chunk.

    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(_LAST_CHUNK)))
        if file.read() == _LAST_CHUNK:
            return False
        # Some programs write something of their own behind the picture.
        place = _SIGNATURE_BYTES
        for _ in range(_MAX_CHUNKS):
            if place + _AROUND_DATA_BYTES > size:
                return True
            file.seek(place)
            length, name = struct.unpack(">I4s", file.read(8))
            if name == b"IEND":
                return False
            place += _AROUND_DATA_BYTES + length
    return False
