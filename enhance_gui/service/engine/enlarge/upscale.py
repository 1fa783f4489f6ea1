"""Enlarges by a trained net, corrected so that the result, shrunk again, gives the input.

The net doubles the sides; it is chosen by how strongly a JPEG was compressed, so that what is
clean is not cleaned: our own, or waifu2x where that was measured to do better, as it does with
strong JPEG. For four times the size the second doubling is a smaller net's or a classical one:
another run of the large net takes four times as long for 0.02 dB.

Last comes one round of back-projection, after M. Irani and S. Peleg, "Improving resolution by
image registration" (CVGIP 1991): the result, shrunk again, gives the input. The classical doubling
consists of nothing else; between its rounds a bilateral filter takes out the ringing that they
leave.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from enhance_gui.core.services.model_files import has_net
from enhance_gui.service.engine.nets.nets import Colour, Net, find_net, tiles_at_once
from enhance_gui.service.engine.pixels.planes import (
    Plane,
    inner,
    resize,
    rgb_of,
    rounded,
    values_of,
)
from enhance_gui.service.engine.pixels.tiles import Block, Pixels, map_blocks

_TILE_SIDE_PX = 128
"""A net's memory grows with the tile. Twice as wide, waifu2x would save a tenth of its time at
best, our own default net nothing, and the small net would lose a tenth: its values would no longer
stay near the processor."""

_ROUNDS_BEFORE = 2
_ROUNDS_AFTER = 2
_BILATERAL_DIAMETER_PX = 7
_BILATERAL_RANGE = 25.0
_BILATERAL_SPREAD_PX = 2.0
_CLASSICAL_REACH_PX = 16
_CORRECTION_REACH_PX = 2
"""Of the input: cubic interpolation looks at two pixels on each side."""
_SPREAD_PX = 9
_MIN_WEIGHT = 1e-4
_INVISIBLE = 8
"""Of 255; up to here the colour under transparency is rounding, or nobody's choice."""

_LEVELS = ((0.6, 3), (0.48, 2), (0.41, 1), (0.15, 0))
"""From which strength of JPEG on (qualities 55, 71, 79, 97) which of waifu2x's levels it takes."""
_CLEAN_BELOW = 0.15
"""Weaker JPEG leaves nothing to clean. A stronger one is not corrected at the end: that would bring
its blocks and fringes back."""


def enlarge(
    pixels: Pixels,
    factor: int,
    jpeg_strength: float = 0.0,
    *,
    quick: bool = False,
    side_px: int = _TILE_SIDE_PX,
) -> Iterator[Block]:
    """Yield the picture with sides exactly ``factor`` times as long, in blocks.

    :param factor: a power of two.
    :param jpeg_strength: how strongly the picture was compressed, as ``Picture`` has it.
    :param quick: with the small net.
    :param side_px: of the tiles.
    """
    at_once = tiles_at_once()
    enlarging = find_enlarging(factor, jpeg_strength, quick=quick, at_once=at_once)
    return map_blocks(
        pixels,
        on_colours(enlarging.run, factor),
        overlap_px=enlarging.overlap_px,
        factor=factor,
        side_px=side_px,
        at_once=at_once,
    )


@dataclass(frozen=True, slots=True)
class Enlarging:
    """Enlarges tiles."""

    lost_px: int
    """Pixels of each side of a tile of which nothing comes back."""
    run: Callable[[Colour], Colour]
    reach_px: int = 0
    """How far beyond a pixel, in what comes back, it is influenced by the others."""

    @property
    def overlap_px(self) -> int:
        """What tiles need."""
        return self.lost_px + self.reach_px


def find_enlarging(
    factor: int, jpeg_strength: float, *, quick: bool = False, at_once: int = 1
) -> Enlarging:
    """Return what enlarges a picture; see :func:`enlarge`.

    :param at_once: in how many threads it will be run at the same time.
    """
    first = _quick if quick else _best
    doublings = [first(jpeg_strength, at_once)]
    while 2 ** len(doublings) < factor:
        doublings.append(_quick(0.0, at_once))
    lost_px = math.ceil(sum(each.lost_px / 2**n for n, each in enumerate(doublings)))
    corrected = jpeg_strength < _CLEAN_BELOW

    def run(colour: Colour) -> Colour:
        large = colour
        for doubling in doublings:
            large = doubling.run(large)
        return _project_back(inner(colour, lost_px), large, factor, 1) if corrected else large

    reach_px = _CORRECTION_REACH_PX if corrected else 0
    return Enlarging(lost_px, run, reach_px)


