"""Says what of a picture's file does not reach the result, and what is sent in its place.

The same words stand in the review before sending, in reports and in sidecars.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from enhance_gui.core.text.detail import Detail, shown
from enhance_gui.core.text.i18n import N_, number, plural

if TYPE_CHECKING:
    from enhance_gui.core.images.picture import CheckedPicture, PictureHeader


class Part(StrEnum):
    """What a file can hold beside its first picture. The words stand in sidecars."""

    ANIMATION = "animation"
    PAGES = "further_pages"
    PICTURES = "further_pictures"
    GAIN_MAP = "gain_map"
    VIDEO = "video"
    METADATA = "metadata"
    FORMAT = "format"
    """The kind of file that the user wanted."""
    DEPTH = "depth"
    """16 bits a channel."""


class LeftOut(NamedTuple):
    """A part that the result does not carry."""

    part: Part
    reason: str
    """One clause: a detail that can be translated."""


_ANIMATED: Final = frozenset({"gif", "webp", "png", "avif"})
_PAGED: Final = frozenset({"tiff"})

UNCOUNTED: Final = 2
"""Frames of which it is only known that there is more than one."""

_FIRST_ONLY: Final = {
    Part.ANIMATION: N_("only the first frame of the animation is enhanced"),
    Part.PAGES: N_("only the first page is enhanced"),
    Part.PICTURES: N_("only the first picture in the file is enhanced"),
}
_FIRST_OF: Final = {
    Part.ANIMATION: N_("only the first of {count} frames is enhanced"),
    Part.PAGES: N_("only the first of {count} pages is enhanced"),
    Part.PICTURES: N_("only the first of {count} pictures in the file is enhanced"),
}
_NOT_CARRIED: Final = {
    Part.GAIN_MAP: N_("the HDR gain map is not carried over"),
    Part.VIDEO: N_("the video of the motion photo is not carried over"),
}


def left_out(header: PictureHeader) -> list[LeftOut]:
    """Return what of a file is not carried over, each part with its reason."""
    found = []
    if header.frames > 1:
        part = (
            Part.ANIMATION
            if header.format in _ANIMATED
            else Part.PAGES
            if header.format in _PAGED
            else Part.PICTURES
        )
        is_counted = header.frames > UNCOUNTED
        reason = Detail(_FIRST_OF[part], count=header.frames) if is_counted else _FIRST_ONLY[part]
        found.append(LeftOut(part, reason))
    found += [
        LeftOut(part, reason)
        for part, reason in _NOT_CARRIED.items()
        if part.value in header.extras
    ]
    return found


def conversion(picture: CheckedPicture) -> str:
    """Return that a picture is converted before it is handed over; empty: it is not."""
    if not picture.sent_as:
        return ""
    return Detail("it is converted to {format} for the service", format=picture.sent_as.upper())


def notes_on(pictures: Sequence[CheckedPicture]) -> list[str]:
    """Return what people are told of pictures before they are sent, in the user's language.

    :returns: a clause for each matter, not for each picture.
    """
    if len(pictures) == 1:
        clauses = [each.reason for each in left_out(pictures[0].header)]
        return [shown(each) for each in (*clauses, conversion(pictures[0])) if each]
    parts = Counter(each.part for picture in pictures for each in left_out(picture.header))
    kinds = Counter(picture.sent_as for picture in pictures if picture.sent_as)
    found = [
        _many(part, parts[part]).format(count=number(parts[part])) for part in Part if parts[part]
    ]
    for kind, count in sorted(kinds.items()):
        text = plural(
            "{count} is converted to {format} for the service",
            "{count} are converted to {format} for the service",
            count,
        )
        found.append(text.format(count=number(count), format=kind.upper()))
    return found


def _many(part: Part, count: int) -> str:
    if part is Part.ANIMATION:
        return plural(
            "of {count} animation only the first frame is enhanced",
            "of {count} animations only the first frame is enhanced",
            count,
        )
    if part is Part.PAGES:
        return plural(
            "of {count} file only the first page is enhanced",
            "of {count} files only the first page is enhanced",
            count,
        )
    if part is Part.PICTURES:
        return plural(
            "of {count} file only the first picture is enhanced",
            "of {count} files only the first picture is enhanced",
            count,
        )
    if part is Part.GAIN_MAP:
        return plural(
            "the HDR gain map of {count} picture is not carried over",
            "the HDR gain maps of {count} pictures are not carried over",
            count,
        )
    return plural(
        "the video of {count} motion photo is not carried over",
        "the videos of {count} motion photos are not carried over",
        count,
    )
