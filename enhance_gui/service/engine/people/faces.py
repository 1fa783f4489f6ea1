"""Finds faces by BlazeFace.

V. Bazarevsky et al., "BlazeFace: sub-millisecond neural face detection on mobile GPUs" (2019), the
full range net of MediaPipe: it looks at 192 × 192 pixels and gives, for each of 48 × 48 places, how
sure it is of a face, its box and six points of it. It sees faces of about an eighth of its view and
more, so where the whole picture shows no large face, overlapping parts of it are looked at too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from enhance_gui.core.services.model_files import find_model
from enhance_gui.service.engine.pixels.planes import small_copy
from enhance_gui.service.engine.pixels.tiles import Pixels

_FILE = "face_detection_full_range.tflite"
_INPUT_SIDE_PX = 192
_PLACES_A_SIDE = 48
_POINTS = 6

_MIN_SURE = 0.6
"""Minimum confidence of the net, from 0 to 1. In parts chance finds more that resembles a
face: what is found there has to be found again in a view of its own.
"""
_LARGE_FACE = 0.1
"""Of the picture's shorter side: where such a face is found, nobody looks for small ones."""
_LONG = 1.6
"""Of a picture's sides: where it is longer, squares of the shorter side are looked at too."""
_PARTS = (2, 4, 8)
"""Sides of the parts, as divisors of the picture's longer side."""
_MIN_PART_PX = 128
_COPY_SIDE_PX = 2048
_SAME_FACE = 0.3
"""Shared area of two boxes, of their union."""
_SECOND_LOOK = 3.5
"""Side of the part that a face is looked at in again, in sides of the face."""
_LARGEST_COUNT = 40

Point = tuple[float, float]
"""x and y, in pixels of the picture."""


class FacesNotSought(Exception):
    """The net that finds faces is not installed."""


@dataclass(frozen=True, slots=True)
class Face:
    """A square around a face, from brows to chin, in pixels of the picture."""

    left_px: int
    top_px: int
    side_px: int
    points: tuple[Point, ...]
    """The eyes from left to right in the picture, nose, mouth, the ears from left to right; as
    long as the face is upright."""
    sureness: float
    """0 to 1."""

    @property
    def lean_deg(self) -> float:
        """How far the right eye lies below the left one, as the angle of their line."""
        (left_x, left_y), (right_x, right_y) = self.points[:2]
        return math.degrees(math.atan2(right_y - left_y, right_x - left_x))


@dataclass(frozen=True, slots=True)
class _View:
    """A square part of the picture; may reach beyond it."""

    left_px: float
    top_px: float
    side_px: float


def find_faces(pixels: Pixels) -> list[Face]:
    """Return the faces from left to right, the 40 largest at most.

    :raises FacesNotSought: the net is not here.
    """
    copy, scale = small_copy(pixels, _COPY_SIDE_PX)
    height_px, width_px = copy.shape[:2]
    longer_px, shorter_px = max(height_px, width_px), min(height_px, width_px)
    views = list(_squares(height_px, width_px, longer_px))
    if longer_px > _LONG * shorter_px:
        views += _squares(height_px, width_px, shorter_px)
    found = _without_doubles([face for view in views for face in _look(copy, view)])
    if max((face.side_px for face in found), default=0) < _LARGE_FACE * shorter_px:
        found = _without_doubles(found + _faces_in_parts(copy, found))
    largest = sorted(found, key=lambda face: -face.side_px)[:_LARGEST_COUNT]
    return sorted((_scaled(face, 1 / scale) for face in largest), key=lambda face: face.left_px)


def _faces_in_parts(copy: Pixels, known: list[Face]) -> list[Face]:
    """Return the faces that the parts show, each of which a second look confirms."""
    found: list[Face] = []
    for view in _parts(*copy.shape[:2]):
        found += _look(copy, view)
    confirmed = []
    for face in _without_doubles(found):
        if any(_overlap(face, other) > _SAME_FACE for other in known):
            continue
        side_px = face.side_px * _SECOND_LOOK
        rim_px = (side_px - face.side_px) / 2
        view = _View(face.left_px - rim_px, face.top_px - rim_px, side_px)
        again = _look(copy, view)
        confirmed += [each for each in again if _overlap(face, each) > _SAME_FACE][:1]
    return confirmed


def _parts(height_px: int, width_px: int) -> Iterator[_View]:
    """Yield squares that overlap by half, from large to small."""
    for divisor in _PARTS:
        side_px = max(height_px, width_px) / divisor
        if side_px >= _MIN_PART_PX:
            yield from _squares(height_px, width_px, side_px)


