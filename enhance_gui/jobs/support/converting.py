"""Converts results: another kind of file, the same picture, all that it says.

What takes much is converted in a process of its own, as it was decoded when the result was
verified; so is what takes long, or needs the service's engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enhance_gui.core.images.formats import SAVED_FORMATS
from enhance_gui.core.images.left_out import LeftOut, Part
from enhance_gui.core.images.picture import PictureFacts
from enhance_gui.core.picture_errors import NotConvertible, ResultNotAsPromised
from enhance_gui.core.text.i18n import N_
from enhance_gui.imaging.carry import orientation_of, write_converted
from enhance_gui.imaging.convert import (
    IS_TRANSPARENT,
    MAX_SIDES_PX,
    WITH_16_BITS,
    WITHOUT_ALPHA,
    Transparent,
    convert,
    has_16_bits,
    has_alpha,
    room_problem,
)
from enhance_gui.imaging.pieces import NotEditable
from enhance_gui.imaging.verify import decoding_bytes, examine_picture
from enhance_gui.jobs.support.elsewhere import decoded_elsewhere
from enhance_gui.jobs.worker.verifying import MAX_BYTES_HERE
from enhance_gui.storage.files.results import PartFile

CONVERTING_LIMIT_S: Final = 600.0
"""Where other programs are at work, too, the largest AVIF takes some minutes."""

TRANSPARENT: Final = N_("a JPEG has no transparency")
_FAILED: Final = N_("it could not be converted")


@dataclass(frozen=True, slots=True)
class Conversion:
    """One picture that is to become another kind of file."""

    source: Path
    kind: str
    quality: int
    orientation: int
    on_white: bool
    """Whether transparent places become white where the kind has none; else it is refused."""
    is_deep: bool
    """Whether it keeps 16 bits a channel."""
    is_elsewhere: bool
    """Whether it is converted by a child process."""
    notes: tuple[LeftOut, ...] = ()
    """What is lost by it."""

    def arguments(self, room: Path) -> list[str | Path]:
        """Return those of the child that converts it."""
        numbers = str(self.quality), str(self.orientation)
        flags = ["--on-white"] * self.on_white + ["--deep"] * self.is_deep
        return [self.source, self.kind, room, *numbers, *flags]

    def carry_out(self, room: Path) -> None:
        """Write the picture alone, in this process.

        :raises NotConvertible: that is not possible.
        :raises OSError: it cannot be read or written.
        """
        try:
            convert(
                self.source,
                self.kind,
                room,
                self.quality,
                orientation=self.orientation,
                on_white=self.on_white,
            )
        except Transparent as error:
            raise NotConvertible(TRANSPARENT) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise NotConvertible(_FAILED) from error
        # Pillow's codecs raise whatever the bytes lead to.
        except Exception as error:
            raise NotConvertible(_FAILED) from error


def refuse_failed(code: int | None) -> None:
    """Look at how the child has ended that converts a picture.

    :raises NotConvertible: it did not succeed.
    """
    if code:
        raise NotConvertible(TRANSPARENT if code == IS_TRANSPARENT else _FAILED)


def conversion_of(
    source: Path,
    facts: PictureFacts,
    kind: str,
    quality: int,
    *,
    orientation: int,
    on_white: bool,
) -> Conversion:
    """Plan the conversion of a verified picture.

    :param orientation: how its pixels are stored, by EXIF's number.
    :raises NotConvertible: there is no writing such a file, or not this picture as such.
    :raises OSError: it cannot be read.
    """
    if kind not in MAX_SIDES_PX:
        raise NotConvertible("{format} files are not written here", format=kind.upper())
    header = facts.header
    if problem := room_problem(kind, header.width_px, header.height_px):
        raise NotConvertible(problem)
    notes = []
    if on_white and kind in WITHOUT_ALPHA and has_alpha(source, header):
        lost = N_("transparency, which a JPEG does not have: it is white there")
        notes.append(LeftOut(Part.FORMAT, lost))
    is_deep = has_16_bits(source, header)
    if is_deep and kind not in WITH_16_BITS:
        notes.append(LeftOut(Part.DEPTH, N_("16 bits a channel: 8 are left")))
    is_deep = is_deep and kind in WITH_16_BITS
    takes_much = decoding_bytes(facts) > MAX_BYTES_HERE
    return Conversion(
        source,
        kind,
        quality,
        orientation,
        on_white,
        is_deep,
        takes_much or is_deep or kind == "avif",
        tuple(notes),
    )


def converted_copy(
    source: Path, own: str, kind: str, quality: int, room: Path, part: PartFile
) -> list[str]:
    """Write a result as another kind of file.

    :param own: the kind that it is.
    :param quality: 1 to 100, for kinds that compress with loss.
    :param room: a path that nobody else can reach, for the pixels alone.
    :param part: takes the whole file.
    :returns: what the copy does not have of the result, one clause each.
    :raises NotConvertible: there is no writing such a file, or not this picture as such.
    :raises OSError: it cannot be read or written.
    """
    try:
        facts = examine_picture(source, kinds=SAVED_FORMATS)
    except ResultNotAsPromised as error:
        raise NotConvertible(error.detail) from error
    with source.open("rb") as before:
        orientation = orientation_of(before, facts.header, None, None)
        plan = conversion_of(source, facts, kind, quality, orientation=orientation, on_white=True)
        if not plan.is_elsewhere:
            plan.carry_out(room)
        elif (
            decoded_elsewhere("convert", *plan.arguments(room), limit_s=CONVERTING_LIMIT_S) is None
        ):
            raise NotConvertible(_FAILED)
        with room.open("rb") as after:
            header = examine_picture(room, kinds=SAVED_FORMATS).header
            try:
                left_out = write_converted(before, own, after, header, part.write)
            except NotEditable as error:
                raise NotConvertible(_FAILED) from error
    return [each.reason for each in plan.notes] + left_out
