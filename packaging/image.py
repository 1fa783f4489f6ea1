"""Lay out what the container image holds: ``python3 packaging/image.py FOLDER [EXTRA…]``.

FOLDER becomes a virtual environment with the pinned packages, the program and its trained nets, but
without the window. An environment cannot be moved: in the image it lies under the same name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

# Python leaves a script's own folder out of its path where it is isolated.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

import making
import models
import processes
from checking import WINDOW_PACKAGES
from environment import CHECKOUT, Environment
from messages import SetUpFailed, say
from supported_python import EXIT_SET_UP_FAILED


def main(arguments: Sequence[str]) -> int:
    """Make the environment and return 0 if all is in it."""
    if not arguments:
        say("Name the folder to make.")
        return EXIT_SET_UP_FAILED
    folder, *extras = arguments
    environment = Environment(
        CHECKOUT, Path(folder).absolute(), tuple(extras), left_out=WINDOW_PACKAGES
    )
    try:
        making.make([environment], _fill)
    except (SetUpFailed, OSError) as error:
        say(f"\n{error}")
        return EXIT_SET_UP_FAILED
    return 0


def _fill(environment: Environment, lock: IO[bytes]) -> None:
    """Install everything so that nothing of the checkout is needed any more.

    :raises SetUpFailed: a package or a net cannot be had.
    """
    inherited = () if os.name == "nt" else (lock.fileno(),)
    venv = [sys.executable, "-I", "-m", "venv", str(environment.folder)]
    if processes.run(venv, lambda _line: None, inherited_files=inherited):
        raise SetUpFailed("Python could not make a virtual environment.")
    making.install_pinned(environment, lock)
    models.fetch(environment)
    # The environment's nets go into the program's wheel, which is built here.
    program = ["--no-deps", "--no-build-isolation", "--no-index", str(environment.root)]
    making.pip(environment, lock, "install", "--no-user", *program)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
