"""Full disks: the work waits with a sentence, nothing is lost, and nothing is sent unrecorded.

``python -m tests.scenarios.faults.disk_full`` fills the folder of results, then the folder of the
list of tasks at many sizes, gives the disk room and resumes. The exit code is 1 where a promise was
broken. Needs root, for small disks of its own.
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

from tests.scenarios.faults.homes import Ended, Home, Provider
from tests.scenarios.faults.judge import violations
from tests.scenarios.faults.ledger_service import INPUTS
from tests.scenarios.faults.stored_state import stored_state
from tests.support.mounts import can_mount, resize, small_disk

RESULTS_KB = 200
"""Room for one of the three results, and for the sidecar."""

LIST_SIZES_KB = tuple(range(8, 400, 8))
"""From no room for the empty list up to room for everything."""

_ROOM_KB = 4096
_LIMIT_S = "4"


@dataclass(frozen=True)
class Full:
    """What came of one full disk."""

    what: str
    charged: int
    """Charges while the disk was full."""
    code: int
    """How the run on the full disk ended."""
    broken: tuple[str, ...]


def full_results(provider: Provider, folder: Path) -> Full:
    """Run with a folder of results that holds one result of three."""
    home = Home(folder, provider)
    with small_disk(home.results, RESULTS_KB):
        return _full_results(home)


def _full_results(home: Home) -> Full:
    home.make()
    ended = home.run(home.enhance_arguments())
    charged = len(home.charges)
    before = stored_state(home.database)
    broken = [*_of_waiting(ended)]
    resize(home.results, _ROOM_KB)
    starts = [home.resume(), home.resume()]
    broken += violations(home, before, starts)
    if stored_state(home.database).inputs("saved") != set(home.inputs):
        broken.append("not everything was saved once there was room")
    if len(home.charges) != len(INPUTS):
        broken.append(f"{len(home.charges)} charges for {len(INPUTS)} inputs")
    return Full(f"results on {RESULTS_KB} kB", charged, ended.code, tuple(broken))


def _of_waiting(ended: Ended) -> list[str]:
    """Judge the run on the full disk: one saved, two waiting, and why."""
    broken = []
    waiting = [line for line in ended.lines if line["state"] == "waiting"]
    if ended.code != 4:
        broken.append(f"exit code {ended.code} and not 4")
    if len(ended.inputs("saved")) != 1 or len(waiting) != len(INPUTS) - 1:
        broken.append("not one saved and the others waiting")
    for line in waiting:
        if (line["error"] or {}).get("kind") != "disk_full" or not line["error"]["next_step"]:
            broken.append(f"a waiting task without its sentence: {line['error']}")
    return broken


def full_list(provider: Provider, folder: Path, size_kb: int) -> Full:
    """Run with a list of tasks on a disk of so many kB."""
    home = Home(folder, provider)
    home.make()
    with small_disk(folder / "data", size_kb):
        ended = home.run(home.enhance_arguments("--timeout-s", _LIMIT_S))
        charges = home.charges
        before = stored_state(home.database)
        known = {private_id for task in before.tasks for private_id in task.private_ids}
        broken = [
            "something was sent without an intent on record"
            for charge in charges
            if charge["chtaskid"] not in known
        ]
        if "Traceback" in ended.errors:
            broken.append(f"a traceback: {ended.errors.strip().splitlines()[-1]}")
        resize(folder / "data", _ROOM_KB)
        broken += violations(home, before, [home.resume(), home.resume()])
    return Full(f"list on {size_kb} kB", len(charges), ended.code, tuple(broken))


def run_all(sizes_kb: Sequence[int], workers: int, folder: Path) -> list[Full]:
    """Fill everything once."""
    with Provider(folder / "provider") as provider, ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(full_results, provider, folder / "results-full")]
        running += [
            pool.submit(full_list, provider, folder / f"list-{size_kb}", size_kb)
            for size_kb in sizes_kb
        ]
        return [each.result() for each in running]


def table(disks: Sequence[Full], took_s: float) -> str:
    """Return the results for people."""
    lines = [
        f"{disk.what}: exit code {disk.code}, {disk.charged} charged while full"
        + "".join(f"; {words}" for words in disk.broken)
        for disk in disks
    ]
    broken = sum(bool(disk.broken) for disk in disks)
    return "\n".join([*lines, f"disks that broke a promise: {broken}", f"duration: {took_s:.0f} s"])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workers", type=int, default=2 * (os.cpu_count() or 1))
    given = parser.parse_args()
    if not can_mount():
        print("this needs root and mount", file=sys.stderr)
        return 2
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        disks = run_all(LIST_SIZES_KB, given.workers, Path(folder))
    print(table(disks, time.monotonic() - began_s))
    return int(any(disk.broken for disk in disks))


if __name__ == "__main__":
    sys.exit(main())
