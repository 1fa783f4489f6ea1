"""Measure how soon a built program shows its window: ``measure_start.py PROGRAM [--runs N]``.

PROGRAM is the file ``enhance-gui`` of a build or an installation. The moment of the first paint
is that in which the screen of an X server of our own (Xvfb, which must be installed) first shows
something. It is compared with a window of PySide6 that holds nothing, shown by a Python that has
PySide6: the one this runs with, or ``--python``. Both run in turns, so that what else the computer
does falls on both.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import mmap
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

BARE_WINDOW = """
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
window = QWidget()
window.resize(1180, 780)
window.show()
application.exec()
"""

MAX_TIMES_BARE = 1.3
"""How much later than the bare window the program's may appear."""

SERVICE_LIMIT_S = 1.5
"""How soon the local service has to be ready."""

_SIZE_PX = (1280, 800)
_POINTS_PX = [(x, y) for x in (100, 400, 700) for y in (100, 400, 700)]
_LONGEST_S = 30.0
_PAUSE_S = 0.0005
_XWD_HEADER = 100


def main() -> int:
    """Measure, print the figures, and return 0 if they are within the limits."""
    arguments = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="enhance-gui-start-") as folder:
        ratio = _windows(arguments, Path(folder))
        ready_s = min(_service(arguments.program, Path(folder)) for _ in range(3))
    print(
        f"the service is ready after {ready_s * 1000:.0f} ms (limit {SERVICE_LIMIT_S * 1000:.0f})"
    )
    return 0 if ratio <= MAX_TIMES_BARE and ready_s <= SERVICE_LIMIT_S else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Measure how soon a built program shows its window."
    )
    parser.add_argument("program", type=Path)
    parser.add_argument("--python", default=sys.executable, help="one that has PySide6")
    parser.add_argument("--runs", type=int, default=15, help="of each (default: %(default)s)")
    return parser


def _windows(arguments: argparse.Namespace, folder: Path) -> float:
    bare = [arguments.python, "-c", BARE_WINDOW]
    program = [str(arguments.program.absolute())]
    bare_s, program_s = [], []
    with screen(folder) as (display, pixels):
        variables = _variables(folder, display)
        for _ in range(arguments.runs + 1):
            bare_s.append(first_paint_s(bare, variables, pixels))
            program_s.append(first_paint_s(program, variables, pixels))
    # The first run of each fills the caches of the system.
    medians = [statistics.median(values[1:]) for values in (bare_s, program_s)]
    for name, values in (("bare window", bare_s[1:]), ("program", program_s[1:])):
        least, middle = min(values) * 1000, statistics.median(values) * 1000
        print(f"{name:<12} first paint: least {least:.0f} ms, median {middle:.0f} ms")
    ratio = medians[1] / medians[0]
    print(f"the program takes {ratio:.2f} × as long (limit {MAX_TIMES_BARE})")
    return ratio


class Pixels:
    """Some pixels of a screen that is mapped into memory."""

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as stream:
            self._memory = mmap.mmap(stream.fileno(), 0)
        head = self._memory[:_XWD_HEADER]
        size, line_bytes, colours = (int.from_bytes(head[at : at + 4], "big") for at in (0, 48, 76))
        start = size + colours * 12
        self._places = [start + y * line_bytes + x * 4 for x, y in _POINTS_PX]

    def read(self) -> bytes:
        return b"".join(self._memory[place : place + 4] for place in self._places)


@contextlib.contextmanager
def screen(folder: Path) -> Iterator[tuple[str, Pixels]]:
    """Run an X server; its display and some of its pixels."""
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        raise SystemExit("Xvfb is missing; on Debian or Ubuntu: sudo apt install xvfb")
    reader, writer = os.pipe()
    size = f"{_SIZE_PX[0]}x{_SIZE_PX[1]}x24"
    command = [xvfb, "-displayfd", str(writer), "-fbdir", str(folder), "-screen", "0", size]
    with subprocess.Popen(
        [*command, "-noreset", "-nolisten", "tcp"], pass_fds=[writer], stderr=subprocess.DEVNULL
    ) as server:
        os.close(writer)
        try:
            with os.fdopen(reader) as told:
                number = told.readline().strip()
            yield f":{number}", Pixels(folder / "Xvfb_screen0")
        finally:
            server.terminate()


def first_paint_s(command: Sequence[str], variables: Mapping[str, str], pixels: Pixels) -> float:
    """Start a program and return after how many seconds its window was to be seen."""
    empty = pixels.read()
    started_s = time.perf_counter()
    with subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL) as process:
        while (shown := pixels.read()) == empty and process.poll() is None:
            time.sleep(_PAUSE_S)
            if time.perf_counter() - started_s > _LONGEST_S:
                break
        taken_s = time.perf_counter() - started_s
        process.terminate()
    if shown == empty:
        raise SystemExit(f"{command[0]} showed no window (exit code {process.returncode})")
    _wait_until(pixels, empty)
    return taken_s


def _wait_until(pixels: Pixels, empty: bytes) -> None:
    """Wait until the window is gone from the screen."""
    deadline_s = time.perf_counter() + _LONGEST_S
    while pixels.read() != empty and time.perf_counter() < deadline_s:
        time.sleep(_PAUSE_S)


def _service(program: Path, folder: Path) -> float:
    """Return after how many seconds the service listens."""
    command = [
        str(program.absolute()),
        "serve",
        "--stop-with-stdin",
        "--data",
        str(folder / "service"),
    ]
    started_s = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_variables(folder, "")
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        taken_s = time.perf_counter() - started_s
        process.terminate()
    if "base_url" not in json.loads(line or "{}"):
        raise SystemExit(f"the service did not start (exit code {process.returncode})")
    return taken_s


def _variables(folder: Path, display: str) -> dict[str, str]:
    """Return the variables of a fresh user."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": str(home), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}


if __name__ == "__main__":
    sys.exit(main())
