"""Kills and errors at system calls of a run with three tasks; each run is started again twice.

``python -m tests.scenarios.faults.kill_loop --kills 500 --errors 300`` tries so many faults and
prints a table; the exit code is 1 where a promise was broken. With ``--mutant NAME`` the program
has a mistake in it, and the exit code is 0 where that was noticed. Needs strace.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from tests.scenarios.faults.homes import Home, Provider
from tests.scenarios.faults.mutants import MUTANTS
from tests.scenarios.faults.points import error_points, kill_points
from tests.scenarios.faults.system_calls import Fault, count_calls
from tests.scenarios.faults.trials import ConnectionTest, run_trial

_NEW_SHARE: Final = 6
"""One run in so many makes its list of tasks first."""

_COMMAND_SHARE: Final = 8
"""After one fault in so many, the starts are those of the command as a user has it."""


@dataclass(frozen=True)
class Plan:
    """What is to be tried."""

    kills: int
    errors: int
    workers: int
    seed: int
    mutant: str = ""
    until_caught: bool = False
    """Whether the first broken promise ends it."""
    keep: Path | None = None
    """Where the folders of trials with something to look at stay; ``None``: nowhere."""


@dataclass(frozen=True)
class Case:
    """A fault, and the home it happens in."""

    fault: Fault
    lived_in: Home | None
    """Whose empty list of tasks is there already; ``None``: there is none yet."""


@dataclass(frozen=True)
class Ground:
    """What the loops of one folder share."""

    provider: Provider
    lived_in: Home
    """Its empty list of tasks is there already."""
    calls_of_new: Mapping[str, int]
    """System calls of a run that makes its list of tasks first."""
    calls_of_listed: Mapping[str, int]
    """Those of one that finds it made."""
    wants: tuple[str, ...] = ()
    """Options of its runs."""


@contextmanager
def prepared(folder: Path, wants: tuple[str, ...] = ()) -> Iterator[Ground]:
    """Start a provider and count the calls of a run that nothing disturbs.

    :param wants: options of the runs.
    """
    with Provider(folder / "provider") as provider:
        lived_in = made_home(folder / "lived-in", provider)
        lived_in.resume()
        new = made_home(folder / "new", provider, wants=wants)
        listed = made_home(folder / "listed", provider, lived_in, wants)
        yield Ground(provider, lived_in, count_calls(new), count_calls(listed), wants)


def run_loop(
    plan: Plan,
    ground: Ground,
    folder: Path,
    tell: Callable[[ConnectionTest], None] = lambda _: None,
) -> list[ConnectionTest]:
    """Try the faults of a plan; return the trials in the order in which they ended.

    :param folder: no other loop on the same ground has one of its name.
    """
    # Most runs find the list of tasks made: making it would be a third of all calls.
    new_kills, new_errors = plan.kills // _NEW_SHARE, plan.errors // _NEW_SHARE
    old_kills, old_errors = plan.kills - new_kills, plan.errors - new_errors
    new = _faults(ground.calls_of_new, new_kills, new_errors, plan.seed)
    listed = _faults(ground.calls_of_listed, old_kills, old_errors, plan.seed)
    cases = [Case(fault, None) for fault in new]
    cases += [Case(fault, ground.lived_in) for fault in listed]
    Random(plan.seed).shuffle(cases)
    trials = []
    for trial in _tried(plan, ground, cases, folder):
        trials.append(trial)
        tell(trial)
        if trial.broken and plan.until_caught:
            break
    return trials


def made_home(
    folder: Path, provider: Provider, lived_in: Home | None = None, wants: Sequence[str] = ()
) -> Home:
    """Return a home that is ready for its first start."""
    home = Home(folder, provider, wants=wants)
    home.make(lived_in)
    return home


def _faults(counts: Mapping[str, int], kills: int, errors: int, seed: int) -> list[Fault]:
    random = Random(seed)
    return kill_points(counts, kills, random) + error_points(counts, errors, random)


def _tried(
    plan: Plan, ground: Ground, cases: Sequence[Case], folder: Path
) -> Iterator[ConnectionTest]:
    with ThreadPoolExecutor(plan.workers) as pool:
        place = plan.keep or folder
        running = [
            pool.submit(
                run_trial,
                ground.provider,
                # The provider knows an account by this name.
                place / f"{folder.name}-{number}",
                case.fault,
                typed_again=number % 3 == 2,
                lived_in=case.lived_in,
                wants=ground.wants,
                mutant=plan.mutant,
                command=not plan.mutant and number % _COMMAND_SHARE == 0,
                keep=plan.keep is not None,
            )
            for number, case in enumerate(cases)
        ]
        try:
            for future in as_completed(running):
                yield future.result()
        finally:
            for each in running:
                each.cancel()


def table(trials: Sequence[ConnectionTest], took_s: float) -> str:
    """Return the results for people."""
    kills = [trial for trial in trials if not trial.fault.error and trial.met]
    errors = [trial for trial in trials if trial.fault.error and trial.met]
    broken = Counter(words for trial in trials for words in trial.broken)
    lines = [
        f"kill points reached: {len(kills)}",
        f"errors met: {len(errors)}",
        f"not reached: {sum(not trial.met for trial in trials)}",
        f"trials that broke a promise: {sum(bool(trial.broken) for trial in trials)}",
        f"tasks in doubt: {sum(trial.doubts for trial in trials)}",
        f"of them charged: {sum(trial.doubts_charged for trial in trials)}",
        f"runs that ended with a traceback: {sum(bool(trial.traceback) for trial in trials)}",
        f"duration: {took_s:.0f} s",
        "kills by call: " + _listed(Counter(trial.fault.call for trial in kills)),
        "errors by call: "
        + _listed(Counter(f"{error.fault.call} {error.fault.error}" for error in errors)),
        "most advanced task at the kill: "
        + _listed(Counter(_most_advanced(trial.states) for trial in kills)),
    ]
    lines += [f"broken {count} times: {words}" for words, count in broken.most_common()]
    lines += [f"  {t.fault}: {'; '.join(t.broken)}" for t in trials if t.broken]
    lines += [f"traceback at {t.fault}: {t.traceback}" for t in trials if t.traceback]
    return "\n".join(lines)


_ORDER = ("queued", "sending", "in_doubt", "accepted", "finished", "fetching", "saved")


def _most_advanced(states: Sequence[str]) -> str:
    return max(
        states, key=lambda each: _ORDER.index(each) if each in _ORDER else -1, default="none"
    )


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--errors", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutant", choices=sorted(MUTANTS), default="")
    parser.add_argument("--keep", type=Path, help="where trials with something to look at stay")
    given = parser.parse_args()
    plan = Plan(
        given.kills,
        given.errors,
        given.workers,
        given.seed,
        given.mutant,
        keep=given.keep and given.keep.absolute(),
    )
    began_s = time.monotonic()

    def tell(trial: ConnectionTest) -> None:
        if trial.broken:
            print(f"{trial.fault}: {'; '.join(trial.broken)}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder, prepared(Path(folder)) as ground:
        trials = run_loop(plan, ground, Path(folder), tell)
    print(table(trials, time.monotonic() - began_s))
    return int(any(trial.broken for trial in trials) == (not plan.mutant))


if __name__ == "__main__":
    sys.exit(main())