def _squares(height_px: int, width_px: int, side_px: float) -> Iterator[_View]:
    """Yield squares that cover a picture and overlap by half."""
    for top_px in _starts(height_px, side_px):
        for left_px in _starts(width_px, side_px):
            yield _View(left_px, top_px, side_px)


def _starts(length_px: int, side_px: float) -> list[float]:
    if length_px <= side_px:
        return [(length_px - side_px) / 2]
    count = int(np.ceil(2 * (length_px - side_px) / side_px)) + 1
    return [(length_px - side_px) * number / (count - 1) for number in range(count)]


def _look(copy: Pixels, view: _View) -> list[Face]:
    """Return the faces that the net sees in a part of the picture, the surest first."""
    scale = _INPUT_SIDE_PX / view.side_px
    shown = _shown(copy, view, scale)
    net, names = _net()
    net.setInput(shown.transpose(2, 0, 1)[None] / np.float32(127.5) - np.float32(1))
    classified, placed = (np.asarray(each)[0] for each in net.forward(names))
    sureness = 1 / (1 + np.exp(-np.clip(classified[:, 0], -50, 50)))
    faces = []
    for place in np.flatnonzero(sureness > _MIN_SURE):
        row, column = divmod(int(place), _PLACES_A_SIDE)
        anchor = (np.array([column, row]) + 0.5) * _INPUT_SIDE_PX / _PLACES_A_SIDE
        centre, sides = placed[place, :2] + anchor, placed[place, 2:4]
        points = placed[place, 4:].reshape(_POINTS, 2) + anchor
        corner = np.array([view.left_px, view.top_px])
        left, top = (centre - sides.mean() / 2) / scale + corner
        faces.append(
            Face(
                round(float(left)),
                round(float(top)),
                round(float(sides.mean()) / scale),
                tuple((float(x), float(y)) for x, y in points / scale + corner),
                float(sureness[place]),
            )
        )
    return _without_doubles(faces)


def _shown(copy: Pixels, view: _View, scale: float) -> NDArray[np.float32]:
    """Return what a view shows, as the net's input of 0 to 255; black beyond the picture."""
    top, left = max(0, round(view.top_px)), max(0, round(view.left_px))
    bottom, right = round(view.top_px + view.side_px), round(view.left_px + view.side_px)
    inside = copy[top : max(bottom, top + 1), left : max(right, left + 1)]
    wide_px = max(1, round(inside.shape[1] * scale))
    tall_px = max(1, round(inside.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown = np.zeros((_INPUT_SIDE_PX, _INPUT_SIDE_PX, 3), np.float32)
    y, x = round((top - view.top_px) * scale), round((left - view.left_px) * scale)
    small = cv2.resize(inside, (wide_px, tall_px), interpolation=how)
    room = shown[y : y + tall_px, x : x + wide_px]
    room[...] = small[: room.shape[0], : room.shape[1]]
    return shown


def _without_doubles(faces: list[Face]) -> list[Face]:
    """Remove overlapping faces, keeping the most certain ones."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda each: -each.sureness):
        if all(_overlap(face, other) <= _SAME_FACE for other in kept):
            kept.append(face)
    return kept


def _overlap(one: Face, other: Face) -> float:
    """Return the area that two faces share, as a part of what they cover together."""
    wide = min(one.left_px + one.side_px, other.left_px + other.side_px)
    wide -= max(one.left_px, other.left_px)
    tall = min(one.top_px + one.side_px, other.top_px + other.side_px)
    tall -= max(one.top_px, other.top_px)
    shared = max(0, wide) * max(0, tall)
    return shared / max(1, one.side_px**2 + other.side_px**2 - shared)


def _scaled(face: Face, factor: float) -> Face:
    return replace(
        face,
        left_px=round(face.left_px * factor),
        top_px=round(face.top_px * factor),
        side_px=round(face.side_px * factor),
        points=tuple((x * factor, y * factor) for x, y in face.points),
    )


@cache
def _net() -> tuple[cv2.dnn.Net, tuple[str, ...]]:
    path = find_model(_FILE)
    if path is None:
        raise FacesNotSought
    # Read by Python: OpenCV cannot open a path with characters outside the code page on Windows.
    net = cv2.dnn.readNetFromTFLite(np.frombuffer(path.read_bytes(), np.uint8))
    scores, boxes = sorted(net.getUnconnectedOutLayersNames())
    return net, (scores, boxes)
