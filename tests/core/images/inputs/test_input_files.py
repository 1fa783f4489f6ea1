"""Folders and lists are opened up into the inputs they stand for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from enhance_gui.core.images.inputs.input_files import expand, open_folders


def test_a_folder_gives_the_pictures_in_it_and_below_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.PNG", "a.jpg", "notes.txt", ".hidden.png", "sub/c.webp"):
        (tmp_path / name).write_bytes(b"x")
    pictures = [str(tmp_path / name) for name in ("a.jpg", "b.PNG", "sub/c.webp")]
    assert list(expand([str(tmp_path)]).inputs) == pictures


def test_a_folder_that_leads_in_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert list(expand([str(tmp_path)]).inputs) == [str(tmp_path / "a.png")]


def test_a_list_gives_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("https://example.org/a.png\n# no\n\nhttps://example.org/b.png\nword\n")
    found = expand([str(file)])
    assert found.inputs == ("https://example.org/a.png", "https://example.org/b.png")
    assert len(found.unusable) == 1


def test_what_gives_nothing_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    found = expand([str(empty), str(tmp_path / "missing.txt")])
    assert found.inputs == ()
    assert ["empty" in found.unusable[0], "missing.txt" in found.unusable[1]] == [True, True]


def test_addresses_and_single_files_stay_as_they_are(tmp_path: Path) -> None:
    given = ["https://example.org/a.png", str(tmp_path / "scan.tif")]
    assert list(expand([*given, given[0]]).inputs) == given


def test_repeats_are_left_out_in_order() -> None:
    assert expand(["b", "a", "b", "c", "a"]).inputs == ("b", "a", "c")


def test_folders_among_arguments_give_their_pictures_and_all_else_stays(tmp_path: Path) -> None:
    for name in ("photos/b.png", "photos/sub/a.jpg", "list.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    other = ("list.txt", "missing.jpg", "https://example.org/a b", "ftp://x", "www.example.org")
    found = open_folders(["photos", *other, "empty", "./photos/sub/"], tmp_path)
    first, second = str(tmp_path / "photos/b.png"), str(tmp_path / "photos/sub/a.jpg")
    assert found.inputs == (first, second, *other, "empty", second)
    assert found.unusable == ("“empty” contains no pictures.",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
def test_a_pipe_that_is_called_a_list_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert expand([str(tmp_path / "a.txt")]).inputs == (str(tmp_path / "a.txt"),)
