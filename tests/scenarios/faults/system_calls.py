"""Faults at system calls: strace makes the n-th call of a name fail, or kills at it.

strace counts the calls of each thread by itself: "the 5th write" is that of the thread that comes
to its 5th first, and an error meets every thread that comes so far.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.scenarios.faults.homes import Ended, Home

_ATTACH_LIMIT_S: Final = 20.0

_CALL: Final = re.compile(r"^(\d+) +(\w+)\(")


@dataclass(frozen=True)
class Fault:
    """One fault of one run."""

    call: str
    number: int
    """1: the first of its thread."""
    error: str = ""
    """Name of the error it gets; empty: the program is killed there."""
    lasting: bool = False
    """Whether every later call of the name gets the error, too."""

    def __str__(self) -> str:
        what = self.error or "kill"
        return f"{what} at {self.call} {self.number}{' and on' if self.lasting else ''}"

    @property
    def option(self) -> str:
        action = f"error={self.error}" if self.error else "signal=KILL"
        return f"inject={self.call}:{action}:when={self.number}{'+' if self.lasting else ''}"


def can_trace() -> bool:
    """Tell whether strace is here and may do its work."""
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return tried.returncode == 0


def count_calls(home: Home) -> Mapping[str, int]:
    """Run without a fault; return how often the busiest thread made each call."""
    log = home.folder / "calls.log"
    run_traced(home, home.enhance_arguments(), ["-e", "trace=all"], log)
    counts: Counter[tuple[str, str]] = Counter()
    for line in log.read_text("utf-8", "replace").splitlines():
        if found := _CALL.match(line):
            counts[found[1], found[2]] += 1
    maximum: dict[str, int] = {}
    for (_, call), count in counts.items():
        maximum[call] = max(count, maximum.get(call, 0))
    return maximum


def run_with_fault(
    home: Home, arguments: Sequence[str], fault: Fault, mutant: str = ""
) -> tuple[Ended, bool]:
    """Run the command with a fault; return how it ended and whether the fault was met."""
    log = home.folder / "fault.log"
    options = ["-e", f"trace={fault.call}", "-e", fault.option]
    ended = run_traced(home, arguments, options, log, mutant)
    if not fault.error:
        return ended, ended.was_killed
    return ended, "(INJECTED)" in log.read_text("utf-8", "replace")


def run_traced(
    home: Home, arguments: Sequence[str], options: Sequence[str], log: Path, mutant: str = ""
) -> Ended:
    """Run the command under strace from the moment at which everything is loaded."""
    waiting = home.start_waiting(arguments, mutant)
    program = waiting.program
    strace = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", str(log), *options, "-p", str(program.pid)],
        stderr=subprocess.PIPE,
        text=True,
    )
    with strace:
        try:
            _wait_until_traced(program.pid, strace)
            program.give_leave()
            return waiting.end()
        finally:
            program.kill()
            strace.wait(_ATTACH_LIMIT_S)


def _wait_until_traced(pid: int, strace: subprocess.Popen[str]) -> None:
    status = Path(f"/proc/{pid}/status")
    give_up_s = time.monotonic() + _ATTACH_LIMIT_S
    while "TracerPid:\t0\n" in status.read_text():
        if strace.poll() is not None or time.monotonic() > give_up_s:
            words = strace.communicate()[1]
            raise RuntimeError(f"strace did not attach: {words}")
        time.sleep(0.002)
