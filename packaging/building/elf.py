"""What Linux programs and libraries ask of others, as binutils report it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"\x7fELF"
_FILE = re.compile(r"^(/.+):\s+file format ")
_NEEDED = re.compile(r"^\s+NEEDED\s+(\S+)$")
_VERSION = re.compile(r"^\s+0x\S+ 0x\S+ \d+ GLIBC_(\d+)\.(\d+)(?:\.\d+)?$")


@dataclass(frozen=True)
class Needs:
    """What one file asks for."""

    libraries: frozenset[str] = frozenset()
    """The names of the libraries it loads itself: ``libz.so.1``."""
    glibc: tuple[int, int] = (2, 0)
    """The oldest C library that it works with."""


def is_elf(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC


def read_needs(files: Iterable[Path]) -> dict[Path, Needs]:
    """Return what each of the programs and libraries asks for; other files are left out."""
    elf_files = [str(file.absolute()) for file in files if is_elf(file)]
    if not elf_files:
        return {}
    told = subprocess.run(
        ["objdump", "--private-headers", *elf_files],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    ).stdout
    return parse(told)


def parse(told: str) -> dict[Path, Needs]:
    """Read what ``objdump --private-headers`` printed."""
    found: dict[Path, Needs] = {}
    file, libraries, glibc = None, set[str](), (2, 0)
    for line in told.splitlines():
        if begun := _FILE.match(line):
            file, libraries, glibc = Path(begun[1]), set[str](), (2, 0)
        elif needed := _NEEDED.match(line):
            libraries.add(needed[1])
        elif version := _VERSION.match(line):
            glibc = max(glibc, (int(version[1]), int(version[2])))
        if file is not None:
            found[file] = Needs(frozenset(libraries), glibc)
    return found


def reachable(roots: Iterable[str], needed_by: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the libraries that ``roots`` load, themselves or through others.

    :param needed_by: what each library loads itself.
    """
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needed_by.get(name, ())
    return found
