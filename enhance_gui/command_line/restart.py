"""Starts the program again in place of this run, which has ended in order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from enhance_gui.jobs.own_program import WITHOUT_CONSOLE, this_program


def restart(arguments: Sequence[str]) -> None:
    """Start the program again; the lock on the list of tasks must be free.

    On Linux this call does not return. The process stays the same: were it to end, an AppImage or
    a sandbox would be taken down with it, under the feet of the next run.

    :raises OSError: the program cannot be started, as after it was removed.
    """
    command = [*this_program(), *arguments]
    # Without it, PyInstaller would take the next run for a part of this one.
    environment = {**os.environ, "PYINSTALLER_RESET_ENVIRONMENT": "1"}
    if sys.platform == "linux":
        os.execve(command[0], command, environment)  # noqa: S606  no shell is wanted
    else:
        subprocess.Popen(  # noqa: S603  this program itself
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            creationflags=WITHOUT_CONSOLE,
            # What ends this run, as the closing of its terminal, does not end the next.
            start_new_session=True,
        )
