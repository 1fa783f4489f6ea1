"""The libraries that a frozen program takes from the computer it was frozen on."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from messages import SetUpFailed

_MICROSOFT = re.compile(
    r"(?:vcruntime|msvcp|concrt|ucrtbase|api-ms-win-)[\w.-]*\.dll", re.IGNORECASE
)
_MICROSOFT_TERMS = """\
Parts of the Microsoft Visual C++ Runtime, distributed with the program as Microsoft allows for
these files in the licence terms of Visual Studio ("Distributable Code"). They may be used only with
the program, and remain Microsoft's.
"""
_COMMON_LICENCE = re.compile(r"/usr/share/common-licenses/([A-Za-z0-9.+-]*[A-Za-z0-9])")


@dataclass(frozen=True, order=True)
class SystemPackage:
    """Where libraries of the system come from."""

    name: str
    version: str
    """Empty where it is not known."""
    files: tuple[str, ...]
    """Names of the libraries."""
    notice: str
    """Copyright and licence, as it came with them."""


def packages_of(files: Iterable[Path]) -> list[SystemPackage]:
    """Return the packages of the system that ``files`` belong to, by name.

    :raises SetUpFailed: the licence of a file cannot be found; the text names all such files.
    """
    homes: dict[str, list[Path]] = {}
    strangers = []
    for file in sorted(files):
        if home := _home(file):
            homes.setdefault(home, []).append(file)
        else:
            strangers.append(str(file))
    if strangers:
        raise SetUpFailed(
            "There is no licence text for these files, so they cannot be shipped:\n  "
            + "\n  ".join(strangers)
            + "\nBuild on Debian or Ubuntu, on Windows or macOS with the Python of python.org, and "
            "leave out what is not needed (packaging/building/trimming.py)."
        )
    return [_package(name, homes[name]) for name in sorted(homes)]


def common_licences(notices: Iterable[str]) -> dict[str, str]:
    """Return the texts that Debian's notices refer to, by their names there."""
    names = {name for notice in notices for name in _COMMON_LICENCE.findall(notice)}
    paths = {name: Path("/usr/share/common-licenses") / name for name in sorted(names)}
    return {
        name: path.read_text(encoding="utf-8") for name, path in paths.items() if path.is_file()
    }


def _home(file: Path) -> str:
    if sys.platform == "win32":
        return "Microsoft Visual C++ Runtime" if _MICROSOFT.fullmatch(file.name) else ""
    return _debian_package(file) if sys.platform == "linux" else ""


def _package(name: str, files: list[Path]) -> SystemPackage:
    names = tuple(sorted(file.name for file in files))
    if sys.platform == "win32":
        return SystemPackage(name, "", names, _MICROSOFT_TERMS)
    notice = Path("/usr/share/doc") / name / "copyright"
    if not notice.is_file():
        raise SetUpFailed(f"The package {name} has no licence text: {notice} is missing.")
    version = _ask("--showformat=${Version}\\n", "--show", name).partition("\n")[0]
    return SystemPackage(name, version, names, notice.read_text(encoding="utf-8"))


def _debian_package(file: Path) -> str:
    """Return the Debian package of a file; empty where there is none."""
    real = file.resolve()
    # Packages still name the folders that systems have long since moved below /usr.
    moved = (
        Path("/", *real.parts[2:]) if real.parts[1:2] == ("usr",) else Path("/usr", *real.parts[1:])
    )
    for path in (real, moved):
        # The answer is "libssl3:amd64: /usr/lib/…"; more lines tell of diversions.
        owners = [
            line for line in _ask("--search", str(path)).splitlines() if line.endswith(path.name)
        ]
        if owners:
            return owners[0].split(": ")[0].split(",")[0].partition(":")[0]
    return ""


def _ask(*question: str) -> str:
    try:
        answer = subprocess.run(
            ["dpkg-query", *question], capture_output=True, encoding="utf-8", check=False
        )
    except FileNotFoundError:
        return ""
    return answer.stdout if answer.returncode == 0 else ""
