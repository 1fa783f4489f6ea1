"""Which Pythons the program runs on, said in words where this is another one.

This file and the scripts that import it keep to a syntax that every Python 3 since 3.6 reads:
otherwise an old Python would show a syntax error in place of the sentence.
"""

import shutil
import subprocess
import sys
from typing import List, Optional, Tuple

OLDEST = (3, 11)
NEWEST = (3, 15)
"""The newest that every pinned package works on."""
NEWEST_TRIED = (3, 13)
"""The newest that every test has been run with."""

EXIT_SET_UP_FAILED = 69
"""Not one of the program's own exit codes: the program was never started."""


def refuse_other_pythons(script: str) -> None:
    """Leave with a sentence and ``EXIT_SET_UP_FAILED`` unless this Python can run the program."""
    version = sys.version_info[:2]
    problem = problem_with(version, script)
    if problem is not None:
        print(problem, file=sys.stderr)
        raise SystemExit(EXIT_SET_UP_FAILED)
    note = note_about(version)
    if note is not None:
        print(note, file=sys.stderr)


def problem_with(version: Tuple[int, ...], script: str) -> Optional[str]:
    """Return what is wrong with ``version`` and what to do, or None."""
    if OLDEST <= version <= NEWEST:
        return None
    fault = "too old" if version < OLDEST else "too new: not every part it needs works with it yet"
    return (
        f"Enhance GUI needs Python {_name(OLDEST)} to {_name(NEWEST)}. "
        f"This is Python {_name(version)}, which is {fault}.\n{_advice(script)}"
    )


def note_about(version: Tuple[int, ...]) -> Optional[str]:
    """Return a line about a supported ``version`` that was not fully tried, or None."""
    if version <= NEWEST_TRIED:
        return None
    return (
        f"Not everything was tried on Python {_name(version)}; "
        f"if something fails, use Python {_name(NEWEST_TRIED)}."
    )


def names() -> List[str]:
    """Return what the commands of the supported Pythons are called, newest first."""
    return [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]


def commands() -> List[str]:
    """Return those of them that run on this computer."""
    return [name for name in names() if _runs(name)]


def _advice(script: str) -> str:
    found = commands()
    if found:
        return f"Run instead:  {found[0]} {script}"
    best = _name(NEWEST_TRIED)
    source = (
        f"with your distribution's package manager (it is often called python{best})"
        if sys.platform == "linux"
        else "from https://www.python.org/downloads/"
    )
    return f"Install Python {best} beside it {source}, then run {script} with it."


def _runs(command: str) -> bool:
    # Managers of Pythons leave commands in the path that start nothing.
    return shutil.which(command) is not None and _exit_code(command) == 0


def _exit_code(command: str) -> int:
    silent = subprocess.DEVNULL
    return subprocess.call([command, "-c", ""], stdin=silent, stdout=silent, stderr=silent)


def _name(version: Tuple[int, ...]) -> str:
    return f"{version[0]}.{version[1]}"
