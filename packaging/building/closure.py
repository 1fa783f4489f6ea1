"""Which installed packages the program needs, those they need in turn included."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement


def names(root: Path) -> list[str]:
    """Return the names of the packages that a frozen program of a checkout may hold, sorted.

    :raises PackageNotFoundError: one is not installed here.
    """
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    found: set[str] = set()
    waiting = [Requirement(line) for line in pyproject["project"]["dependencies"]]
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name in found or not _applies(requirement):
            continue
        found.add(name)
        waiting += map(Requirement, metadata.requires(name) or ())
    return sorted(found)


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
