"""Kills between the intent and the recorded answer: shown at the next start, and never resent.

``python -m tests.scenarios.faults.doubt --trials 100`` kills the program while its request is on
its way, whether the provider has charged for it by then or not, and starts it again: with the same
command or with --resume, and then with --resume twice. The exit code is 1 where a promise was
broken.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.scenarios.faults.homes import RUN_LIMIT_S, Home, Provider
from tests.scenarios.faults.judge import violations
from tests.scenarios.faults.ledger_service import HOLD_CHARGED, HOLD_UNCHARGED, held_file
from tests.scenarios.faults.mutants import MUTANTS
from tests.scenarios.faults.stored_state import stored_state

KINDS = (HOLD_UNCHARGED, HOLD_CHARGED)

_HOLD_LIMIT_S = 60.0


@dataclass(frozen=True)
class Doubt:
    """What came of one kill."""

    kind: str
    broken: tuple[str, ...]
    listed_after_s: float
    """From the start of --resume to its line about the task."""


def run_doubt(
    provider: Provider, folder: Path, mutant: str = "", *, typed_again: bool = False
) -> Doubt:
    """Kill one run while its second request is being held.

    :param folder: of the trial; its name begins with one of :data:`KINDS`.
    :param typed_again: whether the first start after it is the same command, and not --resume.
    """
    home = Home(folder, provider)
    home.make()
    _kill_while_held(home, mutant)
    before = stored_state(home.database)
    first = home.run(home.enhance_arguments(), mutant) if typed_again else home.resume(mutant)
    starts = [first, home.resume(mutant)]
    broken = violations(home, before, starts)
    held = home.inputs[1]
    if before.inputs("sending") != {held}:
        broken.append(f"the intent was not on record: {before.states}")
    if held_file(provider.folder, home.account).stat().st_size != 1:
        broken.append("the request in doubt was sent again")
    return Doubt(
        kind=home.account.rpartition("-")[0],
        broken=tuple(broken),
        listed_after_s=_first_line_s(home),
    )


def _kill_while_held(home: Home, mutant: str) -> None:
    running = home.start(home.enhance_arguments(), mutant)
    held = held_file(home.provider.folder, home.account)
    give_up_s = time.monotonic() + _HOLD_LIMIT_S
    while not held.exists() and time.monotonic() < give_up_s:
        time.sleep(0.005)
    running.program.kill()
    running.end()


def _first_line_s(home: Home) -> float:
    """Return how long the command takes, from its start, to tell of what is in doubt."""
    began_s = time.monotonic()
    running = home.start_command(["enhance", "--resume", "--json"])
    while not running.output and time.monotonic() < began_s + RUN_LIMIT_S:
        time.sleep(0.01)
    took_s = time.monotonic() - began_s
    running.end()
    return took_s


def run_doubts(how_many: int, workers: int, folder: Path, mutant: str = "") -> list[Doubt]:
    """Try both kinds in turn."""
    with Provider(folder / "provider") as provider, ThreadPoolExecutor(workers) as pool:
        running = [
            pool.submit(
                run_doubt,
                provider,
                folder / f"{KINDS[number % 2]}-{number}",
                mutant,
                typed_again=number % 4 >= 2,
            )
            for number in range(how_many)
        ]
        return [each.result() for each in running]


def table(doubts: Sequence[Doubt], took_s: float) -> str:
    """Return the results for people."""
    times_s = [doubt.listed_after_s for doubt in doubts]
    lines = [
        f"kills between intent and recorded answer: {len(doubts)}",
        f"of them charged: {sum(doubt.kind == HOLD_CHARGED for doubt in doubts)}",
        f"trials that broke a promise: {sum(bool(doubt.broken) for doubt in doubts)}",
        f"start to first line: median {median(times_s):.2f} s, longest {max(times_s):.2f} s",
        f"duration: {took_s:.0f} s",
    ]
    return "\n".join(
        lines + [f"  {doubt.kind}: {'; '.join(doubt.broken)}" for doubt in doubts if doubt.broken]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--mutant", choices=sorted(MUTANTS), default="")
    given = parser.parse_args()
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        doubts = run_doubts(given.trials, given.workers, Path(folder), given.mutant)
    print(table(doubts, time.monotonic() - began_s))
    return int(any(doubt.broken for doubt in doubts) == (not given.mutant))


if __name__ == "__main__":
    sys.exit(main())
