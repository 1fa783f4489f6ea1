"""What is written for ncnn is the net that was trained, and is read again as it was written."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from training.ncnn_files import UnfitWeights, read_weights, write_pair
from training.nets import NETS, Net
from training.running import Runner

from tests.packaging.training import plain_numpy

_EACH_NET = pytest.mark.parametrize("net", NETS.values(), ids=NETS)


@_EACH_NET
def test_ncnn_computes_what_the_weights_say(net: Net, tmp_path: Path) -> None:
    weights = plain_numpy.drawn(net)
    write_pair(net, weights, tmp_path)
    # Not square, so that sides that are mixed up are seen.
    height_px, width_px, margin_px = 64, 76, net.margin_px
    fed = np.random.default_rng(5).random((height_px, width_px, net.inputs), np.float32)
    given = Runner(net, tmp_path).run(fed)
    # Of the margin nothing comes back: what would stand beyond it is not known.
    begin_px, end_px = margin_px * net.scale, -margin_px * net.scale
    wanted = plain_numpy.run(net, weights, fed)[begin_px:end_px, begin_px:end_px]
    sides_px = (height_px - 2 * margin_px, width_px - 2 * margin_px)
    assert given.shape == (sides_px[0] * net.scale, sides_px[1] * net.scale, 3)
    # fp16 has 11 bits.
    assert np.abs(given - wanted).max() < np.abs(wanted).max() / 500


@_EACH_NET
def test_weights_have_half_a_float_each_and_are_read_as_they_were_written(
    net: Net, tmp_path: Path
) -> None:
    weights = plain_numpy.drawn(net)
    _, path = write_pair(net, weights, tmp_path)
    biases = sum(after for _, after in net.widths)
    wanted_bytes = 2 * (net.parameters - biases) + 4 * (biases + len(net.widths))
    assert path.stat().st_size == wanted_bytes
    for (kernel, bias), (kernel_read, bias_read) in zip(
        weights, read_weights(net, path), strict=True
    ):
        assert np.array_equal(kernel.astype(np.float16), kernel_read)
        assert np.array_equal(bias, bias_read)


def test_weights_of_another_net_are_not_read(tmp_path: Path) -> None:
    _, path = write_pair(NETS["quick"], plain_numpy.drawn(NETS["quick"]), tmp_path)
    for name in ("default", "cleaner"):
        with pytest.raises(UnfitWeights, match=f"other convolutions than {name}"):
            read_weights(NETS[name], path)
    path.write_bytes(path.read_bytes() + bytes(4))
    with pytest.raises(UnfitWeights, match="other convolutions than quick"):
        read_weights(NETS["quick"], path)


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
        write_pair(net, plain_numpy.drawn(net), tmp_path)
        given = Runner(net, tmp_path)(picture, {})
        assert given.shape == (31 * net.scale, 45 * net.scale, 3)


def test_weights_of_another_net_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnfitWeights, match="other convolutions"):
        write_pair(NETS["quick"], plain_numpy.drawn(NETS["default"]), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("weight", [np.nan, 1e6])
def test_a_weight_that_fp16_cannot_hold_is_refused_and_nothing_is_written(
    weight: float, tmp_path: Path
) -> None:
    weights = plain_numpy.drawn(NETS["quick"])
    weights[1][0][0, 0, 0, 0] = weight
    with pytest.raises(UnfitWeights, match="no number"):
        write_pair(NETS["quick"], weights, tmp_path)
    assert not list(tmp_path.iterdir())
