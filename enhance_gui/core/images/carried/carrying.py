"""Decides what a result carries of what its original says beside its pixels.

All that is true of the result as well is kept. What is said of the pixels themselves is put right
(sides, orientation) or left out (thumbnails, gain maps, areas in a picture that was turned).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from enhance_gui.core.images.carried.areas import (
    FIRST_TURNED,
    TURNED,
    fit_areas,
    remove_areas,
)
from enhance_gui.core.images.carried.blocks import (
    CREDENTIALS_TAG,
    FIELDS_TAG,
    PHOTOSHOP_TAG,
    PROFILE_TAG,
    X_RESOLUTION,
    XMP_TAG,
    Y_RESOLUTION,
    Blocks,
)
from enhance_gui.core.images.carried.iptc import carried_resources
from enhance_gui.core.images.carried.location import NAMING_PLACES, is_location, is_place_text
from enhance_gui.core.images.carried.tags import (
    ASCII,
    INTEROPERABILITY_POINTER,
    LONG,
    MAKER_NOTE,
    SHORT,
    Directory,
    Entry,
    Tags,
)
from enhance_gui.core.images.carried.xmp import (
    EXIF,
    IPTC_EXTENSION,
    TIFF,
    XMP,
    Name,
    Packet,
)
from enhance_gui.core.images.exif import UPRIGHT
from enhance_gui.core.text.detail import Detail


class KeptMetadata(StrEnum):
    """How much of the original's metadata a result keeps."""

    ALL = "all"
    WITHOUT_LOCATION = "without_location"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a result says of its own making."""

    software: str
    enhance_type: str
    at: datetime
    source_type: str
    """A term of IPTC's list of digital source types."""


ENHANCED: Final = "algorithmicallyEnhanced"
"""IPTC: changed or corrected by an algorithm, with the same content as before."""
INVENTED: Final = "compositeWithTrainedAlgorithmicMedia"
"""IPTC: a picture of which a trained model has made up a part, as it does colours."""

ORIENTATION: Final = 0x0112
"""The tag that says which way up a picture is."""

_SOURCE_TYPES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SOURCE_TYPE: Final = (IPTC_EXTENSION, "DigitalSourceType")
_CAPTURED: Final = frozenset(
    _SOURCE_TYPES + each
    for each in (
        "digitalCapture",
        "computationalCapture",
        "negativeFilm",
        "positiveFilm",
        "print",
        "minorHumanEdits",
        "humanEdits",
        ENHANCED,
    )
)
"""What the mark may take the place of: that a picture was made by a machine must not get lost."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a picture's pixels."""

    width_px: int
    height_px: int
    has_profile: bool = False
    """Whether the file says by a profile what its colours are."""
    is_part: bool = False
    """Whether it is a part of the original, such as a face."""


def carried_blocks(
    original: Blocks,
    own: Blocks,
    sides_px: tuple[int, int] | None,
    shape: Shape,
    kept: KeptMetadata,
    mark: Mark,
) -> tuple[Blocks, list[str]]:
    """Return what a result is to say beside its pixels, and why something is left out.

    :param original: what the original says; it is used up.
    :param own: what the service has left in the result; likewise.
    :param sides_px: of the original, as stored; ``None``: not known.
    :param shape: the result's.
    """
    orientation = orientation_of_result(original, own, sides_px, shape)
    if kept is KeptMetadata.NONE:
        tags = Tags()
        if orientation != UPRIGHT:
            tags.main[ORIENTATION] = tags.entry(SHORT, orientation)
        return Blocks(exif=None if tags.is_empty else tags), []
    before = _orientation(original)
    turned = before >= FIRST_TURNED and orientation != before
    location = kept is KeptMetadata.ALL
    left_out: list[str] = [
        Detail("{name}: it is broken in the original", name=name)
        for name in sorted(set(original.broken))
    ]
    if original.has_credentials:
        left_out.append(Detail("Content Credentials: they hold for the original's bytes alone"))

    edit = _Edit(sides_px, shape, before, orientation, location)
    exif = original.exif or own.exif
    if exif is not None:
        edit.exif(exif)
    packet = _joined(original.xmp, own.xmp)
    if edit.packet(packet):
        left_out.append(
            Detail("XMP: areas of people, which make no sense or are not those of a part")
        )
    _add_mark(packet, mark)
    resolution = original.resolution_dpi or own.resolution_dpi
    if resolution is not None and turned:
        resolution = resolution[1], resolution[0]
    named = {text.partition(b"\0")[0] for _, text in original.texts}
    further = [each for each in own.texts if each[1].partition(b"\0")[0] not in named]
    return (
        replace(
            original,
            exif=None if exif is None or exif.is_empty else exif,
            xmp=packet,
            photoshop=carried_resources(
                original.photoshop or own.photoshop, location=location, turned=turned
            ),
            resolution_dpi=resolution,
            texts=[
                each for each in original.texts + further if location or not is_place_text(each)
            ],
            comments=original.comments or own.comments,
        ),
        left_out,
    )


