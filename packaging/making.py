"""Make a virtual environment with the pinned dependencies and the program in it."""

from __future__ import annotations

import errno
import importlib.util
import os
import re
import shutil
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import pins
import processes
import system_packages
from environment import STAMP_NAME, UNFINISHED, Environment
from folder_lock import take_lock
from messages import SetUpFailed, say

_NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS}

_LINES_SHOWN = 15

# Of what pip says while it works: the large downloads, and the step that takes long after them.
_PROGRESS = re.compile(
    r"\s*(?:Downloading ([^\s-]+(?:-[^\d\s-][^\s-]*)*)-\d\S* \((\d\S* MB)\)|(Installing collected))"
)

# What pip prints, and what the person can do about it. The first that fits is shown.
_ADVICE = {
    r"DO NOT MATCH THE HASHES": (
        "What the package index sent is not what Enhance GUI was made with: it was damaged on the "
        "way, or swapped. Nothing of it was installed. Run this again; if it fails again, this "
        "index or mirror cannot be trusted."
    ),
    r"No space left on device|not enough space": (
        "The disk is full: about 1 GB is needed. Free some space and run this again."
    ),
    r"ProxyError|407 Proxy": (
        "The proxy refuses the connection. Check HTTPS_PROXY and run this again."
    ),
    r"CERTIFICATE_VERIFY_FAILED|SSLError": (
        "The certificate of the package index is not trusted here. Set PIP_CERT to the "
        "certificate file of your company's proxy and run this again."
    ),
    (
        r"name resolution|Name or service not known|getaddrinfo|nodename nor servname"
        r"|Network is unreachable|No route to host|Failed to establish a new connection"
        r"|Connection refused|timed out"
    ): (
        "The package index cannot be reached. Check the network (behind a proxy, set "
        "HTTPS_PROXY) and run this again."
    ),
    r"No matching distribution|not a supported wheel": (
        "There is no ready-made package for this Python on this computer. A 64-bit Python of "
        "the system or from https://www.python.org/downloads/ serves best."
    ),
}

Recipe = Callable[[Environment, IO[bytes]], None]
"""Fills an environment's folder. The file is the lock, for its children to hold too."""


def install_everything(environment: Environment, lock: IO[bytes]) -> None:
    """Create the virtual environment; install the pinned packages, then the program.

    The program is installed so that its code is read from the checkout: a change of the code
    takes effect at the next start.
    """
    _require_venv_module()
    _run_or_fail("venv", [sys.executable, "-I", "-m", "venv", str(environment.folder)], lock)
    install_pinned(environment, lock)
    program = ["--no-deps", "--no-build-isolation", f"--editable={environment.root}"]
    _install(environment, lock, "--no-index", *program)


def install_pinned(environment: Environment, lock: IO[bytes]) -> None:
    """Install what belongs in the environment, and only files with the pinned hashes."""
    requirements = environment.folder / "requirements.txt"
    requirements.write_text(requirements_of(environment), encoding="utf-8")
    only_pinned = ["--require-hashes", "--only-binary=:all:"]
    # Compiling all takes a third of the time, and most modules are never imported. The tests keep
    # what they compile elsewhere (``tests/conftest.py``).
    if "test" in environment.extras or not sys.dont_write_bytecode:
        only_pinned.append("--no-compile")
    _install(environment, lock, *only_pinned, f"--requirement={requirements}")


def pip(environment: Environment, lock: IO[bytes], command: str, *arguments: str) -> None:
    """Run a command of the environment's own pip.

    :raises SetUpFailed: with pip's last lines, and what to do.
    """
    start = [str(environment.python), "-I", "-m", "pip", command, "--no-input"]
    start += ["--disable-pip-version-check", "--progress-bar=off"]
    _run_or_fail("pip", [*start, *arguments], lock)


