"""Two starts on one list of tasks: one works, the other hands its inputs over, nothing is doubled.

``python -m tests.scenarios.faults.two_starts --races 200`` has half of the pairs begin at the same
moment, and in the other half the second at any moment of the first one's run, its very end
included. The exit code is 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.scenarios.faults.homes import Ended, Home, Provider
from tests.scenarios.faults.judge import violations
from tests.scenarios.faults.ledger_service import INPUTS
from tests.scenarios.faults.stored_state import stored_state

_LATEST_S = 2.5
_FORWARDED = "handed over to the program that is running already"


@dataclass(frozen=True)
class Race:
    """What came of one pair."""

    delay_s: float
    """From the first start to the second."""
    forwarded: int
    """How many of the two handed their inputs over."""
    charged: int
    broken: tuple[str, ...]


def run_race(provider: Provider, folder: Path, delay_s: float) -> Race:
    """Start the same command twice."""
    home = Home(folder, provider)
    home.make()
    first, second = [home.start_waiting(home.enhance_arguments()) for _ in range(2)]
    first.program.give_leave()
    time.sleep(delay_s)
    second.program.give_leave()
    ended = [first.end(), second.end()]
    forwarded = sum(_FORWARDED in each.errors for each in ended)
    before = stored_state(home.database)
    charged = len(home.charges)
    # A computer that stands still can keep the second from its work until the first has ended.
    is_later = bool(delay_s) or not forwarded
    broken = [] if is_later else _of_one_moment(home, ended, forwarded, charged)
    # Where the first had saved a picture by then, the second asks for it anew: one charge a task.
    if charged > len(before.tasks):
        broken.append(f"{charged} charges for {len(before.tasks)} tasks")
    resumed = [home.resume(), home.resume()]
    broken += [
        words
        for words in violations(home, before, resumed)
        if not (is_later and words.endswith("times"))
    ]
    return Race(delay_s, forwarded, charged, tuple(broken))


def _of_one_moment(home: Home, ended: Sequence[Ended], forwarded: int, charged: int) -> list[str]:
    broken = []
    if forwarded != 1:
        broken.append(f"{forwarded} of two handed over")
    if charged != len(INPUTS):
        broken.append(f"{charged} charges for {len(INPUTS)} inputs")
    for each in ended:
        if each.code != 0 or each.inputs("saved") != set(home.inputs):
            broken.append(f"one of two ended with {each.code}: {each.errors[-300:]}")
    return broken


def run_races(how_many: int, workers: int, seed: int, folder: Path) -> list[Race]:
    """Try pairs, every second one with a delay."""
    random = Random(seed)
    delays_s = [random.uniform(0, _LATEST_S) if n % 2 else 0.0 for n in range(how_many)]
    with Provider(folder / "provider") as provider, ThreadPoolExecutor(workers) as pool:
        running = [
            pool.submit(run_race, provider, folder / f"race-{number}", delay_s)
            for number, delay_s in enumerate(delays_s)
        ]
        return [each.result() for each in running]


def table(races: Sequence[Race], took_s: float) -> str:
    """Return the results for people."""
    at_once = [race for race in races if not race.delay_s]
    later = [race for race in races if race.delay_s]
    lines = [
        f"pairs at the same moment: {len(at_once)}",
        f"pairs with the second later: {len(later)}",
        f"of them handed over: {sum(each.forwarded for each in later)}",
        f"pairs that broke a promise: {sum(bool(race.broken) for race in races)}",
        f"duration: {took_s:.0f} s",
    ]
    broken = Counter(
        f"{words} (second {r.delay_s:.2f} s later)" for r in races for words in r.broken
    )
    return "\n".join(lines + [f"  {words}" for words in broken])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--races", type=int, default=200)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        races = run_races(given.races, given.workers, given.seed, Path(folder))
    print(table(races, time.monotonic() - began_s))
    return int(any(race.broken for race in races))


if __name__ == "__main__":
    sys.exit(main())
