"""``packaging/check_deb.py``: prepares, checks one thing after the other, cleans up."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import system_packages
from environment import candidates, find_ready
from messages import SetUpFailed, say
from supported_python import EXIT_SET_UP_FAILED

from deb_check import records, upgrade, use
from deb_check.root import Root, forget, minimal_system

TOOLS = {
    "appstreamcli": "appstream",
    "debootstrap": "debootstrap",
    "desktop-file-validate": "desktop-file-utils",
    "lintian": "lintian",
    "man": "man-db",
    "xdotool": "xdotool",
    "Xvfb": "xvfb",
}
"""Commands that the check itself needs, outside the minimal system, and their Debian packages."""

_OWN_MOUNTS = "ENHANCE_GUI_CHECK_HAS_OWN_MOUNTS"


def run(arguments: Sequence[str]) -> int:
    """Check a package and return 0 if all of it held."""
    chosen = _parser().parse_args(arguments)
    if not system_packages.may_install():
        say("This needs root: it makes a system in a folder and installs packages in it.")
        return EXIT_SET_UP_FAILED
    if _OWN_MOUNTS not in os.environ:
        # What is mounted from here on is seen by nobody else, and gone when this process is.
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv]
        return subprocess.run(command, env={**os.environ, _OWN_MOUNTS: "1"}, check=False).returncode
    try:
        lacking = {package for tool, package in TOOLS.items() if shutil.which(tool) is None}
        if lacking:
            system_packages.require(lacking, why="The check needs tools")
        return _check(chosen.package.absolute(), _python_with_qt())
    except SetUpFailed as error:
        say(f"\n{error}")
        return EXIT_SET_UP_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="packaging/check_deb.py", description="Check a Debian package in a minimal system."
    )
    parser.add_argument("package", type=Path, metavar="FILE.deb")
    return parser


def _python_with_qt() -> str:
    ready = find_ready(candidates(".build-venv", extras=("build",)))
    if ready is None:
        raise SetUpFailed("The environment of the builds is missing: run packaging/build.py first.")
    return str(ready.python)


def _check(package: Path, python: str) -> int:
    folder = Path(tempfile.mkdtemp(prefix="enhance-gui-check-"))
    held = [_step("the records and the package are well formed", lambda: records.check(package))]
    try:
        with minimal_system(folder) as root:
            older = upgrade.older_version(package, folder)
            held += _in_system(root, package, older, python)
    finally:
        forget(folder)
    say(f"\n{sum(held)} of {len(held)} checks held.")
    return 0 if all(held) else 1


def _in_system(root: Root, package: Path, older: Path, python: str) -> list[bool]:
    before = root.files()
    stored = upgrade.StoredWork(root)
    steps: list[tuple[str, Callable[[], None]]] = [
        ("an older version installs with what it asks for alone", lambda: use.install(root, older)),
        ("there is no Python but its own", lambda: use.no_python(root)),
        ("the older version leaves work behind", stored.leave),
        ("the upgrade keeps it", lambda: stored.upgrade_to(package)),
        ("the version, commit and kind are told", lambda: use.version(root, package)),
        ("a picture is enhanced by command", lambda: use.enhance(root)),
        ("the doctor finds all that is needed", lambda: use.doctor(root)),
        ("TLS has authorities to trust", lambda: use.trusts(root)),
        ("a missing display is told in a sentence", lambda: use.no_display(root)),
        ("a picture dropped on the window is saved", lambda: use.window(root, python)),
        ("the stored work is finished, the doubtful not sent again", stored.resume),
        ("the removal leaves nothing behind", lambda: use.remove(root, before)),
    ]
    return [_step(name, action) for name, action in steps]


def _step(name: str, action: Callable[[], None]) -> bool:
    print(f"{name:<58} ", end="", flush=True)
    try:
        action()
    except (AssertionError, subprocess.SubprocessError, OSError) as error:
        print(f"FAILED\n{error}", flush=True)
        return False
    print("held", flush=True)
    return True
