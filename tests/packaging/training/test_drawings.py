"""Drawings that nets are trained on beside photographs."""

from __future__ import annotations

import numpy as np
from training.drawings import SIDE_PX, draw


def test_the_drawings_are_the_same_each_time_and_differ_from_each_other() -> None:
    drawn = draw(2)
    assert [each.shape for each in drawn] == [(SIDE_PX, SIDE_PX, 3)] * 2
    assert all(np.array_equal(one, other) for one, other in zip(drawn, draw(2), strict=True))
    assert not np.array_equal(drawn[0], drawn[1])


def test_edges_lie_between_pixels_and_are_as_common_as_the_flat() -> None:
    for each in draw(2):
        across = np.abs(np.diff(each.astype(int), axis=1)).max(axis=2)
        assert 0.02 < (across > 8).mean() < 0.5
        # An edge that lies between two pixels is mixed in one of them: two steps, not one.
        assert ((across[:, :-1] > 8) & (across[:, 1:] > 8)).mean() > 0.005
