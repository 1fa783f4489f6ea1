"""Says which kinds of pictures this installation decodes, and has Pillow know how."""

from __future__ import annotations

from functools import cache
from typing import Final

from enhance_gui.core.images.formats import FORMATS
from enhance_gui.core.picture_errors import KindNotSupported

_PARTS_OF_PILLOW: Final = {"avif": "avif", "jp2": "jpg_2000", "webp": "webp"}
"""What a Pillow may be built without, by Pillow's own names."""


@cache
def can_decode(kind: str) -> bool:
    """Return whether a kind of picture can be decoded.

    :param kind: its name in :data:`~enhance_gui.core.images.formats.FORMATS`.
    """
    if kind == "heic":
        return _knows_heif()
    # Loaded here: the service listens before it has loaded Pillow.
    from PIL import features

    part = _PARTS_OF_PILLOW.get(kind)
    return part is None or bool(features.check(part))


def decoder_of(kind: str) -> str:
    """Return Pillow's name of the decoder of a kind; Pillow knows it from then on.

    :raises KindNotSupported: this installation has none.
    """
    if can_decode(kind):
        return FORMATS[kind].decoder
    raise KindNotSupported(
        "this installation lacks the decoder of {format} files: install the Python package "
        "{package}, or save the picture as JPEG",
        format=kind.upper(),
        package="pillow-heif" if kind == "heic" else "pillow",
    )


def check_mode(mode: str) -> None:
    """Check that the values of a picture have a white.

    :param mode: Pillow's name of the kind of its values.
    :raises KindNotSupported: they are floating-point numbers, which say none.
    """
    if mode == "F":
        raise KindNotSupported(
            "its values are floating-point numbers: save it with 8 or 16 bits a channel"
        )


def decoders() -> tuple[str, ...]:
    """Return Pillow's names of all decoders that are let at people's files.

    Others would be a way in for hostile ones.
    """
    return tuple(each.decoder for each in FORMATS.values() if can_decode(each.name))


def _knows_heif() -> bool:
    try:
        import pillow_heif
    except ImportError:  # not every system packages it
        return False
    # Of a file that holds several pictures only the first one's pixels are wanted.
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return True
