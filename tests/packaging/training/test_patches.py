"""What a net is trained on fits together, and comes again after a stop."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import cv2
import numpy as np
import pytest
from training import degradations
from training.nets import NETS, Net
from training.patches import PATCH_PX, PATCHES, Batch, Material, Source
from training.photographs import Picture

from tests.service.engine.photographs import photograph, psnr_db


@pytest.fixture(name="pictures")
def _pictures() -> list[Picture]:
    return [photograph("hopper"), photograph("hopper")[:300, :200]]


def _source(net: Net, picture: Picture) -> Source:
    """Let Lanczos stand in for the teacher."""
    small = degradations.reduced_by_area(picture, net.scale)
    large = cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_LANCZOS4)
    return Source(picture, small, np.asarray(large, np.uint8))


def _material(net: Net, pictures: Sequence[Picture]) -> Material:
    return Material(net, [(1.0, [_source(net, picture) for picture in pictures])])


def _same(one: Batch, other: Batch) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("spoilt", "maps", "original", "taught")
    )


@pytest.mark.parametrize("name", sorted(NETS))
def test_going_on_from_a_step_gives_what_would_have_come(
    name: str, pictures: list[Picture]
) -> None:
    material = _material(NETS[name], pictures)
    through = list(islice(material.stream(1, 0), 6))
    again = list(islice(material.stream(1, 4), 2))
    assert _same(through[4], again[0])
    assert _same(through[5], again[1])
    assert not _same(through[4], through[5])
    assert not _same(material.batch(2, 4), through[4])


@pytest.mark.parametrize("name", sorted(NETS))
def test_shapes_are_those_of_the_net(name: str, pictures: list[Picture]) -> None:
    net = NETS[name]
    made = _material(net, pictures).batch(1, 0)
    side_px = PATCH_PX // net.scale
    assert made.spoilt.shape == (PATCHES, side_px, side_px, 3)
    assert made.maps.shape == (PATCHES, len(net.maps))
    assert made.original.shape == made.taught.shape == (PATCHES, PATCH_PX, PATCH_PX, 3)
    assert ((made.maps >= 0) & (made.maps <= 1)).all()


def test_a_patch_that_is_told_to_be_clean_is_the_reduced_original(pictures: list[Picture]) -> None:
    """Were it cut from beside it, or turned apart from it, it would be far from it."""
    material = _material(NETS["quick"], pictures)
    clean = 0
    for step in range(6):
        made = material.batch(1, step)
        for spoilt, told, original, taught in zip(
            made.spoilt, made.maps, made.original, made.taught, strict=True
        ):
            if told.any():
                assert np.array_equal(taught, original)
                continue
            clean += 1
            assert np.array_equal(degradations.reduced_by_area(original, 2), spoilt)
            assert 15 < psnr_db(taught, original) < 50
    assert clean >= 12


def test_what_is_to_be_cleaned_is_spoilt_as_far_as_told_and_else_untouched(
    pictures: list[Picture],
) -> None:
    material = _material(NETS["cleaner"], pictures)
    kinds = set()
    for step in range(10):
        made = material.batch(1, step)
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


@pytest.mark.parametrize("name", sorted(NETS))
def test_flat_patches_come_seldom(name: str, pictures: list[Picture]) -> None:
    halves = np.full((400, 800, 3), 90, np.uint8)
    halves[:, 400:] = np.tile(pictures[0], (1, 2, 1))[:400, 100:500]
    material = _material(NETS[name], [halves])
    deviations = [
        original.std() for step in range(20) for original in material.batch(1, step).original
    ]
    flat = sum(deviation < 1 for deviation in deviations) / len(deviations)
    assert 0.005 < flat < 0.25


def test_each_group_has_its_share(pictures: list[Picture]) -> None:
    net = NETS["quick"]
    flat = _source(net, np.full((300, 300, 3), 90, np.uint8))
    groups = [(0.75, [_source(net, pictures[0])]), (0.25, [flat])]
    material = Material(net, groups)
    originals = [one for step in range(40) for one in material.batch(1, step).original]
    from_flat = sum(np.ptp(one) == 0 for one in originals) / len(originals)
    assert 0.17 < from_flat < 0.33
