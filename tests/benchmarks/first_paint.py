"""How long it takes from the start of the process to the first paint of the window.

``python -m tests.benchmarks.first_paint [RUNS]``. Beside it, in turn, a window of Qt with nothing
in it: the ratio means the same on a busy computer. On Qt's offscreen platform unless
QT_QPA_PLATFORM names another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks.painting import BARE, FIRST, FULL
from tests.support.own_home import use_home


def paints(*arguments: str) -> dict[str, tuple[float, list[str]]]:
    """Start a program; return for each paint the milliseconds to it, and the modules by then."""
    begin_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.painting", *arguments],
        env={"QT_QPA_PLATFORM": "offscreen", **os.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=60,
        check=True,
    )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return {what: ((at_s - begin_s) * 1000, modules) for what, at_s, modules in said}


def main(arguments: list[str]) -> int:
    runs = int(arguments[0]) if arguments else 10
    times_ms: dict[str, list[float]] = {FIRST: [], FULL: [], BARE: []}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        use_home(patch, Path(folder) / "home")
        # As where it is installed: compiled once.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(Path(folder) / "compiled"))
        for _ in range(runs + 1):
            for what, (taken_ms, _modules) in paints().items():
                times_ms[what].append(taken_ms)
            times_ms[BARE].append(paints(BARE)[FIRST][0])
    # The first run compiles, and reads files that the others find in memory.
    bare_ms = median(times_ms[BARE][1:])
    for what, each in times_ms.items():
        warm = each[1:]
        print(
            f"{what:<12} {min(warm):5.0f} / {median(warm):5.0f} / {max(warm):5.0f} ms "
            f"(min / median / max), {median(warm) / bare_ms:.2f} times bare; "
            f"the first time of all {each[0]:.0f} ms"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
