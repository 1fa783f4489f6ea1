"""Enlarges with invented detail by Real-ESRGAN, whose brightness and colour stay the input's.

X. Wang et al., "Real-ESRGAN: training real-world blind super-resolution with pure synthetic data"
(ICCVW 2021). By itself its net darkens, and makes skin waxy: so brightness and colour of whatever
is larger than a few pixels are the input's, and half of the result is that of the faithful
enlarging. Small faces it deforms: they are left to the faithful one. So is what has no detail: in
27 parts of photographs the net changed that by 0.9 of 255 at most (root mean square).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import cv2
import numpy as np

from enhance_gui.service.engine.enlarge.doubling import DETAIL_REACH_PX, PLAIN, finest_detail
from enhance_gui.service.engine.enlarge.upscale import Enlarging, find_enlarging, on_colours
from enhance_gui.service.engine.nets.nets import Colour, Net
from enhance_gui.service.engine.people.faces import Face
from enhance_gui.service.engine.pixels.planes import (
    Plane,
    blurred,
    inner,
    resize,
    rounded,
    stretch,
    values_of,
)
from enhance_gui.service.engine.pixels.tiles import Block, Pixels, map_blocks

_TILE_SIDE_PX: Final = 160
"""With what MNN computes around it, 182 pixels a side, a worker takes 1.1 GiB."""
_TILE_SIDE_BY_NCNN_PX: Final = 72
"""Likewise 94 pixels and 1.2 GiB."""
SMALL_FACE_PX: Final = 60
"""Side of a face below which the net deforms it."""

_NET_FACTOR: Final = 4
_LARGE_SPREAD_PX: Final = 2.0
"""What a blur of this standard deviation leaves is the input's, the rest the net's."""
_RIM_PX: Final = 6
"""So far that blur reaches; beyond it the net has a margin of its own."""
_SHARE: Final = 0.5
"""Of the net in the result: over eight photographs at ×4, alone it has a PSNR of 25.6 dB, half and
half 27.4, bicubic 27.2."""
_FACE_RADII: Final = (0.75, 0.95)
"""Across and down, in sides of a face's square: with hair and chin."""
_FEATHER: Final = 0.2


def add_detail(
    pixels: Pixels,
    net: Net,
    factor: int,
    jpeg_strength: float,
    faces: Sequence[Face] = (),
    *,
    side_px: int | None = None,
) -> Iterator[Block]:
    """Yield the picture with sides ``factor`` times as long, in blocks.

    :param net: enlarges four times.
    :param factor: 2 or 4; twice is the area mean of four times.
    :param jpeg_strength: how strongly the picture was compressed, as ``Picture`` has it.
    :param faces: the small ones among them get no detail.
    :param side_px: of the tiles; ``None``: as large as the worker's memory allows.
    """
    enlarging = find_enlarging(_NET_FACTOR, jpeg_strength)
    if side_px is None:
        side_px = _TILE_SIDE_PX if net.takes_little_memory else _TILE_SIDE_BY_NCNN_PX
    overlap_px = max(net.facts.margin_px + _RIM_PX, enlarging.overlap_px)
    small_faces = [face for face in faces if face.side_px < SMALL_FACE_PX]

    def work(tile: Pixels) -> Pixels:
        share: Plane | float = _SHARE
        if small_faces:
            tile, without = tile[..., :-1], values_of(tile[..., -1]) / np.float32(255)
            share = np.float32(_SHARE) * (1 - _stretched(inner(without, overlap_px)))[..., None]
        run = partial(_mixed, net=net, enlarging=enlarging, overlap_px=overlap_px, share=share)
        return on_colours(lambda colour: _reduced(run(colour), factor), factor)(tile)

    # As a further channel it is cut as the picture is.
    shown = np.dstack([pixels, _mask(pixels, small_faces)]) if small_faces else pixels
    return map_blocks(shown, work, overlap_px=overlap_px, factor=factor, side_px=side_px)


def _mixed(
    colour: Colour, *, net: Net, enlarging: Enlarging, overlap_px: int, share: Plane | float
) -> Colour:
    """Return four times the sides of what lies within the overlap."""
    plain = inner(enlarging.run(colour), (overlap_px - enlarging.lost_px) * _NET_FACTOR)
    if finest_detail(inner(colour, overlap_px - DETAIL_REACH_PX)) < PLAIN:
        return plain
    detailed = net(inner(colour, overlap_px - net.facts.margin_px - _RIM_PX))
    small = inner(colour, overlap_px - _RIM_PX)
    mean = resize(detailed, (small.shape[1], small.shape[0]), cv2.INTER_AREA)
    detailed = detailed + _stretched(blurred(small - mean, _LARGE_SPREAD_PX))
    return plain + share * (inner(detailed, _RIM_PX * _NET_FACTOR) - plain)


def _stretched(plane: Plane) -> Plane:
    return stretch(plane, _NET_FACTOR, cv2.INTER_LINEAR)


def _reduced(large: Colour, factor: int) -> Colour:
    if factor == _NET_FACTOR:
        return large
    sides = [side * factor // _NET_FACTOR for side in large.shape[:2]]
    return resize(large, (sides[1], sides[0]), cv2.INTER_AREA)


def _mask(pixels: Pixels, faces: Sequence[Face]) -> Pixels:
    """Return one more channel: white in the faces, falling to black around them."""
    mask = np.zeros(pixels.shape[:2], np.float32)
    for face in faces:
        middle = face.left_px + face.side_px // 2, face.top_px + face.side_px // 2
        radii = tuple(round(face.side_px * radius) for radius in _FACE_RADII)
        ellipse = np.zeros_like(mask)
        cv2.ellipse(ellipse, middle, radii, 0, 0, 360, (255.0,), cv2.FILLED)
        mask = np.maximum(mask, blurred(ellipse, max(1.0, face.side_px * _FEATHER)))
    return rounded(mask, pixels.dtype)
