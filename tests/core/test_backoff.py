"""Waits between tries grow up to a bound, and chance shortens them by its share alone."""

from __future__ import annotations

from random import Random

import pytest

from enhance_gui.core.backoff import Backoff


def test_waits_grow_by_their_factor_up_to_the_longest() -> None:
    backoff = Backoff(3.0, 100.0, factor=3.0)
    assert [backoff.delay_s(failures) for failures in (1, 2, 3, 4, 5, 6)] == [
        3.0,
        9.0,
        27.0,
        81.0,
        100.0,
        100.0,
    ]


def test_no_number_of_failures_is_too_large() -> None:
    assert Backoff(1.0, 60.0).delay_s(10**6) == 60.0


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_chance_takes_its_share_of_a_wait_and_no_more(jitter: float) -> None:
    backoff, random = Backoff(8.0, 8.0, jitter=jitter), Random(1)
    delays_s = [backoff.delay_s(1, random) for _ in range(500)]
    assert min(delays_s) == pytest.approx(8 * (1 - jitter), abs=0.1)
    assert max(delays_s) == pytest.approx(8, abs=0.1)