_IMAGE_WIDTH, _IMAGE_HEIGHT = 0x0100, 0x0101
_PIXEL_WIDTH, _PIXEL_HEIGHT = 0xA002, 0xA003
_RELATED_WIDTH, _RELATED_HEIGHT = 0x1001, 0x1002
_COLOUR_SPACE, _SRGB, _ADOBE_RGB = 0xA001, 1, 2
_INDEX = 0x0001
_SUBJECT_AREA, _SUBJECT_LOCATION = 0x9214, 0xA214
_PADDING = 0xEA1C

_OF_OTHER_PLACES: Final = frozenset(
    {273, 279, 288, 289, 324, 325, 330, 513, 514, _PADDING}
    | {XMP_TAG, FIELDS_TAG, PHOTOSHOP_TAG, PROFILE_TAG, CREDENTIALS_TAG}
    | {33550, 33922, 34264, 34735, 34736, 34737}
)
"""Tags that point at pixels, that stand elsewhere as blocks of their own, or that put each pixel on
a map (GeoTIFF), which is not right for a picture of another size."""


class _Edit:
    """Puts right what tags say of one result."""

    def __init__(
        self,
        sides_px: tuple[int, int] | None,
        shape: Shape,
        before: int,
        orientation: int,
        location: bool,
    ) -> None:
        self._sides_px = sides_px
        self._shape = shape
        self._before = before
        self._orientation = orientation
        self._location = location

    @property
    def _was_turned(self) -> bool:
        return self._before != self._orientation

    def exif(self, tags: Tags) -> None:
        main, shape = tags.main, self._shape
        for tag in _OF_OTHER_PLACES & main.keys():
            del main[tag]
        tags.exif.pop(_PADDING, None)
        tags.exif.pop(INTEROPERABILITY_POINTER, None)
        if ORIENTATION in main or self._orientation != UPRIGHT:
            main[ORIENTATION] = tags.entry(SHORT, self._orientation)
        for directory, across, down in (
            (main, _IMAGE_WIDTH, _IMAGE_HEIGHT),
            (tags.exif, _PIXEL_WIDTH, _PIXEL_HEIGHT),
            (tags.interoperability, _RELATED_WIDTH, _RELATED_HEIGHT),
        ):
            _set_number(tags, directory, across, shape.width_px)
            _set_number(tags, directory, down, shape.height_px)
        sides_exchanged = self._was_turned and self._before >= FIRST_TURNED
        if sides_exchanged and main.keys() >= {X_RESOLUTION, Y_RESOLUTION}:
            main[X_RESOLUTION], main[Y_RESOLUTION] = main[Y_RESOLUTION], main[X_RESOLUTION]
        self._subject(tags)
        if not shape.has_profile:
            _without_colour_claim(tags)
        if not self._location:
            tags.gps.clear()
            note = tags.exif.get(MAKER_NOTE)
            if note is not None and note.data.startswith(NAMING_PLACES):
                del tags.exif[MAKER_NOTE]

    def _subject(self, tags: Tags) -> None:
        """Move where the subject is, which EXIF counts in pixels of the stored picture."""
        for tag in (_SUBJECT_AREA, _SUBJECT_LOCATION):
            entry = tags.exif.pop(tag, None)
            if entry is None or entry.kind != SHORT or self._sides_px is None:
                continue
            x, y, *size = map(float, tags.numbers(entry) if entry.count > 1 else (0, 0))
            if self._shape.is_part or entry.count not in (2, 3, 4):
                continue
            width_px, height_px = self._sides_px
            if self._was_turned:
                x, y = TURNED[self._before](x, y, width_px, height_px)
                if self._before >= FIRST_TURNED:
                    width_px, height_px = height_px, width_px
                    size.reverse()
            across, down = self._shape.width_px / width_px, self._shape.height_px / height_px
            scaled = [
                x * across,
                y * down,
                *(n * f for n, f in zip(size, (across, down), strict=False)),
            ]
            numbers = [max(0, round(each)) for each in scaled]
            if max(numbers) < 2**16:
                tags.exif[tag] = tags.entry(SHORT, *numbers)

    def packet(self, packet: Packet) -> bool:
        """Put XMP right; return whether areas had to be left out."""
        packet.remove(_is_of_original)
        if not self._location:
            packet.remove(is_location)
        shape = self._shape
        packet.replace((TIFF, "Orientation"), str(self._orientation))
        for name, value in (
            ((TIFF, "ImageWidth"), shape.width_px),
            ((TIFF, "ImageLength"), shape.height_px),
            ((EXIF, "PixelXDimension"), shape.width_px),
            ((EXIF, "PixelYDimension"), shape.height_px),
        ):
            packet.replace(name, str(value))
        same = self._sides_px == (shape.width_px, shape.height_px) and not self._was_turned
        if not same:
            packet.remove(lambda name: name in _IN_PIXELS)
        if shape.is_part:
            return remove_areas(packet)
        turned_from = self._before if self._was_turned else UPRIGHT
        return fit_areas(packet, turned_from, (shape.width_px, shape.height_px))


