"""A net's file holds what was trained and nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from training.nets import NETS, Net
from training.onnx_file import UnfitWeights, write_onnx

from tests.packaging.training import plain_numpy

pytest.importorskip("onnxruntime", reason="computes the nets")

from training.running import Runner

_EACH_NET = pytest.mark.parametrize("net", NETS.values(), ids=NETS)


@_EACH_NET
def test_a_file_has_half_a_float_for_each_weight_and_little_else(net: Net, tmp_path: Path) -> None:
    biases = sum(after for _, after in net.widths)
    numbers_bytes = 2 * (net.parameters - biases) + 4 * biases
    written = write_onnx(net, plain_numpy.drawn(net), tmp_path)
    assert numbers_bytes < written.stat().st_size < numbers_bytes + 5000


@_EACH_NET
def test_the_margin_is_how_far_a_pixel_reaches(net: Net) -> None:
    # Few convolutions, or what is farthest would be lost in rounding.
    net = dataclasses.replace(net, inner=2)
    weights = plain_numpy.drawn(net)
    fed = np.random.default_rng(5).random((64, 16, net.inputs), np.float32)
    changed = fed.copy()
    changed[: net.fold] = 1 - changed[: net.fold]
    one, other = (plain_numpy.run(net, weights, each) for each in (fed, changed))
    differs = np.abs(one - other).max(axis=(1, 2)) > 0
    assert np.flatnonzero(differs).max() + 1 == (net.margin_px + net.fold) * net.scale


def test_a_picture_comes_back_with_its_size_whatever_that_is(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (31, 45, 3), np.uint8)
    for net in NETS.values():
        write_onnx(net, plain_numpy.drawn(net), tmp_path)
        given = Runner(net, tmp_path)(picture, {})
        assert given.shape == (31 * net.scale, 45 * net.scale, 3)


def test_weights_of_another_net_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnfitWeights, match="other convolutions"):
        write_onnx(NETS["quick"], plain_numpy.drawn(NETS["default"]), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("weight", [np.nan, 1e6])
def test_a_weight_that_fp16_cannot_hold_is_refused_and_nothing_is_written(
    weight: float, tmp_path: Path
) -> None:
    weights = plain_numpy.drawn(NETS["quick"])
    weights[1][0][0, 0, 0, 0] = weight
    with pytest.raises(UnfitWeights, match="no number"):
        write_onnx(NETS["quick"], weights, tmp_path)
    assert not list(tmp_path.iterdir())
