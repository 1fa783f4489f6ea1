"""What a net is trained on fits together, and comes again after a stop."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from training.nets import NETS
from training.patches import PATCH_PX, PATCHES, Batch, batch, stream
from training.photographs import Picture

from tests.service.engine.photographs import photograph, psnr_db


@pytest.fixture(name="pictures")
def _pictures() -> list[Picture]:
    return [photograph("hopper"), photograph("hopper")[:300, :200]]


def _same(one: Batch, other: Batch) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("spoilt", "maps", "original")
    )


@pytest.mark.parametrize("name", sorted(NETS))
def test_going_on_from_a_step_gives_what_would_have_come(
    name: str, pictures: list[Picture]
) -> None:
    net = NETS[name]
    through = list(islice(stream(net, pictures, 1, 0), 6))
    again = list(islice(stream(net, pictures, 1, 4), 2))
    assert _same(through[4], again[0])
    assert _same(through[5], again[1])
    assert not _same(through[4], through[5])
    assert not _same(batch(net, pictures, pictures, 2, 4), through[4])


@pytest.mark.parametrize("name", sorted(NETS))
def test_shapes_are_those_of_the_net(name: str, pictures: list[Picture]) -> None:
    net = NETS[name]
    made = batch(net, pictures, pictures, 1, 0)
    side_px = PATCH_PX // net.scale
    assert made.spoilt.shape == (PATCHES, side_px, side_px, 3)
    assert made.maps.shape == (PATCHES, len(net.maps))
    assert made.original.shape == (PATCHES, PATCH_PX, PATCH_PX, 3)
    assert ((made.maps >= 0) & (made.maps <= 1)).all()


def test_a_patch_that_is_told_to_be_clean_is_the_reduced_original(pictures: list[Picture]) -> None:
    """Were it cut from beside it, or turned apart from it, it would be far from it."""
    net = NETS["quick"]
    clean = 0
    for step in range(6):
        made = batch(net, pictures, pictures, 1, step)
        for spoilt, reported, original in zip(made.spoilt, made.maps, made.original, strict=True):
            if reported.any():
                continue
            clean += 1
            half = PATCH_PX // 2
            mean = original.reshape(half, 2, half, 2, 3).astype(float).mean(axis=(1, 3))
            # Bicubic reduction sharpens, area reduction is off by rounding alone.
            assert psnr_db(spoilt, np.rint(mean).astype(np.uint8)) > 30
    assert clean >= 12


def test_what_is_to_be_cleaned_is_spoilt_as_far_as_told_and_else_untouched(
    pictures: list[Picture],
) -> None:
    net = NETS["cleaner"]
    kinds = set()
    for step in range(10):
        made = batch(net, pictures, pictures, 1, step)
        for spoilt, (noise, jpeg), original in zip(
            made.spoilt, made.maps, made.original, strict=True
        ):
            kinds.add((bool(noise > 0), bool(jpeg > 0)))
            if noise == jpeg == 0:
                assert np.array_equal(spoilt, original)
            elif jpeg == 0 and noise > 0.2:
                error = (spoilt.astype(float) - original).std()
                assert 0.4 < error / (50 * noise) < 1.8
    assert len(kinds) == 4


def test_flat_patches_come_seldom() -> None:
    halves = np.full((400, 800, 3), 90, np.uint8)
    halves[:, 400:] = np.random.default_rng(1).integers(0, 256, (400, 400, 3))
    net = NETS["quick"]
    deviations = [
        original.std()
        for step in range(20)
        for original in batch(net, [halves], [halves], 1, step).original
    ]
    flat = sum(deviation < 1 for deviation in deviations) / len(deviations)
    assert 0.02 < flat < 0.25
