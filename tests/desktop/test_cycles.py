"""The program quits within its limit whatever it is doing. The whole run is a command: cycles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desktop.cycles import LIMIT_S, Cycle, Situation, Way, run_cycle
from tests.desktop.screen import Screen
from tests.support.contention import in_time


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
    taken_s = run_cycle(cycle, None, tmp_path)
    assert in_time(taken_s, LIMIT_S), taken_s


@pytest.mark.parametrize(
    "cycle",
    [Cycle(Situation.WORKING, Way.QUIT), Cycle(Situation.HANGING_KEYRING, Way.CLOSE)],
    ids=str,
)
def test_it_ends_by_the_users_hand(shown_on: Screen, cycle: Cycle, tmp_path: Path) -> None:
    taken_s = run_cycle(cycle, shown_on, tmp_path)
    assert in_time(taken_s, LIMIT_S), taken_s
