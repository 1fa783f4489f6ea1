"""The program quits within its limit whatever it is doing. The whole run is a command: cycles."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from tests.desktop.cycles import LIMIT_S, Cycle, Situation, Way, run_cycle
from tests.desktop.screen import Screen
from tests.support.contention import assert_in_time


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "cycle",
    [
        Cycle(Situation.IDLE, Way.INTERRUPT),
        Cycle(Situation.WORKING, Way.TERMINATE),
        Cycle(Situation.HANGING_KEYRING, Way.TERMINATE),
    ],
    ids=str,
)
def test_it_ends_by_a_signal(cycle: Cycle, tmp_path: Path) -> None:
    assert_ends_in_time(cycle, None, tmp_path)


@pytest.mark.parametrize(
    "cycle",
    [Cycle(Situation.WORKING, Way.QUIT), Cycle(Situation.HANGING_KEYRING, Way.CLOSE)],
    ids=str,
)
def test_it_ends_by_the_users_hand(shown_on: Screen, cycle: Cycle, tmp_path: Path) -> None:
    assert_ends_in_time(cycle, shown_on, tmp_path)


def assert_ends_in_time(cycle: Cycle, shown_on: Screen | None, folder: Path) -> None:
    numbers = count()

    def measure() -> float:
        own = folder / str(next(numbers))
        own.mkdir()
        return run_cycle(cycle, shown_on, own)

    assert_in_time(measure, LIMIT_S)
