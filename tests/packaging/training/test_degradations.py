"""Pictures are spoilt as is said, and the nets are told of it by rules that others can follow."""

from __future__ import annotations

import numpy as np
import pytest
from training import degradations
from training.photographs import Picture

from tests.service.engine.photographs import photograph, psnr_db


@pytest.fixture(name="hopper")
def _hopper() -> Picture:
    return photograph("hopper")


@pytest.mark.parametrize(("quality", "value"), [(20, 0.99), (50, 0.632), (85, 0.347), (95, 0.2)])
def test_the_map_of_jpeg_follows_the_quantisation_tables(
    hopper: Picture, quality: int, value: float
) -> None:
    for subsampling in ("4:4:4", "4:2:0"):
        _, reported = degradations.through_jpeg(hopper, quality, subsampling)
        assert reported == pytest.approx(value, abs=0.006)


def test_the_map_of_jpeg_is_never_above_one() -> None:
    assert degradations.jpeg_map({0: [255] * 64}) == 1


def test_lower_qualities_and_subsampled_colours_lose_more(hopper: Picture) -> None:
    left_db = [
        psnr_db(hopper, degradations.through_jpeg(hopper, quality, subsampling)[0])
        for quality, subsampling in ((95, "4:4:4"), (95, "4:2:0"), (40, "4:4:4"), (40, "4:2:0"))
    ]
    assert left_db == sorted(left_db, reverse=True)


def test_area_reduction_is_the_mean(hopper: Picture) -> None:
    height, width = hopper.shape[0] // 2, hopper.shape[1] // 2
    mean = hopper.reshape(height, 2, width, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(degradations.reduced_by_area(hopper, 2) - mean).max() <= 0.51


def test_both_reductions_keep_the_middle_where_it_is(hopper: Picture) -> None:
    area = degradations.reduced_by_area(hopper, 2)
    bicubic = degradations.reduced_by_bicubic(hopper, 2)
    assert psnr_db(area, bicubic) > 35
    assert psnr_db(area, np.roll(bicubic, 1, axis=0)) < 30


@pytest.mark.parametrize("deviation", [5.0, 25.0])
def test_noise_is_as_strong_as_said(deviation: float) -> None:
    grey = np.full((256, 256, 3), 128, np.uint8)
    rng = np.random.default_rng(1)
    spoilt, reported = degradations.noisy(grey, deviation, by_signal=False, rng=rng)
    assert float(spoilt.std()) == pytest.approx(deviation, rel=0.02)
    assert reported == pytest.approx(deviation / 50)


def test_noise_by_signal_is_stronger_where_it_is_bright_and_told_as_it_is_on_the_whole() -> None:
    halves = np.full((256, 256, 3), 60, np.uint8)
    halves[:, 128:] = 180
    rng = np.random.default_rng(1)
    spoilt, reported = degradations.noisy(halves, 10, by_signal=True, rng=rng)
    dark, bright = spoilt[:, :128].std(), spoilt[:, 128:].std()
    assert float(bright / dark) == pytest.approx((1.309 / 0.603) ** 0.5, rel=0.03)
    both = float(np.sqrt((dark**2 + bright**2) / 2))
    assert reported * 50 == pytest.approx(both, rel=0.03)
