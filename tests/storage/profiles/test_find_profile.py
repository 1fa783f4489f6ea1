"""``--service`` takes a file only where it was plainly given one."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance_gui.core.errors import PROFILE_UNKNOWN, UsageError
from enhance_gui.storage.profiles.profile_files import find_profile

PLANTED = 'name = "Studio server"\nbase_url = "https://planted.example"\n'


@pytest.fixture(autouse=True)
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a folder of somebody else's files."""
    for name in ("Studio server", "studio.toml", "Studio.TOML.txt"):
        (tmp_path / name).write_text(PLANTED)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("wanted", ["Studio server", "Studio.TOML.txt"])
def test_a_file_that_has_the_name_of_a_service_is_none(wanted: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the file of this name is meant by") as caught:
        find_profile(wanted, tmp_path / "profiles")
    assert caught.value.kind == PROFILE_UNKNOWN
    assert "nor a file" in str(caught.value)


@pytest.mark.parametrize("wanted", ["studio.toml", "./Studio server", "./Studio.TOML.txt"])
def test_a_path_is_a_file(wanted: str, tmp_path: Path) -> None:
    found = find_profile(wanted, tmp_path / "profiles")
    assert found.base_url == "https://planted.example"
    assert find_profile(str(tmp_path / wanted), tmp_path / "profiles") == found
