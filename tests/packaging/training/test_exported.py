"""The nets that are committed are what their recipes say, and worth having."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from environment import CHECKOUT
from training import degradations
from training.ncnn_files import write_pair
from training.nets import NETS
from training.running import Runner

from tests.packaging.training import plain_numpy
from tests.service.engine.photographs import bicubic, photograph, psnr_db

_MODELS = CHECKOUT / "resources" / "models"
_RECIPES = sorted(_MODELS.glob("*.toml"))
_PIECE = np.s_[64:192, 192:320]
"""Embroidery, skin and eyes of the photograph hopper, which was not trained on."""
_EACH = pytest.mark.parametrize("path", _RECIPES, ids=lambda path: path.stem)


def _recipe(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_there_is_one() -> None:
    assert {path.stem for path in _RECIPES} >= {"quick"}


@_EACH
def test_files_are_those_of_the_recipe(path: Path, tmp_path: Path) -> None:
    recipe, net = _recipe(path), NETS[path.stem]
    for name, digest in recipe["sha256"].items():
        assert hashlib.sha256((_MODELS / name).read_bytes()).hexdigest() == digest
    assert set(recipe["sha256"]) == {f"{path.stem}.param", f"{path.stem}.bin"}
    assert recipe["parameters"] == net.parameters
    assert (recipe["scale"], recipe["margin_px"]) == (net.scale, net.margin_px)
    assert (recipe["multiple_px"], recipe["maps"]) == (net.fold, list(net.maps))
    layers, weights = write_pair(net, plain_numpy.drawn(net), tmp_path)
    assert layers.read_bytes() == path.with_suffix(".param").read_bytes()
    assert weights.stat().st_size == path.with_suffix(".bin").stat().st_size


@_EACH
def test_photographs_are_named_with_free_licences(path: Path) -> None:
    named = _recipe(path)["photographs"]
    assert {one["licence"] for one in named} <= {"CC0-1.0", "CC-BY-4.0"}
    assert all(one["author"] and one["file"] for one in named)


@_EACH
def test_results_are_nearer_to_the_original(path: Path) -> None:
    net = NETS[path.stem]
    measure = _enlarged if net.scale > 1 else _cleaned
    for spoilt_by, before, after, gain_db in measure(Runner(net, _MODELS)):
        assert after > before + gain_db, spoilt_by


def _enlarged(run: Runner) -> Iterator[tuple[str, float, float, float]]:
    """Yield what spoilt it, PSNR by bicubic and by the net, and what is asked beyond, in dB."""
    original = photograph("hopper")[_PIECE]
    small = degradations.reduced_by_area(original, 2)
    compressed, jpeg = degradations.through_jpeg(small, 50, "4:2:0")
    for spoilt_by, fed, reported, gain_db in (
        ("area", small, 0.0, 0.8),
        ("JPEG", compressed, jpeg, 0.1),
    ):
        by_bicubic = psnr_db(original, bicubic(fed, 2))
        yield spoilt_by, by_bicubic, psnr_db(original, run(fed, {"jpeg": reported})), gain_db


def _cleaned(run: Runner) -> Iterator[tuple[str, float, float, float]]:
    original = photograph("hopper")[_PIECE]
    rng = np.random.default_rng(7)
    noisy, noise = degradations.noisy(original, 15, by_signal=False, rng=rng)
    yield "noise", psnr_db(original, noisy), psnr_db(original, run(noisy, {"noise": noise})), 3
    compressed, jpeg = degradations.through_jpeg(original, 30, "4:2:0")
    before = psnr_db(original, compressed)
    yield "JPEG", before, psnr_db(original, run(compressed, {"jpeg": jpeg})), 0.3
    yield "nothing", 45, psnr_db(original, run(original, {})), 0
