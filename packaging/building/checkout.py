"""What is built: the version, commit and time of a checkout."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

UNKNOWN_TIME_S = 1_767_225_600
"""The first second of 2026: the time of files that come from no checkout."""


def version(root: Path) -> str:
    """Return the program's version, as its code states it."""
    code = (root / "enhance_gui" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', code, re.MULTILINE)
    assert found is not None, "enhance_gui/__init__.py has no __version__"
    return found[1]


def commit(root: Path) -> str:
    """Return the commit of a checkout, all its digits; empty: it is none."""
    return _git(root, "rev-parse", "HEAD")


def time_s(root: Path) -> int:
    """Return the time that the packages state: SOURCE_DATE_EPOCH if set, else the commit's."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(given or _git(root, "log", "-1", "--format=%ct") or UNKNOWN_TIME_S)


def _git(root: Path, *arguments: str) -> str:
    # An archive of the sources may lie inside another project's checkout.
    if not (root / ".git").exists():
        return ""
    try:
        result = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""
