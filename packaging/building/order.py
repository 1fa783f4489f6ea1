"""What is to be built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Order:
    """One build: the same order gives the same packages, as far as the tools allow."""

    root: Path
    """The checkout that is built."""
    output: Path
    """Where the packages go."""
    work: Path
    """A folder for what is made on the way; empty at the beginning, removed at the end."""
    version: str
    """The program's: ``"0.1.0"``."""
    commit: str
    """The checkout's, all 40 digits; empty where it is none."""
    time_s: int
    """The commit's, in seconds since 1970: the time of every file in a package."""
