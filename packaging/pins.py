"""The pinned packages: exact versions, with the hash of every file that a registry has of each.

Written by ``packaging/pin.py``. A package is installed only if its hash is among these, wherever it
was fetched from: a mirror or a further index can refuse to serve, but it cannot swap anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("packaging") / "pinned"
"""Inside a checkout. One file for the program, one for what each of its extras adds."""

PROGRAM = "program"


@dataclass(frozen=True)
class Pin:
    """A version of one package, as pip reads it."""

    name: str
    """In lower case, with dashes."""
    text: str
    """``name==version ; condition``, and an option for each hash."""

    @property
    def version(self) -> str:
        return self.text.partition("==")[2].split()[0]


def files(root: Path, extras: tuple[str, ...]) -> list[Path]:
    """Return the files of a checkout that pin what the program with its extras needs."""
    return [root / FOLDER / f"{name}.txt" for name in (PROGRAM, *extras)]


def parse(text: str) -> Iterator[Pin]:
    """Yield the pins in a file's text."""
    for entry in text.replace("\\\n", "\0").splitlines():
        if entry and not entry.startswith("#"):
            yield Pin(entry.partition("==")[0], entry.replace("\0", "\\\n"))
