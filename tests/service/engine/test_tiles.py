"""Tiles that are computed at the same time make the same picture."""

from __future__ import annotations

import threading
import time

import cv2
import numpy as np
import pytest

from enhance_gui.service.engine.pixels.tiles import Pixels, assemble, change_blocks, map_blocks
from tests.service.engine.photographs import photograph

_SIDE_PX = 40
_OVERLAP_PX = 5
_LIMIT_S = 20


def _blurred(tile: Pixels) -> Pixels:
    return cv2.blur(tile, (2 * _OVERLAP_PX + 1, 2 * _OVERLAP_PX + 1)).astype(np.uint8)


def _picture() -> Pixels:
    return np.ascontiguousarray(photograph("coffee")[:130, :170])


def test_two_tiles_are_computed_at_the_same_time_and_come_in_order() -> None:
    pixels, both = np.zeros((80, 160, 1), np.uint8), threading.Barrier(2)
    pixels[:, 40:80] = pixels[:, 120:] = 1

    def work(tile: Pixels) -> Pixels:
        both.wait(_LIMIT_S)
        # Of two, that on the right is finished first.
        if not tile.any():
            time.sleep(0.02)
        return tile

    blocks = list(map_blocks(pixels, work, overlap_px=0, side_px=_SIDE_PX, at_once=2))
    corners = [(top, left) for top in (0, 40) for left in (0, 40, 80, 120)]
    assert [(block.top_px, block.left_px) for block in blocks] == corners
    assert np.array_equal(assemble(blocks, pixels), pixels)


@pytest.mark.parametrize("at_once", [2, 3])
def test_at_once_or_one_by_one_the_picture_is_the_same(at_once: int) -> None:
    pixels = _picture()
    one_by_one, together = (
        assemble(
            map_blocks(pixels, _blurred, overlap_px=_OVERLAP_PX, side_px=_SIDE_PX, at_once=number),
            pixels,
        )
        for number in (1, at_once)
    )
    assert np.array_equal(together, one_by_one)
    # In place, where a tile that was finished early is not to be seen by its neighbours.
    counted = change_blocks(
        pixels,
        lambda tile, _left_px, _top_px: _blurred(tile),
        overlap_px=_OVERLAP_PX,
        side_px=_SIDE_PX,
        at_once=at_once,
    )
    assert sum(counted) == 130 * 170
    assert np.array_equal(pixels, one_by_one)


def test_a_tile_that_fails_ends_the_others_and_leaves_no_thread() -> None:
    before, begun = threading.active_count(), []

    def work(tile: Pixels) -> Pixels:
        begun.append(tile)
        raise MemoryError

    with pytest.raises(MemoryError):
        list(map_blocks(_picture(), work, overlap_px=0, side_px=10, at_once=2))
    assert len(begun) <= 4
    assert threading.active_count() == before


def test_no_more_tiles_are_computed_than_the_reader_takes() -> None:
    begun = []

    def work(tile: Pixels) -> Pixels:
        begun.append(tile)
        return tile

    blocks = map_blocks(_picture(), work, overlap_px=0, side_px=10, at_once=2)
    next(blocks)
    time.sleep(0.2)
    # What is finished and waits takes memory.
    assert len(begun) <= 3
    assert len(list(blocks)) == 13 * 17 - 1
