"""``packaging/build.py``: reads the command line, enters the environment, builds."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from environment import CHECKOUT, Environment, candidates, find_ready
from messages import SetUpFailed, say
from supported_python import EXIT_SET_UP_FAILED

from building import checkout
from building.order import Order

SYSTEMS = {
    "linux": "linux",
    "appimage": "linux",
    "flatpak": "linux",
    "windows": "win32",
    "macos": "darwin",
}
"""What can be built, and where."""


def run(arguments: Sequence[str]) -> int:
    """Build the packages of a system and return 0 if all of them were made."""
    chosen = _parser().parse_args(arguments)
    if sys.platform != SYSTEMS[chosen.system]:
        say(f"Packages for {chosen.system} can only be built there: this is {sys.platform}.")
        return EXIT_SET_UP_FAILED
    try:
        environment = _environment()
        if Path(sys.prefix).resolve() != environment.folder.resolve():
            command = [str(environment.python), str(CHECKOUT / "packaging" / "build.py")]
            return subprocess.run([*command, *arguments], env=_variables(), check=False).returncode
        packages = _build(chosen.system, chosen.output.absolute())
    except SetUpFailed as error:
        say(f"\n{error}")
        return EXIT_SET_UP_FAILED
    except KeyboardInterrupt:
        say("\nInterrupted.")
        return EXIT_SET_UP_FAILED
    for package in packages:
        print(f"{package.stat().st_size / 1e6:8.1f} MB  {package}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="packaging/build.py", description="Build packages of Enhance GUI."
    )
    parser.add_argument("system", choices=sorted(SYSTEMS))
    parser.add_argument(
        "--output",
        type=Path,
        default=CHECKOUT / "dist",
        metavar="DIR",
        help="where the packages go (default: %(default)s)",
    )
    return parser


def _build(system: str, output: Path) -> list[Path]:
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="enhance-gui-build-") as work:
        order = Order(
            root=CHECKOUT,
            output=output,
            work=Path(work),
            version=checkout.version(CHECKOUT),
            commit=checkout.commit(CHECKOUT),
            time_s=checkout.time_s(CHECKOUT),
        )
        os.environ["SOURCE_DATE_EPOCH"] = str(order.time_s)
        say(f"Building Enhance GUI {order.version} for {system}.")
        return _builder(system)(order)


def _builder(system: str) -> Callable[[Order], list[Path]]:
    # Imported here: each may need tools that only its own system has.
    if system == "linux":
        from building import linux

        return linux.build
    if system in ("appimage", "flatpak"):
        from building import portable

        return portable.build_appimage if system == "appimage" else portable.build_flatpak
    if system == "windows":
        from building import windows

        return windows.build
    from building import macos

    return macos.build


def _environment() -> Environment:
    # Imported here: the second start, inside the environment, finds it ready.
    import making
    import models

    places = candidates(".build-venv", extras=("build",))
    environment = find_ready(places)
    if environment is None:
        say(
            "Setting up .build-venv. This happens once and takes from half a minute to a few "
            "minutes."
        )
        started_s = time.monotonic()
        environment = making.make(places)
        say(f"Ready after {time.monotonic() - started_s:.0f} s.")
    # A package without them would be a poorer one, and nobody would notice.
    models.fetch(environment)
    return environment


def _variables() -> dict[str, str]:
    """Return the variables of a build that comes out the same each time."""
    leading_away = {"PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in os.environ.items() if name not in leading_away}
    return {**kept, "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