def on_colours(run: Callable[[Colour], Colour], factor: int) -> Callable[[Pixels], Pixels]:
    """Turn work on colours into work on tiles: grey stays grey, transparency is enlarged.

    :param run: returns ``factor`` times the sides of what it gets, or of the middle of it.
    """

    def work(tile: Pixels) -> Pixels:
        colour, alpha = rgb_of(tile), None
        if tile.shape[2] in (2, 4):
            alpha = values_of(tile[..., -1])
            colour = _with_colour_under_transparency(colour, alpha)
        is_grey = _is_grey(colour)
        large = run(colour)
        if is_grey:  # what a net adds to the colours of grey is a tint
            large = np.broadcast_to(large.mean(axis=2, keepdims=True), large.shape)
        if tile.shape[2] < 3:
            large = large[..., :1]
        if alpha is not None:
            stretched = _stretch(alpha, factor, cv2.INTER_CUBIC)
            large = np.dstack([large, inner(stretched, (stretched.shape[0] - large.shape[0]) // 2)])
        return rounded(large, tile.dtype)

    return work


def _is_grey(colour: Colour) -> bool:
    red, green, blue = (colour[..., channel] for channel in range(3))
    return np.array_equal(red, green) and np.array_equal(green, blue)


def _best(jpeg_strength: float, at_once: int) -> Enlarging:
    own = find_net("default", at_once=at_once) if has_net("default") else None
    to_clean = jpeg_strength if jpeg_strength >= _CLEAN_BELOW else 0.0
    if own is not None and (own.facts.is_as_good(to_clean) or not has_net("waifu2x-photo")):
        return _by(own, jpeg_strength)
    return _by(find_waifu2x(jpeg_strength, at_once), jpeg_strength)


def find_waifu2x(jpeg_strength: float, at_once: int = 1) -> Net | None:
    """Return waifu2x's net that cleans as much as so strong a JPEG needs; None: it is not here.

    :param at_once: as for ``find_net``.
    """
    level = next((level for minimum, level in _LEVELS if jpeg_strength >= minimum), None)
    name = "waifu2x-photo" if level is None else f"waifu2x-photo-{level}"
    return find_net(name, at_once=at_once)


def _quick(jpeg_strength: float, at_once: int) -> Enlarging:
    net = find_net("quick", at_once=at_once) if has_net("quick") else None
    return _by(net, jpeg_strength)


def _by(net: Net | None, jpeg_strength: float) -> Enlarging:
    if net is None:
        return _CLASSICAL
    return Enlarging(net.facts.margin_px, lambda colour: net(colour, jpeg=jpeg_strength))


def _double_classically(colour: Colour) -> Colour:
    ycc = np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2YCrCb), np.float32)
    luma, chroma = np.ascontiguousarray(ycc[..., 0]), np.ascontiguousarray(ycc[..., 1:])
    large = _project_back(luma, _stretch(luma, 2, cv2.INTER_LANCZOS4), 2, _ROUNDS_BEFORE)
    smooth = cv2.bilateralFilter(
        large, _BILATERAL_DIAMETER_PX, _BILATERAL_RANGE, _BILATERAL_SPREAD_PX
    )
    large = _project_back(luma, np.asarray(smooth, np.float32), 2, _ROUNDS_AFTER)
    toned = _project_back(chroma, _stretch(chroma, 2, cv2.INTER_LANCZOS4), 2, 1)
    together = cv2.cvtColor(np.dstack([large, toned]), cv2.COLOR_YCrCb2RGB)
    return inner(np.asarray(together, np.float32), 2 * _CLASSICAL_REACH_PX)


_CLASSICAL = Enlarging(_CLASSICAL_REACH_PX, _double_classically)


def _project_back(small: Plane, large: Plane, factor: int, rounds: int) -> Plane:
    size_px = (small.shape[1], small.shape[0])
    for _ in range(rounds):
        missing = small - resize(large, size_px, cv2.INTER_AREA)
        large = large + _stretch(missing, factor, cv2.INTER_CUBIC)
    return large


def _stretch(plane: Plane, factor: int, interpolation: int) -> Plane:
    return resize(plane, (plane.shape[1] * factor, plane.shape[0] * factor), interpolation)


def _with_colour_under_transparency(colour: Colour, alpha: Plane) -> Colour:
    """Spread the colours of visible pixels under invisible ones.

    What lies under transparency is arbitrary, usually black, and enlarging would draw it into the
    rim of what is visible.
    """
    seen = (alpha > _INVISIBLE).astype(np.float32)
    weight = cv2.blur(seen, (_SPREAD_PX, _SPREAD_PX))
    near = cv2.blur(colour * seen[..., None], (_SPREAD_PX, _SPREAD_PX))
    fill = (seen == 0) & (weight > _MIN_WEIGHT)
    return np.where(fill[..., None], near / np.maximum(weight, _MIN_WEIGHT)[..., None], colour)
