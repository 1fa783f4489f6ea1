"""Converts a picture for a service that does not take its kind: the first frame, upright.

Colours stay those of the file, with its profile; CMYK and the like become sRGB. Tags are left
behind: the service needs none, and they say where a picture was taken.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageCms

from enhance_gui.core.images.colour import CMYK, GREY, RGB, is_sound, profile_of
from enhance_gui.core.images.exif import UPRIGHT, read_exif
from enhance_gui.core.images.metadata import Metadata, read_metadata
from enhance_gui.core.picture_errors import (
    PICTURE_MISSING,
    InputError,
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
)
from enhance_gui.imaging.decoders import check_mode, decoder_of
from enhance_gui.imaging.verify import MAX_PIXELS

_ORIENTATION: Final = 0x0112
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Orientation of EXIF (CIPA DC-008, table 6) to what makes the picture upright."""

_JPEG_QUALITY: Final = 95
"""With all of the colour kept: hardly to be told from the original, at half the bytes of 98."""


def has_transparency(path: Path, kind: str) -> bool:
    """Return whether a picture may have transparent pixels; none is decoded.

    :param kind: its format, as the header has it.
    """
    try:
        with Image.open(path, formats=[decoder_of(kind)]) as image:
            return image.has_transparency_data
    # Pillow's readers raise whatever broken bytes lead to; what it is shows when it is decoded.
    except Exception:  # noqa: BLE001
        return False


def convert_for_service(source: Path, kind: str, target: Path, wanted: str, max_bytes: int) -> str:
    """Write a picture as a PNG or a JPEG.

    A PNG of more than ``max_bytes`` becomes a JPEG, where nothing of the picture is transparent.

    :param kind: its format, as the header has it.
    :param wanted: ``png`` or ``jpg``.
    :returns: the format that was written.
    :raises PictureDamaged: it cannot be decoded.
    :raises PictureTooLarge: it has too many pixels, or too many bytes whatever is done.
    :raises InputError: the source cannot be read.
    :raises OSError: the target cannot be written.
    """
    picture, profile = _decoded(source, kind)
    is_opaque = not picture.has_transparency_data
    formats = [wanted] if wanted == "jpg" and is_opaque else ["png"] + ["jpg"] * is_opaque
    for format_ in formats:
        written = _encoded(picture, profile, format_)
        if len(written) <= max_bytes:
            target.write_bytes(written)
            return format_
    raise PictureTooLarge(
        "converted to {format} it has {size_mb:.1f} MB; the service takes at most {max_mb:.1f} MB",
        format=formats[-1].upper(),
        size_mb=len(written) / 2**20,
        max_mb=max_bytes / 2**20,
    )


def _decoded(source: Path, kind: str) -> tuple[Image.Image, bytes | None]:
    """Return the first frame in a mode that both formats hold, and its profile."""
    try:
        data = source.read_bytes()
    except OSError as error:
        raise InputError(
            "it cannot be read ({reason})", reason=error.strerror, kind=PICTURE_MISSING
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=[decoder_of(kind)]) as image:
                pixels = image.width * image.height
                if pixels <= MAX_PIXELS:
                    metadata = read_metadata(io.BytesIO(data), kind)
                    metadata.icc_profile = metadata.icc_profile or image.info.get(
                        "icc_profile", b""
                    )
                    image.load()
                    return _plain(_upright(image, metadata, kind), metadata)
        except KindNotSupported:
            raise
        # Pillow's decoders raise whatever the broken bytes lead to.
        except Exception as error:
            raise PictureDamaged("it cannot be decoded: it is cut or broken") from error
    raise PictureTooLarge("it has far too many pixels")


def _upright(image: Image.Image, metadata: Metadata, kind: str) -> Image.Image:
    """Turn a decoded picture as its file wants it shown; TIFFs and HEIFs are turned already."""
    if kind == "avif":  # Pillow gives the file's own turn as a tag
        turn = TURNS.get(image.getexif().get(_ORIENTATION, UPRIGHT))
    else:
        turn = TURNS.get(read_exif(metadata.exif).orientation)
    return image.copy() if turn is None else image.transpose(turn)


def _plain(image: Image.Image, metadata: Metadata) -> tuple[Image.Image, bytes | None]:
    if image.mode in ("P", "PA", "RGBX", "RGBa", "La"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    check_mode(image.mode)
    if image.mode.startswith("I"):
        image = Image.fromarray(np.clip(np.asarray(image), 0, 65_535).astype(np.uint16))
    if image.mode in ("1", "L", "LA", "I;16"):
        return image, profile_of(metadata, GREY)
    if image.mode in ("RGB", "RGBA"):
        return image, profile_of(metadata, RGB)
    return _in_srgb(image, metadata.icc_profile), None


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    if image.mode == "CMYK" and is_sound(profile, CMYK):
        try:
            made = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError):
            made = None  # a broken profile: better plain colours than none
        if made is not None:
            return made
    return image.convert("RGB")


def _encoded(picture: Image.Image, profile: bytes | None, format_: str) -> bytes:
    file = io.BytesIO()
    if format_ == "png":
        picture.save(file, "PNG", icc_profile=profile)
    else:
        if picture.mode.startswith("I"):
            levels = np.clip(np.asarray(picture, np.float32) / 257 + 0.5, 0, 255)
            picture = Image.fromarray(levels.astype(np.uint8))
        if picture.mode not in ("L", "RGB"):
            picture = picture.convert("L" if picture.mode in ("1", "LA") else "RGB")
        picture.info = {}  # Pillow would write a comment that stands there
        picture.save(file, "JPEG", quality=_JPEG_QUALITY, subsampling=0, icc_profile=profile)
    return file.getvalue()
