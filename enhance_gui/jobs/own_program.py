"""Starts this program as a child process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

WITHOUT_CONSOLE: Final[int] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Flag for a child: on Windows, a console would flash up beside the window."""


def own_program() -> list[str]:
    """Return the command of this program for a child, whose output can be read."""
    program, *others = this_program()
    return [program, *others] if others else [str(_that_speaks(Path(program)))]


def this_program() -> list[str]:
    """Return the command of this program, from a checkout, a wheel or a frozen build."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", __package__.partition(".")[0]]


async def run_child(
    *arguments: str | Path,
    limit_s: float | None = None,
    descriptors: Sequence[int] = (),
    own_session: bool = False,
    prints: bool = False,
) -> tuple[int | None, bytes]:
    """Have a child do something; return its exit code and what it has printed.

    A child that is not waited for any more is ended.

    :param descriptors: open files that it needs.
    :param own_session: whether an interrupt meant for the program does not reach it.
    :param prints: whether what it prints is read, until nobody holds its output open any more.
    :raises OSError: no process started.
    :raises TimeoutError: it took longer than that.
    """
    child = await asyncio.create_subprocess_exec(
        *own_program(),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE if prints else asyncio.subprocess.DEVNULL,
        # There, libraries complain of others that they looked for in vain.
        stderr=asyncio.subprocess.DEVNULL,
        pass_fds=descriptors,
        start_new_session=own_session,
        creationflags=WITHOUT_CONSOLE,
    )
    try:
        async with asyncio.timeout(limit_s):
            printed, _ = await child.communicate()
        return child.returncode, printed or b""
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


def _that_speaks(program: Path) -> Path:
    """Return, on Windows, the console program beside this one: it has a standard output."""
    console = program.with_name("enhance-gui.exe")
    return console if program.name == "enhance-gui-window.exe" and console.exists() else program
