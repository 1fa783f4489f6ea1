"""Renew the pins in ``packaging/pinned``: ``python3 packaging/pin.py [--check]``.

With ``--check`` nothing is written: only whether the pins can be installed everywhere is looked up.

Takes the newest versions that pyproject.toml allows for each Python, with the hashes of all their
files, then checks that each Python and system finds a ready-made package of each. The resolver, uv,
is pinned like all else, and installed into a folder that is thrown away: nothing else needs it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from itertools import product
from pathlib import Path

import pins
from environment import CHECKOUT

RESOLVER = CHECKOUT / pins.FOLDER / "resolver.txt"
EXTRAS = ("test", "build", "cluster")
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
PLATFORMS = (
    "x86_64-manylinux_2_34",
    "aarch64-manylinux_2_39",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
OLDEST_MACOS = "14.0"
VARIABLES = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": OLDEST_MACOS}
"""Those of uv."""
ALWAYS_TRUE = (
    "python_full_version < '3.16'",
    "platform_python_implementation == 'CPython'",
    "implementation_name == 'cpython'",
    "implementation_name != 'PyPy'",
    "(sys_platform == 'darwin' or sys_platform == 'linux' or sys_platform == 'win32')",
)
"""What uv repeats on each line, and what all our Pythons and systems meet."""

HEADS = {
    pins.PROGRAM: "all that the program needs to be installed and to run",
    "test": "what its checks and tests need besides",
    "build": "what its packages are built with",
    "cluster": "what the service needs besides to have a cluster do its work",
    "resolver": "the resolver that writes these files",
}
HEAD = """\
# Exact versions and hashes of {holds}.
# Written by packaging/pin.py; what is allowed at all stands in pyproject.toml.
"""


def main(*, only_check: bool) -> int:
    """Write the pins, check them for every platform and return 0 if all can be installed."""
    with tempfile.TemporaryDirectory() as folder:
        uv = _install_uv(Path(folder))
        if not only_check:
            _renew(uv, Path(folder))
        target = Path(folder) / "nothing"
        checks = [_installs(uv, target, *each) for each in product(PYTHONS, PLATFORMS)]
    return 0 if all(checks) else 1


def shorten(text: str) -> str:
    """Leave out the conditions that are always true."""
    for condition in map(re.escape, ALWAYS_TRUE):
        text = re.sub(f"{condition} and | and {condition}| ; {condition}(?= \\\\\n)", "", text)
    return text


def _renew(uv: Path, folder: Path) -> None:
    everything = folder / "everything.txt"
    # One resolution for all, so that the program is tested and built with the same packages.
    options = ("--universal", "--python-version", PYTHONS[0])
    extras = [f"--extra={extra}" for extra in EXTRAS]
    everything.write_text(_compile(uv, *options, *extras, "--generate-hashes"), encoding="utf-8")
    same = ("--constraint", str(everything))
    needed = [_names(_compile(uv, *options, *same))]
    needed += [_names(_compile(uv, *options, *same, extra)) - needed[0] for extra in extras]
    found = list(pins.parse(everything.read_text(encoding="utf-8")))
    for name, names in zip((pins.PROGRAM, *EXTRAS), needed, strict=True):
        _write(name, [pin.text for pin in found if pin.name in names])
    resolver = _uv(uv, "--universal", "--generate-hashes", "-", requirements="uv")
    _write("resolver", [pin.text for pin in pins.parse(resolver)])


def _names(compiled: str) -> set[str]:
    return {pin.name for pin in pins.parse(compiled)}


def _write(name: str, entries: list[str]) -> None:
    text = HEAD.format(holds=HEADS[name]) + shorten("".join(f"{entry}\n" for entry in entries))
    path = CHECKOUT / pins.FOLDER / f"{name}.txt"
    path.write_text(text, encoding="utf-8", newline="\n")


def _install_uv(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    command = [str(scripts / "python"), "-I", "-m", "pip", "install", "-q", "--no-user"]
    command += ["--require-hashes", "--only-binary=:all:", "-r", str(RESOLVER)]
    subprocess.run(command, check=True)
    return scripts / "uv"


def _compile(uv: Path, *options: str) -> str:
    """Resolve the program, with what builds it, and return its pins."""
    pyproject = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    backend = "\n".join(pyproject["build-system"]["requires"])
    return _uv(uv, *options, "pyproject.toml", "-", requirements=backend)


def _uv(uv: Path, *arguments: str, requirements: str) -> str:
    command = [str(uv), "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
    result = subprocess.run(
        [*command, "--only-binary", ":all:", *arguments],
        cwd=CHECKOUT,
        env=VARIABLES,
        input=requirements,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return result.stdout


def _installs(uv: Path, target: Path, python: str, platform: str) -> bool:
    """Return whether everything can be installed there, and say so; nothing is installed."""
    command = [str(uv), "pip", "install", "--dry-run", "--quiet", "--target", str(target)]
    command += ["--require-hashes", "--only-binary", ":all:"]
    command += ["--python-version", python, "--python-platform", platform]
    fits = all(
        subprocess.run(
            [*command, *(f"--requirement={path}" for path in pins.files(CHECKOUT, extras))],
            env=VARIABLES,
            check=False,
        ).returncode
        == 0
        for extras in ((), *((extra,) for extra in EXTRAS))
    )
    print(f"Python {python} on {platform}: {'fits' if fits else 'cannot be installed (see above)'}")
    return fits


if __name__ == "__main__":
    sys.exit(main(only_check="--check" in sys.argv[1:]))
