"""Power cuts: only what was flushed to the disk is there at the next start.

``python -m tests.scenarios.faults.power_cut --cuts 300`` runs the program on a file system in a
file, kills it at a system call, goes on with a copy of that file as it was at that moment, and
starts the program twice. What it shows: nothing that was promised rested on unflushed data. What it
does not show: a disk that reorders or tears the writes it was given. With ``--mutant NAME`` the
exit code is 0 where the mistake was noticed. Needs strace, ext4 tools and root.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from random import Random

from tests.scenarios.faults.homes import Home, Provider
from tests.scenarios.faults.kill_loop import made_home, table
from tests.scenarios.faults.mutants import MUTANTS
from tests.scenarios.faults.points import kill_points
from tests.scenarios.faults.system_calls import Fault, can_trace, count_calls
from tests.scenarios.faults.trials import ConnectionTest, run_trial
from tests.support.mounts import CuttableDisk, can_mount


def run_cut(
    provider: Provider, folder: Path, fault: Fault, lived_in: Home, mutant: str = ""
) -> ConnectionTest:
    """Carry out one trial on a disk of its own."""
    disk = CuttableDisk(folder)
    try:
        home = disk.place / folder.name
        return run_trial(
            provider,
            home,
            fault,
            lived_in=lived_in,
            mutant=mutant,
            before_it=disk.flush,
            between=disk.cut,
        )
    finally:
        disk.close()


def run_cuts(
    how_many: int, workers: int, seed: int, folder: Path, mutant: str = ""
) -> Iterator[ConnectionTest]:
    """Cut the power at so many points."""
    with Provider(folder / "provider") as provider, ThreadPoolExecutor(workers) as pool:
        lived_in = made_home(folder / "lived-in", provider)
        lived_in.resume()
        counts = count_calls(made_home(folder / "count", provider, lived_in))
        running = [
            pool.submit(run_cut, provider, folder / f"cut-{number}", fault, lived_in, mutant)
            for number, fault in enumerate(kill_points(counts, how_many, Random(seed)))
        ]
        try:
            for future in as_completed(running):
                yield future.result()
        finally:
            for each in running:
                each.cancel()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cuts", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutant", choices=sorted(MUTANTS), default="")
    given = parser.parse_args()
    if not (can_mount() and can_trace()):
        print("this needs root, mount and strace", file=sys.stderr)
        return 2
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        trials = list(run_cuts(given.cuts, given.workers, given.seed, Path(folder), given.mutant))
    print(table(trials, time.monotonic() - began_s))
    return int(any(trial.broken for trial in trials) == (not given.mutant))


if __name__ == "__main__":
    sys.exit(main())
