"""Applies functions to a large picture tile by tile, so that float work needs little memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8 | np.uint16]
"""Shape (height, width, channels); channels: grey, grey + alpha, RGB or RGB + alpha.

White is 255, or 65535 of 16 bits. What computes takes both as values of 0 to 255
(``planes.values_of``) and rounds to what it was (``planes.rounded``)."""

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")

TILE_SIDE_PX = 512
"""Small enough for the processor's cache, large enough that the overlap costs little."""


@dataclass(frozen=True, slots=True)
class Block:
    """A finished piece of a picture."""

    left_px: int
    top_px: int
    pixels: Pixels


def map_blocks(
    pixels: Pixels,
    function: Callable[[Pixels], Pixels],
    *,
    overlap_px: int,
    factor: int = 1,
    side_px: int = TILE_SIDE_PX,
    at_once: int = 1,
) -> Iterator[Block]:
    """Apply ``function`` to overlapping tiles; yield the results without their overlap.

    Beyond the picture's border it is mirrored, so all tiles have their whole overlap.

    :param function: returns ``factor`` times the sides of what it gets, or of the middle of it
        where it needs some of the overlap itself.
    :param overlap_px: how far apart two pixels of the input may be and still influence each
        other; with less, seams show.
    :param at_once: how many tiles are computed at the same time, in threads.
    """
    height_px, width_px = pixels.shape[:2]

    def block(corner: tuple[int, int]) -> Block:
        top, left = corner
        bottom, right = min(top + side_px, height_px), min(left + side_px, width_px)
        done = function(_tile(pixels, (top, bottom), (left, right), overlap_px))
        tall_px, wide_px = (bottom - top) * factor, (right - left) * factor
        y, x = (done.shape[0] - tall_px) // 2, (done.shape[1] - wide_px) // 2
        return Block(left * factor, top * factor, done[y : y + tall_px, x : x + wide_px])

    tops, lefts = (range(0, length_px, side_px) for length_px in (height_px, width_px))
    return _in_order(block, [(top, left) for top in tops for left in lefts], at_once)


def _in_order(
    function: Callable[[_Item], _Made], items: Iterable[_Item], at_once: int
) -> Iterator[_Made]:
    """Yield what a function makes of each item, computed in so many threads."""
    if at_once == 1:
        yield from map(function, items)
        return
    coming: deque[Future[_Made]] = deque()
    with ThreadPoolExecutor(at_once) as threads:
        try:
            for item in items:
                coming.append(threads.submit(function, item))
                # No more: what is finished and waits takes memory.
                if len(coming) > at_once:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            for future in coming:
                future.cancel()


def change_blocks(
    pixels: Pixels,
    function: Callable[[Pixels, int, int], Pixels],
    *,
    overlap_px: int,
    side_px: int = TILE_SIDE_PX,
    at_once: int = 1,
) -> Iterator[int]:
    """Apply ``function`` to overlapping tiles in place; yield how many pixels each had.

    The tiles show the picture as it was: the rows that a finished band has changed are kept until
    the next one is done. So a large picture is there once, and not twice.

    :param function: as ``map_blocks`` wants it; it also gets left and top of the pixels that
        it is to change, without the overlap.
    :param overlap_px: as for ``map_blocks``.
    :param at_once: as for ``map_blocks``.
    """
    height_px, width_px = pixels.shape[:2]
    above = pixels[:0]
    for top in range(0, height_px, side_px):
        bottom = min(top + side_px, height_px)
        band = np.concatenate([above, pixels[top : bottom + overlap_px]])
        rows = len(above), len(above) + bottom - top
        above = band[max(0, rows[1] - overlap_px) : rows[1]]
        change = partial(_change, band, rows, pixels[top:bottom], top, function, overlap_px)
        columns = [(left, min(left + side_px, width_px)) for left in range(0, width_px, side_px)]
        yield from _in_order(change, columns, at_once)


def _change(
    band: Pixels,
    rows: tuple[int, int],
    target: Pixels,
    top_px: int,
    function: Callable[[Pixels, int, int], Pixels],
    overlap_px: int,
    columns: tuple[int, int],
) -> int:
    """Change a tile of these rows, as the band shows it, in the target; return its pixels."""
    part = target[:, slice(*columns)]
    done = function(_tile(band, rows, columns, overlap_px), columns[0], top_px)
    y, x = (done.shape[0] - part.shape[0]) // 2, (done.shape[1] - part.shape[1]) // 2
    part[...] = done[y : y + part.shape[0], x : x + part.shape[1]]
    return len(part) * (columns[1] - columns[0])


def _tile(
    pixels: Pixels, rows: tuple[int, int], columns: tuple[int, int], overlap_px: int
) -> Pixels:
    """Cut a tile with its overlap out; beyond the border the picture is mirrored."""
    height_px, width_px = pixels.shape[:2]
    top, bottom = rows[0] - overlap_px, rows[1] + overlap_px
    left, right = columns[0] - overlap_px, columns[1] + overlap_px
    inside = pixels[max(0, top) : bottom, max(0, left) : right]
    beyond = (
        max(0, -top),
        max(0, bottom - height_px),
        max(0, -left),
        max(0, right - width_px),
    )
    if not any(beyond):
        return inside
    mirrored = cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REFLECT_101)
    return mirrored.reshape(*mirrored.shape[:2], -1).astype(pixels.dtype, copy=False)


def assemble(blocks: Iterable[Block], like: Pixels, factor: int = 1) -> Pixels:
    """Put the blocks of a picture of ``factor`` times the size of ``like`` together."""
    height_px, width_px, channels = like.shape
    whole = np.empty((height_px * factor, width_px * factor, channels), like.dtype)
    for block in blocks:
        height_px, width_px = block.pixels.shape[:2]
        whole[block.top_px : block.top_px + height_px, block.left_px : block.left_px + width_px] = (
            block.pixels
        )
    return whole
