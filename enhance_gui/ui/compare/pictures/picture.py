"""A picture file that can be shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One side of a comparison. Its pixels and bytes are read from the file itself."""

    path: Path
    label: str
    """Its name for the user: "Before", "After", "Face 2, before"."""
    named: bool = False
    """Whether it is a result beside another one, and neither before nor after."""
