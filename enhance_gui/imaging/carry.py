"""Carries what an original says beside its pixels to a result, or to a copy of it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from PIL import Image

from enhance_gui.core.images.carried.blocks import Blocks, read_blocks
from enhance_gui.core.images.carried.carrying import (
    ORIENTATION,
    KeptMetadata,
    Mark,
    Shape,
    carried_blocks,
    orientation_of_result,
    without_orientation,
)
from enhance_gui.core.images.carried.fitting import fit
from enhance_gui.core.images.formats import FORMATS, SNIFF_BYTES, PictureFormat, format_of
from enhance_gui.core.images.metadata import read_metadata
from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.core.text.detail import Detail
from enhance_gui.imaging.decoders import decoder_of
from enhance_gui.imaging.embed import EDITABLE, embed
from enhance_gui.imaging.pieces import NotEditable, Write


def orientation_of(
    result: BinaryIO,
    header: PictureHeader,
    original: Path | None,
    original_sides_px: tuple[int, int] | None,
    *,
    is_part: bool = False,
) -> int:
    """Return which way up a result's pixels are stored, by EXIF's number.

    The parameters are those of :func:`write_carried`.

    :raises OSError: a file cannot be read.
    """
    found = Blocks() if original is None else _blocks_of(original)
    shape = Shape(header.width_px, header.height_px, is_part=is_part)
    own = _blocks_in(result, FORMATS[header.format])
    return orientation_of_result(found, own, original_sides_px, shape)


def write_carried(
    result: BinaryIO,
    header: PictureHeader,
    original: Path | None,
    original_sides_px: tuple[int, int] | None,
    kept: KeptMetadata,
    mark: Mark,
    write: Write,
    *,
    is_part: bool = False,
    converted_from: tuple[BinaryIO, str] | None = None,
) -> list[str]:
    """Write a result together with what its original says beside its pixels.

    :param result: a verified picture, which can be searched.
    :param header: its own.
    :param original: the picture that went in; ``None``: there is no copy of it.
    :param original_sides_px: width and height of it, as stored.
    :param write: takes the file in pieces.
    :param is_part: whether the result shows only a part, such as a face.
    :param converted_from: the result as it came, and its kind; the present one is upright, and says
        nothing beside its pixels.
    :returns: why something of the original is left out, one clause each.
    :raises NotEditable: nothing can be written into this file; what was written is of no use.
    :raises OSError: a file cannot be read.
    """
    sides_px = header.width_px, header.height_px
    left_out: list[str] = []
    if converted_from is None:
        if header.format not in EDITABLE:
            raise NotEditable("it is of a kind that is not written here")
        own = read_blocks(result, header.format)
        if own.has_credentials:
            raise NotEditable(
                "it has Content Credentials of the service, which any change would break"
            )
    else:
        own = read_blocks(*converted_from)
        without_orientation(own, sides_px)
        if own.has_credentials:
            left_out.append(
                Detail("the service's Content Credentials: they hold for its own file alone")
            )
    found = Blocks() if original is None else _blocks_of(original)
    profile = read_metadata(result, header.format).icc_profile
    shape = Shape(header.width_px, header.height_px, bool(profile), is_part)
    blocks, lost = carried_blocks(found, own, original_sides_px, shape, kept, mark)
    left_out += lost
    left_out += fit(blocks, header.format) if kept is not KeptMetadata.NONE else []
    return left_out + embed(result, header.format, blocks, sides_px, write)


def write_converted(
    source: BinaryIO, kind: str, converted: BinaryIO, header: PictureHeader, write: Write
) -> list[str]:
    """Write a picture in another kind of file, with all that the first says beside its pixels.

    :param kind: of the source.
    :param converted: the same pixels in the new kind, upright.
    :param header: that of the new file.
    :returns: why something is left out, one clause each.
    :raises NotEditable, OSError: as :func:`write_carried` does.
    """
    sides_px = header.width_px, header.height_px
    blocks = _blocks_in(source, FORMATS[kind])
    without_orientation(blocks, sides_px)
    left_out = fit(blocks, header.format)
    return left_out + embed(converted, header.format, blocks, sides_px, write)


def _blocks_of(original: Path) -> Blocks:
    with original.open("rb") as file:
        kind = format_of(file.read(SNIFF_BYTES))
        if kind is None:
            return Blocks()
        return _blocks_in(file, kind)


def _blocks_in(file: BinaryIO, kind: PictureFormat) -> Blocks:
    if kind.name in EDITABLE:
        return read_blocks(file, kind.name)
    return blocks_by_decoder(file, kind)


def blocks_by_decoder(file: BinaryIO, kind: PictureFormat) -> Blocks:
    """Read the blocks of a kind of file that is not written here, such as AVIF, by its decoder.

    It turns the picture by what the container says, so that EXIF's orientation means nothing more.

    :returns: none where the decoder is not there, or cannot read the file.
    """
    found = Blocks()
    file.seek(0)
    try:
        with Image.open(file, formats=[decoder_of(kind.name)]) as image:
            exif, xmp = image.info.get("exif"), image.info.get("xmp")
    # Pillow's decoders raise whatever broken bytes lead to.
    except Exception:  # noqa: BLE001
        return found
    if isinstance(exif, bytes):
        found.take_exif(exif)
    if isinstance(xmp, bytes):
        found.take_xmp(xmp)
    if found.exif is not None:
        found.exif.main.pop(ORIENTATION, None)
    return found
