"""Follows the structure of a whole picture file, without decoding a pixel.

What is missing or broken is found before a picture is sent. What browsers and decoders pass over is
passed over here too: a missing mark of the end, stray bytes, and whatever stands beside the pixels.
Files are read piece by piece: one that shrinks meanwhile ends early, and nothing worse.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Final

from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.imaging.structure.blocks import check_gif
from enhance_gui.imaging.structure.boxes import check_boxes, check_jpeg_2000
from enhance_gui.imaging.structure.jpeg import check_jpeg
from enhance_gui.imaging.structure.pieces import Pieces
from enhance_gui.imaging.structure.png import check_png
from enhance_gui.imaging.structure.rows import check_bmp
from enhance_gui.imaging.structure.strips import check_tiff
from enhance_gui.imaging.structure.webp import check_webp

_CHECKS: Final[dict[str, Callable[[Pieces], None]]] = {
    "jpg": check_jpeg,
    "png": check_png,
    "webp": check_webp,
    "bmp": check_bmp,
    "gif": check_gif,
    "tiff": check_tiff,
    "avif": check_boxes,
    "heic": check_boxes,
    "jp2": check_jpeg_2000,
}


def check_structure(file: BinaryIO, header: PictureHeader) -> None:
    """Check that a file holds all of the picture that its header promises.

    Time and memory are bounded by the sides in the header, so these are to be checked before.

    :param file: can be searched.
    :raises PictureDamaged: it is cut, or its parts do not fit together.
    :raises OSError: it cannot be read.
    """
    check = _CHECKS.get(header.format)
    if check is not None:
        check(Pieces(file))
