"""What is left out of a folder is counted by kind and said; what was never a picture is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from enhance_gui.core.images.inputs import input_files
from enhance_gui.core.images.inputs.drop_data import Dropped
from enhance_gui.core.images.inputs.input_files import expand, problems_text


def made(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_what_is_left_out_is_counted_by_kind(tmp_path: Path) -> None:
    made(tmp_path, "a.jpg", "b.png", "c.cr2", "d.CR2", "sub/e.psd", "sub/f.svg", "README")
    found = expand([str(tmp_path)])
    assert len(found.inputs) == 2
    assert found.unusable == ("2 pictures added; 5 files left out (2 CR2, 1 PSD, 1 SVG, 1 other).",)


def test_one_of_each_is_said_in_the_singular(tmp_path: Path) -> None:
    made(tmp_path, "a.jpg", "b.psd")
    assert expand([str(tmp_path)]).unusable == ("1 picture added; 1 file left out (1 PSD).",)


def test_many_kinds_are_not_all_named(tmp_path: Path) -> None:
    made(tmp_path, "p.jpg", *(f"{kind}.{kind}" for kind in "abcdefghi"), "last.longending")
    assert expand([str(tmp_path)]).unusable == (
        "1 picture added; 10 files left out (1 A, 1 B, 1 C, 1 D, 1 E, 1 F, 4 others).",
    )


def test_hidden_files_and_those_of_systems_and_programs_are_not_counted(tmp_path: Path) -> None:
    made(
        tmp_path,
        "a.jpg",
        "a-enhance.json",
        "a.xmp",
        "IMG_1.AAE",
        ".DS_Store",
        "._a.cr2",
        ".hidden/b.psd",
        "Thumbs.db",
        "Desktop.ini",
    )
    assert expand([str(tmp_path)]) == Dropped((str(tmp_path / "a.jpg"),))


def test_several_folders_share_one_sentence_and_an_empty_one_has_its_own(tmp_path: Path) -> None:
    made(tmp_path, "one/a.jpg", "one/b.psd", "two/c.psd")
    found = expand([str(tmp_path / "one"), str(tmp_path / "two")])
    assert found.unusable == (
        "1 picture added; 2 files left out (2 PSD).",
        "“two” contains no pictures.",
    )


def test_pictures_beyond_the_bound_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_files, "_MAX_INPUTS", 2)
    made(tmp_path, "a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
    found = expand([str(tmp_path)])
    assert [Path(each).name for each in found.inputs] == ["a.jpg", "b.jpg"]
    assert found.unusable == (
        "2 pictures added; 3 pictures left out, more than are taken at once.",
    )


@pytest.mark.skipif(os.name == "nt", reason="rights of folders are others there")
def test_a_folder_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, "a.jpg", "closed/b.jpg")
    scandir = os.scandir

    def refusing(path: str) -> object:  # as root, the rights of a folder keep nobody out
        if Path(path).name == "closed":
            raise PermissionError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert expand([str(tmp_path)]).unusable == ("1 picture added; 1 folder that cannot be read.",)


def test_of_many_problems_the_first_and_their_number_are_shown() -> None:
    assert problems_text(["One."]) == "One."
    assert problems_text(["One.", "Two."]) == "One. Two."
    assert problems_text(["One.", "Two.", "Three.", "Four."]) == "One. Two. 2 more cannot be used."
