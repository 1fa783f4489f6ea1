"""A file that is replaced is the old one or the new one, and nothing lies beside it."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from enhance_gui.core.atomic import replacing


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "choices.json"
    target.write_bytes(b"old")
    with replacing(target) as file:
        file.write(b"ne")
        assert target.read_bytes() == b"old"
        file.write(b"w")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "choices.json"
    target.write_bytes(b"old")

    def fail() -> None:
        with replacing(target, flush=False) as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_run_left_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "choices.json.new").write_bytes(b"half")
    with replacing(tmp_path / "choices.json") as file:
        file.write(b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["choices.json"]
    assert (tmp_path / "choices.json").read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
def test_a_file_of_secrets_is_its_users_alone_from_the_beginning(tmp_path: Path) -> None:
    with replacing(tmp_path / "secret", mode=0o600):
        (new,) = tmp_path.iterdir()
        assert stat.S_IMODE(new.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
