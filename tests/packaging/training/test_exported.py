"""The nets that are committed are what their recipes say, and worth having."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from environment import CHECKOUT
from training import degradations
from training.ncnn_files import write_pair
from training.nets import NETS
from training.photographs import Picture

from tests.packaging.training.ncnn_reading import Pair
from tests.service.photographs import bicubic, photograph, psnr_db

_MODELS = CHECKOUT / "resources" / "models"
_RECIPES = sorted(_MODELS.glob("*.toml"))
_EYES = np.s_[64:192, 192:320]
"""A piece of the photograph hopper with a face; it was not trained on."""


def _recipe(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _run(path: Path, picture: Picture, maps: dict[str, float]) -> Picture:
    """Enhance a picture as the folder's README says."""
    recipe = _recipe(path)
    margin_px, scale = recipe["margin_px"], recipe["scale"]
    height_px, width_px = picture.shape[:2]
    around = ((margin_px, margin_px), (margin_px, margin_px), (0, 0))
    padded = np.pad(picture, around, "reflect").astype(np.float32) / 255
    told = [np.full(padded.shape[:2], maps[name], np.float32) for name in recipe["maps"]]
    given = Pair(path.with_suffix(".param")).run(np.dstack([padded, *told]).transpose(2, 0, 1))
    begin_px = margin_px * scale
    cut = given[:, begin_px : begin_px + height_px * scale, begin_px : begin_px + width_px * scale]
    return np.clip(np.rint(cut.transpose(1, 2, 0) * 255), 0, 255).astype(np.uint8)


def test_there_is_one() -> None:
    assert {path.stem for path in _RECIPES} >= {"quick"}


@pytest.mark.parametrize("path", _RECIPES, ids=lambda path: path.stem)
def test_files_are_those_of_the_recipe(path: Path, tmp_path: Path) -> None:
    recipe, net = _recipe(path), NETS[path.stem]
    for name, digest in recipe["sha256"].items():
        assert hashlib.sha256((_MODELS / name).read_bytes()).hexdigest() == digest
    assert set(recipe["sha256"]) == {f"{path.stem}.param", f"{path.stem}.bin"}
    pair = Pair(path.with_suffix(".param"))
    assert pair.parameters == recipe["parameters"] == net.parameters
    assert (recipe["scale"], recipe["margin_px"]) == (net.scale, net.margin_px)
    assert (recipe["multiple_px"], recipe["maps"]) == (net.fold, list(net.maps))
    zeros = [
        (np.zeros((3, 3, *width), np.float32), np.zeros(width[1], np.float32))
        for width in net.widths
    ]
    text = write_pair(net, zeros, tmp_path)[0].read_bytes()
    assert text == path.with_suffix(".param").read_bytes()


@pytest.mark.parametrize("path", _RECIPES, ids=lambda path: path.stem)
def test_photographs_are_named_with_free_licences(path: Path) -> None:
    named = _recipe(path)["photographs"]
    assert {one["licence"] for one in named} <= {"CC0-1.0", "CC-BY-4.0"}
    assert all(one["author"] and one["file"] for one in named)


@pytest.mark.parametrize(
    ("quality", "gain_db"), [(None, 0.8), (50, 0.15)], ids=["clean", "JPEG 50"]
)
@pytest.mark.parametrize(
    "path", [path for path in _RECIPES if NETS[path.stem].scale == 2], ids=lambda path: path.stem
)
def test_enlarging_is_nearer_to_the_original_than_bicubic(
    path: Path, quality: int | None, gain_db: float
) -> None:
    original = photograph("hopper")[_EYES]
    small, strength = degradations.reduced_by_area(original, 2), 0.0
    if quality is not None:
        small, strength = degradations.through_jpeg(small, quality, "4:2:0")
    large = _run(path, small, {"jpeg": strength})
    assert psnr_db(original, large) > psnr_db(original, bicubic(small, 2)) + gain_db


@pytest.mark.parametrize(
    "path", [path for path in _RECIPES if NETS[path.stem].scale == 1], ids=lambda path: path.stem
)
def test_cleaning_is_nearer_to_the_original_and_leaves_a_clean_picture(path: Path) -> None:
    original = photograph("hopper")[_EYES]
    rng = np.random.default_rng(7)
    noisy, noise = degradations.noisy(original, 15, by_signal=False, rng=rng)
    compressed, strength = degradations.through_jpeg(original, 30, "4:2:0")
    cleaned = _run(path, noisy, {"noise": noise, "jpeg": 0.0})
    repaired = _run(path, compressed, {"noise": 0.0, "jpeg": strength})
    assert psnr_db(original, cleaned) > psnr_db(original, noisy) + 3
    assert psnr_db(original, repaired) > psnr_db(original, compressed) + 0.3
    assert psnr_db(original, _run(path, original, {"noise": 0.0, "jpeg": 0.0})) > 45
