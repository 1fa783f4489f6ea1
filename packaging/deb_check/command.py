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
from deb_check.passwords import password_manager
from deb_check.root import Root, forget, minimal_system

TOOLS = {
    **records.TOOLS,
    "dbus-daemon": "dbus-daemon",
    "dbus-send": "dbus-bin",
    "debootstrap": "debootstrap",
    "gnome-keyring-daemon": "gnome-keyring",
    "xdotool": "xdotool",
    "Xvfb": "xvfb",
}
"""Commands that the check itself needs, outside the minimal system, and their Debian packages."""

_OWN_MOUNTS = "ENHANCE_GUI_CHECK_HAS_OWN_MOUNTS"


def run(arguments: Sequence[str]) -> int:
    """Check a package and return 0 if all of it held."""
    chosen = _parser().parse_args(arguments)
    if chosen.records_only:
        return 0 if _judged(chosen.package) else 1
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
        older = chosen.older and chosen.older.absolute()
        return _check(chosen.package.absolute(), older, _python_with_qt())
    except SetUpFailed as error:
        say(f"\n{error}")
        return EXIT_SET_UP_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="packaging/check_deb.py", description="Check a Debian package in a minimal system."
    )
    parser.add_argument("package", type=Path, metavar="FILE.deb")
    parser.add_argument(
        "--records-only",
        action="store_true",
        help="only have the tools of Debian and of the desktops judge it, which needs no root",
    )
    parser.add_argument(
        "--older",
        type=Path,
        metavar="FILE.deb",
        help="a package of an older version, to be upgraded with stored work (default: the same "
        "package under an older version)",
    )
    return parser


def _python_with_qt() -> str:
    ready = find_ready(candidates(".build-venv", extras=("build",)))
    if ready is None:
        raise SetUpFailed("The environment of the builds is missing: run packaging/build.py first.")
    return str(ready.python)


def _check(package: Path, older: Path | None, python: str) -> int:
    folder = Path(tempfile.mkdtemp(prefix="enhance-gui-check-"))
    try:
        older = upgrade.chosen_or_made(older, package, folder)
        held = [_judged(package)]
        with minimal_system(folder) as root, password_manager(root) as passwords:
            work = upgrade.StoredWork(root, python, passwords)
            held += _in_system(root, package, older, work, python)
    finally:
        forget(folder)
    say(f"\n{sum(held)} of {len(held)} checks held.")
    return 0 if all(held) else 1


def _in_system(
    root: Root, package: Path, older: Path, stored: upgrade.StoredWork, python: str
) -> list[bool]:
    before = root.files()

    def drop() -> None:
        use.window(root, python, "dropped.jpg", "empty-dark.jpg")
        stored.settings_hold()

    steps: list[tuple[str, Callable[[], str | None]]] = [
        ("an older version installs with what it asks for alone", lambda: use.install(root, older)),
        ("there is no Python but its own", lambda: use.no_python(root)),
        ("the older version leaves work behind", stored.leave),
        ("the upgrade keeps it", lambda: stored.upgrade_to(package)),
        ("the version, commit and kind are told", lambda: use.version(root, package)),
        ("a picture is enhanced by command", lambda: use.enhance(root)),
        ("the doctor finds all that is needed", lambda: use.doctor(root)),
        ("TLS has authorities to trust", lambda: use.trusts(root)),
        ("a missing display is told in a sentence", lambda: use.no_display(root)),
        ("a picture dropped on the window is saved as was chosen", drop),
        ("the token that was put away is found", stored.token_holds),
        ("the stored work is finished, the doubtful not sent again", stored.resume),
        ("the removal leaves nothing behind", lambda: use.remove(root, before)),
    ]
    return [_step(name, action) for name, action in steps]


def _judged(package: Path) -> bool:
    return _step("the records and the package are well formed", lambda: records.check(package))


def _step(name: str, action: Callable[[], str | None]) -> bool:
    print(f"{name:<58} ", end="", flush=True)
    try:
        told = action()
    except (AssertionError, subprocess.SubprocessError, OSError) as error:
        print(f"FAILED\n{error}", flush=True)
        return False
    print(f"held ({told})" if told else "held", flush=True)
    return True
