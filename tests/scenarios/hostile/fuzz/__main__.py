"""Runs the window among hostile parties, and judges it.

``python -m tests.scenarios.hostile.fuzz --minutes 10``: the exit code is 1 where the program ended,
grew by more than 64 MiB, stood still for more than a tenth of a second, sent one private id twice,
or did not start again afterwards. ``--seed N`` repeats a run.

Growth is the largest size less that after a minute, by when everything has been done once and is
loaded. A standstill is the time in which the loop of the window had no turn: what the window works,
what it waits for, and what its other threads work meanwhile. What is left out is waiting for a
processor that others have (:class:`tests.support.contention.OwnTime`). What is dragged is made in a
process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from tests.scenarios.hostile.fuzz.outside import Outside
from tests.scenarios.hostile.fuzz.provider import HostileProvider

_GROWTH_BYTES: Final = 64 * 2**20
_BLOCK_S: Final = 0.1
_WARM_UP_S: Final = 60.0
"""Until then the program loads what it needs: what it has resident after that is its size."""
_ENDED_S: Final = 60.0
_MAX_PLACES: Final = 10


@dataclass
class Course:
    """How one run of the window went."""

    lines: list[dict[str, float]] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    """What the program was at when it stood still."""
    warm_bytes: float = 0
    ended_early: bool = False
    code: int | None = None

    @property
    def growth_bytes(self) -> float:
        """The largest size after the warm-up, less the size then."""
        later = [line["resident_bytes"] for line in self.lines]
        return max(later, default=0) - self.warm_bytes if self.warm_bytes else 0

    @property
    def longest_block_s(self) -> float:
        return max((line["block_s"] for line in self.lines), default=0)


async def _run_window(seed: int, origin: str, seconds: float, outside: Outside) -> Course:
    course, begin_s = Course(), time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.scenarios.hostile.fuzz.window", str(seed), origin),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    attacks = asyncio.ensure_future(outside.attack())
    try:
        while time.monotonic() - begin_s < seconds:
            line = await process.stdout.readline()
            if not line:
                course.ended_early = True
                break
            seen = json.loads(line)
            if not course.warm_bytes and time.monotonic() - begin_s > min(_WARM_UP_S, seconds / 4):
                course.warm_bytes = seen["resident_bytes"]
            course.lines.append(seen)
            course.where += seen.pop("where")
            _show(seen, time.monotonic() - begin_s)
    finally:
        attacks.cancel()
        process.stdin.close()
    reader = asyncio.ensure_future(process.stdout.read())
    try:
        course.code = await asyncio.wait_for(process.wait(), _ENDED_S)
    except TimeoutError:
        process.kill()
    await reader
    if attacks.done() and not attacks.cancelled() and attacks.exception() is not None:
        raise attacks.exception() or AssertionError
    return course


def _show(seen: dict[str, float], at_s: float) -> None:
    mib = seen["resident_bytes"] / 2**20
    print(
        f"\r{at_s:5.0f} s   {seen['tasks']:5.0f} tasks   {mib:6.0f} MiB   {seen['block_s']:.3f} s",
        end="",
        file=sys.stderr,
    )


def _faults(first: Course, again: Course, provider: HostileProvider) -> list[str]:
    found = []
    for name, course in (("run", first), ("next start", again)):
        if course.ended_early:
            found.append(f"{name}: the program ended by itself, with code {course.code}")
        elif course.code != 0:
            found.append(f"{name}: it did not quit in order ({course.code})")
    if first.growth_bytes > _GROWTH_BYTES:
        found.append(f"it grew by {first.growth_bytes / 2**20:.0f} MiB")
    if first.longest_block_s > _BLOCK_S:
        found.append(f"it stood still for {first.longest_block_s:.2f} s")
        places = Counter(first.where).most_common(_MAX_PLACES)
        found += [f"  at {place}, {times} times" for place, times in places]
    twice = [each for each, times in provider.sent.items() if times > 1]
    if twice:
        found.append(f"{len(twice)} private ids were sent twice")
    return found


async def _main(minutes: float, seed: int, folder: Path) -> int:
    os.environ.update(_home(folder))
    async with HostileProvider(Random(seed)) as provider:
        outside = Outside(Random(seed + 1), folder, provider.base_url)
        outside.prepare()
        first = await _run_window(seed, provider.base_url, minutes * 60, outside)
        again = await _run_window(seed + 2, provider.base_url, 20, outside)
        faults = _faults(first, again, provider)
    print(
        f"\n{len(first.lines)} s, {len(provider.sent)} createtask, {outside.count} attacks from "
        f"outside; growth {first.growth_bytes / 2**20:.0f} MiB, longest standstill "
        f"{first.longest_block_s * 1000:.0f} ms, seed {seed}"
    )
    print("\n".join(faults) or "holds")
    return 1 if faults else 0


def _home(folder: Path) -> dict[str, str]:
    names = ("DATA", "CONFIG", "CACHE", "STATE")
    home = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in names}
    (folder / "run").mkdir(mode=0o700)
    return {
        **home,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "QT_QPA_PLATFORM": "offscreen",
        "LANGUAGE": "en",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
    }


def main() -> int:
    """Read the arguments and run."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--seed", type=int, default=None)
    chosen = arguments.parse_args()
    seed = chosen.seed if chosen.seed is not None else Random().randrange(10**6)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        return asyncio.run(_main(chosen.minutes, seed, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
