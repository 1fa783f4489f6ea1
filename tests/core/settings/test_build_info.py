"""The program knows what it was built from, in each form it comes in."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from enhance_gui import __version__
from enhance_gui.core.settings.build_info import (
    FILE,
    BuildFacts,
    build_facts,
    checked_out_commit,
    version_line,
)

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def frozen_with(folder: Path, monkeypatch: pytest.MonkeyPatch, facts: str | None) -> None:
    (folder / "resources").mkdir()
    if facts is not None:
        (folder / "resources" / FILE).write_text(facts)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(folder), raising=False)
    monkeypatch.setattr(sys, "executable", str(folder / "enhance-gui"))


def test_a_package_tells_what_was_written_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen_with(tmp_path, monkeypatch, json.dumps({"commit": COMMIT, "kind": "deb"}))
    assert build_facts() == BuildFacts(COMMIT, "deb")
    assert version_line() == f"enhance-gui {__version__} (commit 0123456, deb)"


@pytest.mark.parametrize("facts", [None, "", "[]", '{"commit": "0"}', "\0"])
def test_a_package_without_readable_facts_still_tells_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, facts: str | None
) -> None:
    frozen_with(tmp_path, monkeypatch, facts)
    assert version_line() == f"enhance-gui {__version__} (frozen)"


def test_a_checkout_on_a_branch_tells_its_commit(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs" / "heads" / "main").write_text(f"{COMMIT}\n")
    assert checked_out_commit(git) == COMMIT


def test_so_does_one_whose_branches_are_packed(tmp_path: Path) -> None:
    (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    other = COMMIT[::-1]
    lines = ["# pack-refs with: peeled", f"{other} refs/heads/maintenance"]
    (tmp_path / "packed-refs").write_text("\n".join([*lines, f"{COMMIT} refs/heads/main", ""]))
    assert checked_out_commit(tmp_path) == COMMIT


def test_so_does_one_that_stands_on_no_branch(tmp_path: Path) -> None:
    (tmp_path / "HEAD").write_text(f"{COMMIT}\n")
    assert checked_out_commit(tmp_path) == COMMIT


def test_so_does_a_further_working_tree(tmp_path: Path) -> None:
    first, further = tmp_path / "first" / ".git", tmp_path / "further"
    own = first / "worktrees" / "further"
    (first / "refs" / "heads").mkdir(parents=True)
    own.mkdir(parents=True)
    further.mkdir()
    (further / ".git").write_text(f"gitdir: {own}\n")
    (own / "HEAD").write_text("ref: refs/heads/side\n")
    (own / "commondir").write_text("../..\n")
    (first / "refs" / "heads" / "side").write_text(f"{COMMIT}\n")
    assert checked_out_commit(further / ".git") == COMMIT


@pytest.mark.parametrize("head", ["", "ref: refs/heads/gone\n", "no commit\n"])
def test_a_checkout_that_cannot_be_read_has_no_commit(tmp_path: Path, head: str) -> None:
    (tmp_path / "HEAD").write_text(head)
    assert checked_out_commit(tmp_path) == ""
    assert checked_out_commit(tmp_path / "missing") == ""
