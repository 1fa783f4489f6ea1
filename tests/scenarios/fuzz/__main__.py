"""Damages sound picture files at random and has the program enhance them.

``python -m tests.scenarios.fuzz [FILES] [--seed N]``: 1,000 files by default, with the service of
this computer, in a home of their own. Each is either saved right or refused with a sentence; the
exit code is 1 where one was not, where something ended with a traceback, or took too much memory.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from tests.scenarios.fuzz.trial import try_files
from tests.support.own_home import use_home


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        use_home(monkeypatch, Path(folder) / "home")
        course = asyncio.run(try_files(Path(folder), options.files, options.seed))
    print(course.table(), "\n")
    messages = Counter((case.outcome, case.error, case.message) for case in course.cases)
    for (outcome, error, message), times in messages.most_common():
        print(f"{times:5} {outcome:8} {error:20} {message}")
    print(f"\n{len(course.faults)} faults")
    print(*course.faults, sep="\n")
    return 1 if course.faults else 0


if __name__ == "__main__":
    sys.exit(main())
