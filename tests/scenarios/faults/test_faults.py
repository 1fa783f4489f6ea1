"""A minute of the fault tests; the commands of the modules beside this one go on for longer.

Nothing is charged twice, lost or torn when the program is killed, or gets an error, at a system
call; what may have been charged is shown and never resent; two starts do not double anything; a
full disk makes the work wait. And the loop that says so notices mistakes put in on purpose.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.faults.disk_full import full_list, full_results
from tests.scenarios.faults.doubt import run_doubts
from tests.scenarios.faults.homes import Provider
from tests.scenarios.faults.kill_loop import Ground, Plan, prepared, run_loop
from tests.scenarios.faults.system_calls import can_trace
from tests.scenarios.faults.two_starts import run_races
from tests.support.mounts import needs_mounts

WORKERS = (os.cpu_count() or 1) + 1
ENOUGH = 0.5
"""Share of the faults that has to be met: how far a run comes varies with the computer's speed."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the folders are those of Linux")

traced = pytest.mark.skipif(not can_trace(), reason="needs strace, and leave to trace")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with prepared(tmp_path_factory.mktemp("ground")) as made:
        yield made


@traced
def test_a_kill_at_any_system_call_charges_nothing_twice_and_loses_nothing(
    tmp_path: Path, ground: Ground
) -> None:
    trials = run_loop(Plan(kills=24, errors=0, workers=WORKERS, seed=1), ground, tmp_path)
    assert [(str(trial.fault), trial.broken) for trial in trials if trial.broken] == []
    assert sum(trial.met for trial in trials) >= ENOUGH * len(trials)
    assert sum(trial.charged for trial in trials) >= 2 * len(trials)


@pytest.mark.long
@traced
def test_a_kill_while_results_are_converted_and_saved_loses_and_overwrites_nothing(
    tmp_path: Path,
) -> None:
    with prepared(tmp_path / "ground", ("--format", "tiff")) as ground:
        trials = run_loop(Plan(kills=10, errors=5, workers=WORKERS, seed=2), ground, tmp_path)
    assert [(str(trial.fault), trial.broken) for trial in trials if trial.broken] == []
    assert sum(trial.met for trial in trials) >= ENOUGH * len(trials)
    assert sum(trial.charged for trial in trials) >= 2 * len(trials)


@pytest.mark.long
@traced
def test_an_error_at_any_system_call_charges_nothing_twice_and_loses_nothing(
    tmp_path: Path, ground: Ground
) -> None:
    # Each call that can fail does so once.
    trials = run_loop(Plan(kills=0, errors=17, workers=WORKERS, seed=1), ground, tmp_path)
    assert [(str(trial.fault), trial.broken) for trial in trials if trial.broken] == []
    assert sum(trial.met for trial in trials) >= ENOUGH * len(trials)


@pytest.mark.long
@traced
@pytest.mark.parametrize("mutant", ["blind-resend", "no-intent-row", "write-in-place"])
def test_a_mistake_put_in_on_purpose_is_noticed(
    tmp_path: Path, ground: Ground, mutant: str
) -> None:
    plan = Plan(kills=60, errors=0, workers=WORKERS, seed=1, mutant=mutant, until_caught=True)
    assert run_loop(plan, ground, tmp_path)[-1].broken


def test_what_may_have_been_charged_is_shown_and_never_resent(tmp_path: Path) -> None:
    doubts = run_doubts(4, WORKERS, tmp_path)
    assert [(doubt.kind, doubt.broken) for doubt in doubts if doubt.broken] == []


@pytest.mark.long
def test_two_starts_at_once_save_and_charge_each_input_once(tmp_path: Path) -> None:
    races = run_races(8, WORKERS, 1, tmp_path)
    assert [(race.delay_s, race.broken) for race in races if race.broken] == []
    at_once = [race for race in races if not race.delay_s]
    assert sum(race.forwarded for race in at_once) >= len(at_once) / 2


@needs_mounts
def test_a_full_folder_of_results_makes_the_work_wait_and_stops_nothing_else(
    tmp_path: Path,
) -> None:
    with Provider(tmp_path / "provider") as provider:
        disk = full_results(provider, tmp_path / "full")
    assert disk.broken == ()


@needs_mounts
@pytest.mark.parametrize("size_kb", [96, 200, 248])
def test_nothing_is_sent_that_a_full_disk_cannot_record(tmp_path: Path, size_kb: int) -> None:
    with Provider(tmp_path / "provider") as provider:
        disk = full_list(provider, tmp_path / "full", size_kb)
    assert disk.broken == ()
