"""The program's folders are its user's alone, and copies in them do not grow without end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from enhance_gui.storage import folders
from enhance_gui.storage.folders import forget_oldest, make_private

_MAKE = """
import os, sys
from pathlib import Path
from enhance_gui.storage.folders import make_private
os.umask(0)
make_private(Path(sys.argv[1]))
make_private(Path(sys.argv[1]))
"""


@pytest.mark.skipif(os.name != "posix", reason="modes of folders are of POSIX")
def test_every_folder_that_is_made_on_the_way_is_private_whatever_the_umask(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    made = tmp_path / "state" / "enhance-gui" / "log"
    subprocess.run([sys.executable, "-c", _MAKE, str(made)], check=True)
    for folder in (made, made.parent, made.parent.parent):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for below in ("file", "file/folder"):
        with pytest.raises(OSError, match="file"):
            make_private(tmp_path / below)


def test_the_oldest_copies_go_until_the_rest_is_small_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "MAX_COPIED_BYTES", 25)
    for number in range(4):
        copy = tmp_path / str(number)
        copy.write_bytes(bytes(10))
        os.utime(copy, (number, number))
    forget_oldest(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["2", "3"]
    forget_oldest(tmp_path / "none")
