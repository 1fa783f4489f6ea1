"""Converts results for the user: another kind of file, the same picture, all that it says.

What takes much is decoded in a process of its own, as it was when the result was verified.
"""

from __future__ import annotations

from pathlib import Path

from enhance_gui.core.picture_errors import NotConvertible, ResultNotAsPromised
from enhance_gui.core.text.detail import Detail
from enhance_gui.imaging.carry import write_converted
from enhance_gui.imaging.convert import (
    MAX_SIDES_PX,
    WITHOUT_ALPHA,
    convert,
    has_16_bits,
    has_alpha,
)
from enhance_gui.imaging.pieces import NotEditable
from enhance_gui.imaging.verify import decoding_bytes, examine_picture
from enhance_gui.jobs.support.elsewhere import decoded_elsewhere
from enhance_gui.jobs.worker.verifying import MAX_BYTES_HERE
from enhance_gui.storage.files.results import PartFile


def converted_copy(source: Path, own: str, kind: str, room: Path, part: PartFile) -> list[str]:
    """Write a result as another kind of file.

    :param own: the kind that it is.
    :param room: a path that nobody else can reach, for the pixels alone.
    :param part: takes the whole file.
    :returns: what the copy does not have of the result, one clause each.
    :raises NotConvertible: there is no writing such a file, or not this picture as such.
    :raises OSError: it cannot be read or written.
    """
    if kind not in MAX_SIDES_PX:
        raise NotConvertible("{format} files are not written here", format=kind.upper())
    try:
        facts = examine_picture(source)
    except ResultNotAsPromised as error:
        raise NotConvertible(error.detail) from error
    header = facts.header
    maximum_px = MAX_SIDES_PX[kind]
    if max(header.width_px, header.height_px) > maximum_px:
        raise NotConvertible(
            "a {format} file has at most {count} pixels a side",
            format=kind.upper(),
            count=maximum_px,
        )
    notes: list[str] = []
    if kind in WITHOUT_ALPHA and has_alpha(source, header):
        notes.append(Detail("transparency, which a JPEG does not have: it is white there"))
    if has_16_bits(source, header):
        notes.append(Detail("16 bits a channel: the copy has 8"))
    if decoding_bytes(facts) > MAX_BYTES_HERE:
        if decoded_elsewhere("convert", source, kind, room) is None:
            raise NotConvertible("it could not be converted")
    else:
        _convert_here(source, kind, room)
    with source.open("rb") as before, room.open("rb") as after:
        try:
            left_out = write_converted(before, own, after, examine_picture(room).header, part.write)
        except NotEditable as error:
            raise NotConvertible("it could not be converted") from error
    return notes + left_out


def _convert_here(source: Path, kind: str, room: Path) -> None:
    try:
        convert(source, kind, room)
    except OSError as error:
        if error.errno is not None:
            raise
        raise NotConvertible("it could not be converted") from error
    # Pillow's codecs raise whatever the bytes lead to.
    except Exception as error:
        raise NotConvertible("it could not be converted") from error
