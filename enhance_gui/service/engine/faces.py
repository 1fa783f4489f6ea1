"""Faces looking at the camera, found with the Haar cascades that come with OpenCV.

P. Viola and M. Jones, "Rapid object detection using a boosted cascade of simple features" (CVPR
2001). The face cascade alone also sees faces in brick walls; what has no eyes is no face.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from cv2.data import haarcascades

from enhance_gui.service.engine.tiles import Pixels

_COPY_SIDE_PX = 1024
_LEAST_FACE_PX = 32
"""On the copy; in smaller squares the eye cascade sees eyes everywhere."""
_STEP = 1.1
_NEIGHBOURS = 6
_EYES_WIDTH_PX = 256
_EYES_HEIGHT = 0.65
"""Eyes are looked for in the upper part of a face."""
_LEAST_EYE_PX, _LARGEST_EYE_PX = 25, 110
_LEAST_EYES = 2
"""With one, a badge on a cap passes; a face that is missed only has no picture of its own."""
_MOST_FACES = 40


@dataclass(frozen=True, slots=True)
class Face:
    """A square around a face, in pixels of the picture."""

    left_px: int
    top_px: int
    side_px: int


def find_faces(pixels: Pixels) -> list[Face]:
    """Return the faces from left to right, the 40 largest at most."""
    copy, scale = _grey_copy(pixels)
    squares = _cascade("haarcascade_frontalface_alt2.xml").detectMultiScale(
        cv2.equalizeHist(copy),
        scaleFactor=_STEP,
        minNeighbors=_NEIGHBOURS,
        minSize=(_LEAST_FACE_PX, _LEAST_FACE_PX),
    )
    faces = [
        Face(round(left / scale), round(top / scale), round(side / scale))
        for left, top, side, _ in (map(int, square) for square in squares)
        if _has_eyes(copy[top : top + side, left : left + side])
    ]
    largest = sorted(faces, key=lambda face: -face.side_px)[:_MOST_FACES]
    return sorted(largest, key=lambda face: face.left_px)


def _grey_copy(pixels: Pixels) -> tuple[Pixels, float]:
    height_px, width_px, channels = pixels.shape
    scale = min(1.0, _COPY_SIDE_PX / max(height_px, width_px))
    copy = np.ascontiguousarray(pixels[..., : 3 if channels >= 3 else 1])
    if scale < 1:
        size_px = (max(1, round(width_px * scale)), max(1, round(height_px * scale)))
        copy = cv2.resize(copy, size_px, interpolation=cv2.INTER_AREA).astype(np.uint8)
    if channels >= 3:
        copy = cv2.cvtColor(copy, cv2.COLOR_RGB2GRAY).astype(np.uint8)
    return copy.reshape(copy.shape[:2]), scale


def _has_eyes(face: Pixels) -> bool:
    upper = face[: round(face.shape[0] * _EYES_HEIGHT)]
    height_px = round(_EYES_WIDTH_PX * upper.shape[0] / upper.shape[1])
    large = cv2.resize(upper, (_EYES_WIDTH_PX, height_px), interpolation=cv2.INTER_CUBIC)
    eyes = _cascade("haarcascade_eye_tree_eyeglasses.xml").detectMultiScale(
        large,
        scaleFactor=1.05,
        minNeighbors=2,
        minSize=(_LEAST_EYE_PX, _LEAST_EYE_PX),
        maxSize=(_LARGEST_EYE_PX, _LARGEST_EYE_PX),
    )
    return len(eyes) >= _LEAST_EYES


@cache
def _cascade(name: str) -> cv2.CascadeClassifier:
    # Read by Python: OpenCV cannot open a path with signs outside the code page on Windows.
    text = (Path(haarcascades) / name).read_text(encoding="utf-8")
    storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
    cascade = cv2.CascadeClassifier()
    if not cascade.read(storage.getFirstTopLevelNode()):
        raise RuntimeError(f"OpenCV's {name} cannot be read")
    return cascade
