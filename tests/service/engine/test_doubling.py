"""What doubles a part of a picture: the least that does as well as the best."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from enhance_gui.core.services.model_files import has_net
from enhance_gui.service.engine.enlarge.doubling import (
    find_doubling,
    find_waifu2x,
    project_back,
)
from enhance_gui.service.engine.nets.nets import Colour, find_net
from enhance_gui.service.engine.pixels.planes import inner, resize, stretch
from tests.service.engine.photographs import photograph

_MARGIN_PX = 10
_CLEAN, _WEAK_JPEG, _STRONG_JPEG = 0.0, 0.24, 0.6


def _fur(contrast: float) -> Colour:
    """Return a cat's fur of 74 by 74 pixels, which is full of detail at a contrast of 1."""
    fur = photograph("chelsea")[100:174, 150:224].astype(np.float32)
    faded: Colour = fur.mean() + np.float32(contrast) * (fur - fur.mean())
    return faded


def _by_net(name: str, part: Colour, jpeg: float) -> Colour:
    net = find_net(name)
    assert net is not None
    return net(part, jpeg=jpeg)


@pytest.mark.parametrize("jpeg", [_CLEAN, _WEAK_JPEG])
def test_fine_detail_is_for_the_best_net_and_what_is_smooth_for_the_small_one(jpeg: float) -> None:
    run = find_doubling(jpeg).run
    for contrast, name in ((1.0, "default"), (0.3, "quick")):
        part = _fur(contrast)
        assert np.array_equal(run(part), _by_net(name, part, jpeg)), name


def test_what_has_no_detail_is_interpolated_unless_it_is_to_be_cleaned() -> None:
    part = _fur(0.03)
    interpolated = inner(stretch(part, 2, cv2.INTER_CUBIC), 2 * _MARGIN_PX)
    for quick in (False, True):
        assert np.array_equal(find_doubling(_CLEAN, quick=quick).run(part), interpolated)
        cleaned = find_doubling(_WEAK_JPEG, quick=quick).run(part)
        assert np.array_equal(cleaned, _by_net("quick", part, _WEAK_JPEG))


@pytest.mark.skipif(not has_net("waifu2x-photo"), reason="waifu2x is not here")
def test_strong_jpeg_is_cleaned_where_there_is_no_detail_too() -> None:
    net = find_waifu2x(_STRONG_JPEG)
    assert net is not None
    doubling = find_doubling(_STRONG_JPEG)
    assert doubling.lost_px == net.facts.margin_px
    for contrast in (1.0, 0.03):
        assert np.array_equal(doubling.run(_fur(contrast)), net(_fur(contrast)))


@pytest.mark.parametrize("quick", [False, True])
def test_detail_at_the_margin_which_is_not_given_back_decides_nothing(quick: bool) -> None:
    part = _fur(0.03)
    part[: _MARGIN_PX - 2] = _fur(1.0)[: _MARGIN_PX - 2]
    interpolated = inner(stretch(part, 2, cv2.INTER_CUBIC), 2 * _MARGIN_PX)
    assert np.array_equal(find_doubling(_CLEAN, quick=quick).run(part), interpolated)
    # An edge between the margin and what is given back belongs to both.
    part[:_MARGIN_PX] += 50
    interpolated = inner(stretch(part, 2, cv2.INTER_CUBIC), 2 * _MARGIN_PX)
    assert not np.array_equal(find_doubling(_CLEAN, quick=quick).run(part), interpolated)


@pytest.mark.parametrize("name", ["camera", "chelsea", "clock_motion", "moon", "retina", "rocket"])
def test_whatever_doubles_a_part_it_is_not_to_be_told_from_the_best(name: str) -> None:
    pixels = photograph(name).astype(np.float32)
    run, by_lesser = find_doubling(_CLEAN).run, 0
    height_px, width_px = pixels.shape[:2]
    for top in range(0, height_px - 84, height_px // 4):
        for left in range(0, width_px - 84, width_px // 4):
            part = np.ascontiguousarray(pixels[top : top + 84, left : left + 84])
            within = inner(part, _MARGIN_PX)
            given, best = (
                project_back(within, large, 2, 1)
                for large in (run(part), _by_net("default", part, _CLEAN))
            )
            blocks = np.square(given - best).reshape(8, 16, 8, 16, 3).mean((1, 3, 4))
            assert np.sqrt(blocks.max()) < 1.5
            by_lesser += not np.array_equal(given, best)
    assert by_lesser > 0


def test_a_net_that_also_looks_from_the_other_side_does_not_care_which_is_up() -> None:
    part = _fur(1.0)
    turned = np.ascontiguousarray(part[::-1, ::-1])
    for also_turned, differs in ((True, False), (False, True)):
        run = find_doubling(_CLEAN, also_turned=also_turned).run
        difference = float(np.abs(run(part) - run(turned)[::-1, ::-1]).max())
        assert (difference > 0.1) is differs


def test_looking_from_both_sides_makes_more_of_a_photograph() -> None:
    truth = photograph("astronaut")[:256, 100:356].astype(np.float32)
    small = resize(truth, (128, 128), cv2.INTER_AREA)
    within = truth[2 * _MARGIN_PX : -2 * _MARGIN_PX, 2 * _MARGIN_PX : -2 * _MARGIN_PX]
    errors = [
        float(np.square(find_doubling(_CLEAN, also_turned=each).run(small) - within).mean())
        for each in (False, True)
    ]
    assert errors[1] < 0.995 * errors[0]