def make(places: Sequence[Environment], recipe: Recipe = install_everything) -> Environment:
    """Make the environment in the first of ``places`` that can be written, and return it.

    :raises SetUpFailed: with the words for the person.
    """
    refusals = []
    for place in places:
        try:
            lock = take_lock(place.folder)
        except OSError as error:
            if error.errno not in _NOT_WRITABLE:
                raise
            refusals.append(str(error))
            continue
        with lock:
            # Another run may have made it while this one waited for the lock.
            if not place.is_ready():
                _build(place, recipe, lock)
        return place
    raise SetUpFailed(
        "There is no folder to put the environment in:\n  "
        + "\n  ".join(refusals)
        + "\nMake one of these folders writable and run this again."
    )


def requirements_of(environment: Environment) -> str:
    """Return what has to be installed before the program, as pip reads it."""
    found = [pin for path in environment.pinned for pin in pins.parse(path.read_text("utf-8"))]
    # Two extras may need the same package.
    texts = dict.fromkeys(pin.text for pin in found if pin.name not in environment.left_out)
    return "".join(f"{text}\n" for text in texts)


def _build(place: Environment, recipe: Recipe, lock: IO[bytes]) -> None:
    _clear(place.folder)
    place.folder.mkdir()
    place.stamp.write_text(UNFINISHED, encoding="ascii")
    recipe(place, lock)
    finished = place.stamp.with_suffix(".new")
    finished.write_text(place.key(), encoding="ascii")
    finished.replace(place.stamp)


def _clear(folder: Path) -> None:
    """Free the name ``folder``: remove what a script made, keep what a person made."""
    discarded = folder.with_name(f"{folder.name}.discarded")
    try:
        if discarded.exists():
            shutil.rmtree(discarded)
        if not os.path.lexists(folder):
            return
        if not (folder / STAMP_NAME).exists():
            _keep(folder)
            return
        # Renamed first: a removal that is broken off must not look like a folder of a person.
        folder.rename(discarded)
        shutil.rmtree(discarded)
    except OSError as error:
        raise SetUpFailed(
            f"The old environment cannot be removed: {error}\n"
            "Close Enhance GUI if it is still running, then run this again."
        ) from error


def _keep(folder: Path) -> None:
    number = 1
    while os.path.lexists(kept := folder.with_name(f"{folder.name}.kept-{number}")):
        number += 1
    folder.rename(kept)
    say(f"{folder} was not made by this script: it was moved to {kept}.")


def _require_venv_module() -> None:
    # Debian and Ubuntu ship Python without these two, in a package of their own.
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    system_packages.require({package}, why="Python's module for virtual environments is missing")


def _install(environment: Environment, lock: IO[bytes], *arguments: str) -> None:
    # A PIP_USER or a pip.conf that says "user" would lead out of the environment.
    pip(environment, lock, "install", "--no-user", *arguments)


def _run_or_fail(name: str, command: Sequence[str], lock: IO[bytes]) -> None:
    last_lines: deque[str] = deque(maxlen=_LINES_SHOWN)

    def show(line: str) -> None:
        last_lines.append(line.rstrip())
        if progress := _PROGRESS.match(line):
            say("  unpacking" if progress[3] else f"  {progress[1]}: {progress[2]}")

    inherited_files = () if os.name == "nt" else (lock.fileno(),)
    variables = _variables()
    if processes.run(command, show, variables=variables, inherited_files=inherited_files):
        text = "\n".join(last_lines)
        advice = _advice(text)
        raise SetUpFailed(f"{name} failed. Its last lines:\n\n{text}\n\n{advice}", advice)


def _advice(pip_output: str) -> str:
    for pattern, advice in _ADVICE.items():
        if re.search(pattern, pip_output):
            return advice
    return "Run this again; if it fails again, the lines above say why."


def _variables() -> dict[str, str]:
    """Return the variables without those that lead Python to another installation's modules."""
    leading_away = {"PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"}
    return {name: value for name, value in os.environ.items() if name not in leading_away}
