"""Files among inputs are found, and what is odd among them hides no other."""

from __future__ import annotations

from pathlib import Path

from enhance_gui.jobs.support.colours import local_files
from tests.support.pictures import picture_bytes


def test_a_name_that_the_system_refuses_hides_no_other_file(tmp_path: Path) -> None:
    good = tmp_path / "good.png"
    good.write_bytes(picture_bytes())
    inputs = [f"{tmp_path}/{'x' * 300}.jpg", "https://example.org/a.jpg", str(good)]
    assert list(local_files(inputs)) == [(str(good), good)]
