"""Start the program in its environment, which is made first where it is not ready."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import model_list
from environment import Environment, candidates, find_ready
from messages import SetUpFailed, say
from supported_python import EXIT_SET_UP_FAILED

COMMANDS_WITHOUT_WINDOW = frozenset({"enhance", "serve", "token", "services", "doctor"})
OPTIONS_WITHOUT_WINDOW = frozenset({"-h", "--help", "--version"})


def start(arguments: Sequence[str]) -> int:
    """Set up what is missing, then run ``enhance-gui`` and return its exit code.

    Where the system can, this process becomes the program and the call does not return.
    """
    places = candidates(".venv")
    try:
        environment = find_ready(places) or _make(places)
        if model_list.missing(environment.models):
            import models

            models.fetch_later(environment)
        if opens_window(arguments) and sys.platform == "linux" and has_qt(environment):
            # As models, and in _make: a start with nothing to do does not pay for it.
            import qt_libraries

            qt_libraries.provide(os.environ)
    except SetUpFailed as error:
        say(f"\n{error}")
        return EXIT_SET_UP_FAILED
    except KeyboardInterrupt:
        say("\nInterrupted. The next run sets up from the start.")
        return EXIT_SET_UP_FAILED
    return launch([str(environment.command("enhance-gui")), *arguments])


def opens_window(arguments: Sequence[str]) -> bool:
    """Return whether ``enhance-gui`` with these arguments opens its window."""
    if OPTIONS_WITHOUT_WINDOW.intersection(arguments):
        return False
    return not arguments or arguments[0] not in COMMANDS_WITHOUT_WINDOW


def has_qt(environment: Environment) -> bool:
    return any(environment.folder.glob("lib*/python*/site-packages/PySide6"))


def launch(command: list[str]) -> int:
    """Run ``command`` with this process's input, output and signals."""
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    # Windows has no exec that keeps the process: there the parent waits, and leaves Ctrl+C,
    # which the console sends to both, to the program.
    with subprocess.Popen(command) as program:
        while True:
            try:
                return program.wait()
            except KeyboardInterrupt:
                continue


def _make(places: list[Environment]) -> Environment:
    import making
    import models

    say(
        "Setting up Enhance GUI. This happens once: some 250 MB are fetched, which takes from "
        "half a minute to a few minutes."
    )
    environment = making.make(places)
    # The large ones come while the window is open.
    models.provide(environment, model_list.SMALL)
    say(f"Ready, in {_short(environment.folder)}.\n")
    return environment


def _short(folder: Path) -> str:
    home = str(Path.home())
    return f"~{str(folder)[len(home) :]}" if str(folder).startswith(home + os.sep) else str(folder)
