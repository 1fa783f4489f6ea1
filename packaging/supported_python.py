"""Which Pythons the program runs on, said in words where this is another one.

This file and the scripts that import it keep to a syntax that every Python 3 since 3.6 reads:
otherwise an old Python would show a syntax error in place of the sentence.
"""

import shutil
import sys
from typing import List, Optional, Tuple

OLDEST = (3, 11)
NEWEST = (3, 13)

EXIT_SET_UP_FAILED = 69
"""Not one of the program's own exit codes: the program was never started."""


def refuse_other_pythons(script: str) -> None:
    """Leave with a sentence and ``EXIT_SET_UP_FAILED`` unless this Python can run the program."""
    problem = problem_with(sys.version_info[:2], script)
    if problem is not None:
        print(problem, file=sys.stderr)
        raise SystemExit(EXIT_SET_UP_FAILED)


def problem_with(version: Tuple[int, ...], script: str) -> Optional[str]:
    """Return what is wrong with ``version`` and what to do, or None."""
    if OLDEST <= version <= NEWEST:
        return None
    fault = "too old" if version < OLDEST else "too new: not every part it needs exists for it yet"
    return (
        f"Enhance GUI needs Python 3.11, 3.12 or 3.13. This is Python {version[0]}.{version[1]}, "
        f"which is {fault}.\n{_advice(script)}"
    )


def _advice(script: str) -> str:
    found = _commands_found()
    if found:
        return f"Run instead:  {found[0]} {script}"
    source = (
        "with your distribution's package manager (it is often called python3.13)"
        if sys.platform == "linux"
        else "from https://www.python.org/downloads/"
    )
    return f"Install one of them beside it {source}, then run {script} with it."


def _commands_found() -> List[str]:
    versions = [f"3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    return [f"python{version}" for version in versions if shutil.which(f"python{version}")]
