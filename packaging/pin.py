"""Renew ``packaging/constraints.txt``: ``python3 packaging/pin.py [--check]``.

With ``--check`` nothing is written: only whether the pins can be installed everywhere is looked up.

Takes the newest versions that pyproject.toml allows, the same for every Python and system where
that is possible, then checks that each Python and system finds a ready-made package of each. The
resolver, uv, is installed into a folder that is thrown away: nothing else needs it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from environment import CHECKOUT

CONSTRAINTS = CHECKOUT / "packaging" / "constraints.txt"
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = (
    "x86_64-manylinux_2_34",
    "aarch64-manylinux_2_39",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
OLDEST_MACOS = "14.0"
ALWAYS_TRUE = "python_full_version < '3.14' and implementation_name == 'cpython'"

HEAD = """\
# Exact versions of all that the program and its tests install.
# Written by packaging/pin.py; what is allowed at all stands in pyproject.toml.
"""


def main(*, only_check: bool) -> int:
    """Write the pins, check them for every platform and return 0 if all can be installed."""
    with tempfile.TemporaryDirectory() as folder:
        uv = _install_uv(Path(folder))
        if not only_check:
            pins = _compile(uv, "--universal", "--python-version", PYTHONS[0])
            CONSTRAINTS.write_text(HEAD + _shorten(pins), encoding="utf-8", newline="\n")
        checks = [_installs(uv, python, name) for python in PYTHONS for name in PLATFORMS]
    return 0 if all(checks) else 1


def _shorten(pins: str) -> str:
    """Leave out the condition that uv repeats on each line: all our Pythons meet it."""
    return pins.replace(f"{ALWAYS_TRUE} and ", "").replace(f" ; {ALWAYS_TRUE}", "")


def _install_uv(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([str(scripts / "python"), "-m", "pip", "install", "-q", "uv"], check=True)
    return scripts / "uv"


def _compile(uv: Path, *options: str) -> str:
    pyproject = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    command = [str(uv), "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
    command += ["--all-extras", "--fork-strategy", "fewest", "--only-binary", ":all:"]
    result = subprocess.run(
        [*command, *options, "pyproject.toml", "-"],
        cwd=CHECKOUT,
        env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": OLDEST_MACOS},
        input="\n".join(pyproject["build-system"]["requires"]),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return result.stdout


def _installs(uv: Path, python: str, platform: str) -> bool:
    options = ("--python-version", python, "--python-platform", platform)
    try:
        found = _compile(uv, *options, "--constraint", str(CONSTRAINTS))
    except subprocess.CalledProcessError:
        print(f"Python {python} on {platform}: cannot be installed (see above)")
        return False
    count = len(re.findall("==", found))
    print(f"Python {python} on {platform}: {count} packages")
    return True


if __name__ == "__main__":
    sys.exit(main(only_check="--check" in sys.argv[1:]))
