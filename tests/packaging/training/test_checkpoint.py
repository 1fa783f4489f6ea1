"""A training stopped at any moment has something to go on from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from training import checkpoint
from training.checkpoint import Checkpoint


def _state(step: int) -> Checkpoint:
    arrays = {
        f"{group}.{number}": np.full((2, 3), step + number, np.float32)
        for group in ("weights", "mean", "optimiser")
        for number in range(12)
    }
    arrays["optimiser.12"] = np.array(step, np.int32)
    return Checkpoint("quick", 1, step, 24_000, 0.25, 0.0123, arrays)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = _state(500)
    checkpoint.write(written, tmp_path / "quick.npz")
    found = checkpoint.read(tmp_path / "quick.npz")
    assert dataclasses.replace(found, arrays={}) == dataclasses.replace(written, arrays={})
    assert found.arrays.keys() == written.arrays.keys()
    assert [array[0, 0] for array in found.group("mean")] == [500 + n for n in range(12)]
    assert found.group("optimiser")[-1].dtype == np.int32


def test_writing_that_is_broken_off_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "quick.npz"
    checkpoint.write(_state(500), path)
    torn = _state(1000)
    torn.arrays["mean.5"] = _BreaksOff()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        checkpoint.write(torn, path)
    assert checkpoint.read(path).step == 500
    checkpoint.write(_state(1500), path)
    assert checkpoint.read(path).step == 1500
    assert [found.name for found in tmp_path.iterdir()] == ["quick.npz"]


class _BreaksOff:
    """An array during whose writing the program is stopped."""

    def __array__(self, dtype: object = None, *, copy: object = None) -> object:
        raise KeyboardInterrupt
