"""What is written for ncnn is the net that was trained."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from training.ncnn_files import Array, UnfitWeights, write_pair
from training.nets import NETS, Net

from tests.packaging.training.ncnn_reading import Pair, Planes

_SMALL = {
    name: dataclasses.replace(net, channels=8, inner=2 * (1 + net.residual))
    for name, net in NETS.items()
}


def _drawn(net: Net) -> list[tuple[Array, Array]]:
    rng = np.random.default_rng(3)
    return [
        (
            (rng.standard_normal((3, 3, before, after)) / np.sqrt(9 * before)).astype(np.float32),
            rng.standard_normal(after).astype(np.float32),
        )
        for before, after in net.widths
    ]


def _nothing(net: Net) -> list[tuple[Array, Array]]:
    return [(np.zeros_like(kernel), np.zeros_like(bias)) for kernel, bias in _drawn(net)]


def _picture(net: Net) -> Planes:
    return np.random.default_rng(5).random((net.inputs, 24, 36)).astype(np.float32)


@pytest.mark.parametrize("name", sorted(NETS))
def test_weights_are_read_as_they_were_to_half_a_float(name: str, tmp_path: Path) -> None:
    net = NETS[name]
    pair = Pair(write_pair(net, _drawn(net), tmp_path)[0])
    assert pair.parameters == net.parameters


@pytest.mark.parametrize("name", sorted(NETS))
def test_a_net_that_adds_nothing_gives_the_plain_picture(name: str, tmp_path: Path) -> None:
    net = _SMALL[name]
    fed = _picture(net)
    given = Pair(write_pair(net, _nothing(net), tmp_path)[0]).run(fed)
    assert given.shape == (3, 24 * net.scale, 36 * net.scale)
    area = given.reshape(3, 24, net.scale, 36, net.scale).mean(axis=(2, 4))
    assert np.allclose(area[:, 1:-1, 1:-1], _plain(fed[:3], net.scale)[:, 1:-1, 1:-1], atol=1e-6)


def _plain(colours: Planes, scale: int) -> Planes:
    """Return the area mean of a bilinear enlargement: ⅛, ¾, ⅛ along each axis."""
    if scale == 1:
        return colours
    for axis in (1, 2):
        around = np.roll(colours, 1, axis) + np.roll(colours, -1, axis)
        colours = (0.75 * colours + 0.125 * around).astype(np.float32)
    return colours


@pytest.mark.parametrize("name", sorted(NETS))
def test_each_bias_of_the_last_convolution_reaches_its_colour_and_place(
    name: str, tmp_path: Path
) -> None:
    net = _SMALL[name]
    weights = _nothing(net)
    factor = net.shuffle
    weights[-1][1][:] = np.arange(3 * factor**2)
    fed = np.zeros_like(_picture(net))
    given = Pair(write_pair(net, weights, tmp_path)[0]).run(fed)
    for colour in range(3):
        wanted = np.arange(factor**2).reshape(factor, factor) + colour * factor**2
        assert np.array_equal(given[colour, :factor, :factor], wanted)


@pytest.mark.parametrize("name", sorted(NETS))
def test_what_lies_beyond_the_margin_changes_nothing(name: str, tmp_path: Path) -> None:
    net = _SMALL[name]
    pair = Pair(write_pair(net, _drawn(net), tmp_path)[0])
    fed = np.random.default_rng(5).random((net.inputs, 64, 64)).astype(np.float32)
    begin = net.margin_px + net.fold
    changed = fed.copy()
    changed[:, : net.fold] = 1 - changed[:, : net.fold]
    one, other = pair.run(fed), pair.run(changed)
    assert np.array_equal(one[:, begin * net.scale :], other[:, begin * net.scale :])
    inside = (net.margin_px + net.fold - 1) * net.scale
    assert not np.array_equal(one[:, inside - net.scale :], other[:, inside - net.scale :])


def test_weights_of_another_net_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnfitWeights, match="other convolutions"):
        write_pair(NETS["quick"], _drawn(NETS["default"]), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_weight_that_is_no_number_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    weights = _drawn(_SMALL["quick"])
    weights[1][0][0, 0, 0, 0] = np.nan
    with pytest.raises(UnfitWeights, match="no number"):
        write_pair(_SMALL["quick"], weights, tmp_path)
    assert not list(tmp_path.iterdir())
