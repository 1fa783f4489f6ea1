"""Reads what this program was built from: for ``--version`` and problem reports."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enhance_gui import __version__
from enhance_gui.core.resources import resource

FILE: Final = "build.json"
"""Written into ``resources/`` when a package is built."""

_ROOT: Final = Path(__file__).resolve().parents[3]
_COMMIT: Final = re.compile(r"[0-9a-f]{40,64}")
_SHORT: Final = 7


@dataclass(frozen=True, slots=True)
class BuildFacts:
    """The commit, build and update address of this program."""

    commit: str
    """All digits; empty where nobody knows."""
    kind: str
    """One word: "deb", "archive", "wheel", "checkout", …"""
    updates: str = ""
    """Address of the file that names the newest version; empty: this build knows of none."""


def build_facts() -> BuildFacts:
    """Return what this program was built from. Reads a file or two; starts no program."""
    return _written_facts() or _facts_of_sources(_ROOT)


def version_line() -> str:
    """Return what ``--version`` prints: ``enhance-gui 0.1.0 (commit 1a2b3c4, deb)``."""
    facts = build_facts()
    commit = [f"commit {facts.commit[:_SHORT]}"] if facts.commit else []
    return f"enhance-gui {__version__} ({', '.join([*commit, facts.kind])})"


def _written_facts() -> BuildFacts | None:
    try:
        reported = json.loads(resource(FILE).read_text(encoding="utf-8"))
        return BuildFacts(
            str(reported["commit"]), str(reported["kind"]), str(reported.get("updates", ""))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _facts_of_sources(root: Path) -> BuildFacts:
    if getattr(sys, "frozen", False):
        return BuildFacts("", "frozen")
    if (root / ".git").exists():
        return BuildFacts(checked_out_commit(root / ".git"), "checkout")
    return BuildFacts("", "sources" if (root / "pyproject.toml").exists() else "wheel")


def checked_out_commit(git: Path) -> str:
    """Return the commit that a checkout stands on; empty where it cannot be read.

    :param git: ``.git``: a folder, or in a further working tree a file that names one.
    """
    try:
        if git.is_file():
            git = git.parent / _after("gitdir:", git.read_text(encoding="utf-8"))
        head = (git / "HEAD").read_text(encoding="ascii").strip()
        found = _commit_of(git, _after("ref:", head)) if head.startswith("ref:") else head
    except (OSError, ValueError):
        return ""
    return found if _COMMIT.fullmatch(found) else ""


def _commit_of(git: Path, name: str) -> str:
    # Further working trees share the branches of the first.
    common = git / "commondir"
    folders = [git, git / common.read_text(encoding="utf-8").strip()] if common.exists() else [git]
    for folder in folders:
        if (folder / name).exists():
            return (folder / name).read_text(encoding="ascii").strip()
    packed = (folders[-1] / "packed-refs").read_text(encoding="utf-8")
    lines = (line.split(" ", 1) for line in packed.splitlines() if " " in line)
    return next((commit for commit, ref in lines if ref == name), "")


def _after(word: str, text: str) -> str:
    return text.strip().removeprefix(word).strip()
