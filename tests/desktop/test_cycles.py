"""The program quits whatever it is doing, and waits for none of it.

How long that takes, in all situations and ways, is told by a command: cycles.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desktop.cycles import Cycle, Situation, Way, run_cycle
from tests.desktop.screen import Screen


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
    run_cycle(cycle, None, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize(
    "cycle",
    [Cycle(Situation.WORKING, Way.QUIT), Cycle(Situation.HANGING_KEYRING, Way.CLOSE)],
    ids=str,
)
def test_it_ends_by_the_users_hand(shown_on: Screen, cycle: Cycle, tmp_path: Path) -> None:
    run_cycle(cycle, shown_on, tmp_path)
