"""A release is gathered only where version, tag and changelog agree."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
import release
from messages import SetUpFailed

from enhance_gui.core.settings.updates import UpdateFound, read_update
from tests.packaging.builds import ROOT, VERSION

PAGE = "https://example.org/enhance-gui/"
CHANGELOG = f"""\
# Changelog

## [Unreleased]

- Something later.

## [{VERSION}] - 2026-12-01

### Added

- A first thing.

## [0.0.1] - 2026-01-01

- Something old.
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with what a release reads of one."""
    root = tmp_path / "checkout"
    for name in ("enhance_gui/__init__.py", "packaging/release-notes.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, root / name)
    (root / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    return root


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """The packages of two systems, each with its own checksums."""
    folder = tmp_path / "dist"
    folder.mkdir()
    for name in ("a.deb", "a.cdx.json", "b-setup.exe", "SHA256SUMS", "b.SHA256SUMS"):
        (folder / name).write_bytes(name.encode())
    return folder


def test_there_is_one_list_of_checksums_for_all_packages(checkout: Path, dist: Path) -> None:
    release.gather(checkout, f"v{VERSION}", dist, PAGE)
    reported = (dist / release.SUMS).read_text(encoding="ascii").splitlines()
    packages = ("a.cdx.json", "a.deb", "b-setup.exe")
    assert reported == [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}" for name in packages]
    assert not (dist / "b.SHA256SUMS").exists()


def test_the_program_understands_the_file_that_tells_the_newest_version(
    checkout: Path, dist: Path
) -> None:
    release.gather(checkout, f"v{VERSION}", dist, PAGE)
    content = (dist / release.NEWEST).read_bytes()
    assert read_update(content, f"{PAGE}newest.json") == UpdateFound(VERSION, PAGE)


def test_where_no_page_is_known_there_is_no_such_file(checkout: Path, dist: Path) -> None:
    release.gather(checkout, f"v{VERSION}", dist, "")
    assert not (dist / release.NEWEST).exists()


def test_the_notes_tell_the_changes_of_this_version_alone(checkout: Path, dist: Path) -> None:
    release.gather(checkout, f"v{VERSION}", dist, PAGE)
    notes = (dist / release.NOTES).read_text(encoding="utf-8")
    assert "- A first thing." in notes
    assert "Something" not in notes
    assert notes.startswith(f"# Enhance GUI {VERSION}\n")
    assert "@" not in notes
    assert "never by a person" in notes


@pytest.mark.parametrize("tag", ["v9.9.9", VERSION, "v"])
def test_another_tag_than_that_of_the_version_is_refused(
    checkout: Path, dist: Path, tag: str
) -> None:
    with pytest.raises(SetUpFailed, match="The tag is"):
        release.gather(checkout, tag, dist, PAGE)


def test_a_version_without_changes_or_packages_is_refused(checkout: Path, dist: Path) -> None:
    (checkout / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n- A.\n")
    with pytest.raises(SetUpFailed, match="no section"):
        release.gather(checkout, f"v{VERSION}", dist, PAGE)
    (checkout / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    empty = dist / "empty"
    empty.mkdir()
    with pytest.raises(SetUpFailed, match="no package"):
        release.gather(checkout, f"v{VERSION}", empty, PAGE)