def without_orientation(blocks: Blocks, sides_px: tuple[int, int]) -> None:
    """Have blocks say of a picture what is true since it was turned upright.

    :param sides_px: width and height of the upright picture.
    """
    before = _orientation(blocks)
    if before == UPRIGHT:
        return
    if blocks.exif is not None:
        for tag in (_SUBJECT_AREA, _SUBJECT_LOCATION):
            blocks.exif.exif.pop(tag, None)
        blocks.exif.main[ORIENTATION] = blocks.exif.entry(SHORT, UPRIGHT)
    if blocks.xmp is not None:
        fit_areas(blocks.xmp, before, sides_px)


def _orientation(blocks: Blocks) -> int:
    number = None if blocks.exif is None else blocks.exif.number(blocks.exif.main, ORIENTATION)
    return number if number is not None and 1 <= number <= 8 else UPRIGHT


def orientation_of_result(
    original: Blocks, own: Blocks, sides_px: tuple[int, int] | None, shape: Shape
) -> int:
    """Return which way up the result's pixels are.

    A service that does not know orientations gives the pixels back as they were stored; where it
    keeps the tag the result says so itself, else its sides do.
    """
    if (own_orientation := _orientation(own)) != UPRIGHT:
        return own_orientation
    before = _orientation(original)
    if before < FIRST_TURNED or sides_px is None or shape.is_part:
        return UPRIGHT
    stored = math.log(sides_px[0] / sides_px[1])
    ratio = math.log(shape.width_px / shape.height_px)
    return before if abs(ratio - stored) < abs(ratio + stored) else UPRIGHT


def _set_number(tags: Tags, directory: Directory, tag: int, value: int) -> None:
    if tag in directory:
        kind = SHORT if directory[tag].kind == SHORT and value < 2**16 else LONG
        directory[tag] = tags.entry(kind, value)


def _without_colour_claim(tags: Tags) -> None:
    """Take away that colours are Adobe RGB's: a result without a profile does not mean them so."""
    index = tags.interoperability.get(_INDEX)
    marked = index is not None and index.data.startswith(b"R03")
    space = tags.number(tags.exif, _COLOUR_SPACE)
    if marked:
        tags.interoperability[_INDEX] = Entry(ASCII, b"R98\0")
    if space == _ADOBE_RGB or (marked and space is not None):
        tags.exif[_COLOUR_SPACE] = tags.entry(SHORT, _SRGB)


def _joined(original: Packet | None, own: Packet | None) -> Packet:
    if original is None:
        return own or Packet.empty()
    if own is not None:
        # Of the result the service knows better what it is.
        if named := own.value(_SOURCE_TYPE):
            original.set(_SOURCE_TYPE, named)
        original.join(own)
    return original


def _add_mark(packet: Packet, mark: Mark) -> None:
    packet.add_event(
        {
            "action": "edited",
            "softwareAgent": _printable(mark.software),
            "when": mark.at.isoformat(timespec="seconds"),
            "parameters": _printable(mark.enhance_type),
        }
    )
    named = packet.value(_SOURCE_TYPE)
    if not named or named.replace("https:", "http:") in _CAPTURED:
        packet.set(_SOURCE_TYPE, _SOURCE_TYPES + mark.source_type)


def _printable(text: str) -> str:
    return "".join(each for each in text if each.isprintable())


_IN_PIXELS: Final = frozenset({(EXIF, "SubjectArea"), (EXIF, "SubjectLocation")})

_FURTHER_PICTURES: Final = frozenset(
    {
        "http://ns.adobe.com/hdr-gain-map/1.0/",
        "http://ns.apple.com/HDRGainMap/1.0/",
        "http://ns.google.com/photos/1.0/container/",
        "http://ns.google.com/photos/1.0/depthmap/",
        "http://ns.google.com/photos/1.0/image/",
        "http://ns.google.com/photos/1.0/focus/",
    }
)
"""Namespaces of properties that speak of further pictures in the original's file."""
_CAMERA: Final = "http://ns.google.com/photos/1.0/camera/"


def _is_of_original(name: Name) -> bool:
    space, local = name
    return (
        space in _FURTHER_PICTURES
        or (space == XMP and local in ("Thumbnails", "PageInfo"))
        or (space == _CAMERA and local.startswith(("MicroVideo", "MotionPhoto")))
    )
