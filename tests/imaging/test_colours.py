"""Which photographs have colours of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enhance_gui.imaging.colours import is_coloured
from enhance_gui.service.engine.repair.tint import TINTS, tint_table
from tests.service.engine.photographs import Array, photograph

COLOURED = ("astronaut", "coffee", "chelsea", "hopper")
GREY = ("camera", "brick")

Spoil = Callable[[Array], Array]


def brightness(pixels: Array) -> Array:
    return np.asarray(Image.fromarray(pixels).convert("L"))


def grey(pixels: Array) -> Array:
    return np.repeat(brightness(pixels)[..., None], 3, axis=2)


def yellowed(pixels: Array) -> Array:
    """Return a print that has yellowed from the right to the left."""
    blue = np.linspace(0.75, 1, pixels.shape[1])
    toned = np.multiply(grey(pixels), np.array([1.0, 0.97, 0.9]))
    toned[..., 2] *= blue
    return np.asarray(toned, np.uint8)


def grainy(pixels: Array) -> Array:
    grain = np.random.default_rng(7).normal(0, 15, pixels.shape)
    return np.clip(grey(pixels) + grain, 0, 255).astype(np.uint8)


def written(pixels: Array, path: Path) -> Path:
    Image.fromarray(pixels).save(path, quality=75)
    return path


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_a_colour_photograph_is_coloured(tmp_path: Path, name: str, ending: str) -> None:
    assert is_coloured(written(photograph(name), tmp_path / f"a.{ending}"))


@pytest.mark.parametrize("name", [*COLOURED, *GREY])
@pytest.mark.parametrize("spoil", [grey, brightness, yellowed, grainy])
def test_a_grey_yellowed_or_grainy_one_is_not(tmp_path: Path, name: str, spoil: Spoil) -> None:
    assert not is_coloured(written(spoil(photograph(name)), tmp_path / "a.jpg"))


@pytest.mark.parametrize("name", [*COLOURED, *GREY])
@pytest.mark.parametrize("tone", TINTS, ids=[tone.name for tone in TINTS])
def test_a_toned_one_is_not(tmp_path: Path, name: str, tone: object) -> None:
    toned = tint_table(tone)[brightness(photograph(name))]  # type: ignore[arg-type]
    assert not is_coloured(written(toned, tmp_path / "a.jpg"))


def test_see_through_colours_do_not_count(tmp_path: Path) -> None:
    pixels = photograph("astronaut")
    alpha = np.zeros((*pixels.shape[:2], 1), np.uint8)
    assert not is_coloured(written(np.dstack([pixels, alpha]), tmp_path / "a.png"))
    assert is_coloured(written(np.dstack([pixels, alpha + 255]), tmp_path / "b.png"))


def test_a_broken_file_is_not(tmp_path: Path) -> None:
    path = written(photograph("coffee"), tmp_path / "a.png")
    path.write_bytes(path.read_bytes()[:900])
    assert not is_coloured(path)
    assert not is_coloured(tmp_path / "missing.jpg")
