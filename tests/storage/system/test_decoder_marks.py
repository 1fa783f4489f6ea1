"""A picture under which the program ends twice in a row is set aside; any other is not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from enhance_gui.storage.system.decoder_marks import FORGOTTEN_AFTER_S, WorkMarks


def ended_under(folder: Path, task_id: int) -> None:
    """Run the program until it is killed while it decodes a picture of a task."""
    block = WorkMarks(folder).at_work(task_id)
    block.__enter__()
    kept = (folder / str(task_id)).read_bytes()
    block.__exit__(None, None, None)  # which a process that is killed has no time for
    (folder / str(task_id)).write_bytes(kept)


def test_one_end_under_a_picture_is_nothing_and_a_second_in_a_row_sets_it_aside(
    tmp_path: Path,
) -> None:
    ended_under(tmp_path, 7)
    assert not WorkMarks(tmp_path).sets_aside(7)
    ended_under(tmp_path, 7)
    marks = WorkMarks(tmp_path)
    assert not marks.sets_aside(8)
    assert marks.sets_aside(7)
    assert not marks.sets_aside(7)  # asked for once more it is wanted
    assert WorkMarks(tmp_path).sets_aside(7)  # not tried, it is set aside at the next start, too


def test_a_picture_that_was_read_in_between_has_a_clean_sheet(tmp_path: Path) -> None:
    ended_under(tmp_path, 7)
    with WorkMarks(tmp_path).at_work(7):
        pass
    ended_under(tmp_path, 7)
    assert not WorkMarks(tmp_path).sets_aside(7)


def test_ends_under_different_pictures_set_none_aside(tmp_path: Path) -> None:
    ended_under(tmp_path, 7)
    ended_under(tmp_path, 8)
    marks = WorkMarks(tmp_path)
    assert not marks.sets_aside(7)
    assert not marks.sets_aside(8)


def test_an_error_in_the_block_takes_the_mark_away(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), WorkMarks(tmp_path).at_work(7):
        raise ValueError("broken")
    assert list(tmp_path.iterdir()) == []


def test_a_day_later_it_is_tried_again(tmp_path: Path) -> None:
    for _ in range(2):
        ended_under(tmp_path, 7)
    later_s = time.time() + FORGOTTEN_AFTER_S + 60
    assert not WorkMarks(tmp_path, lambda: later_s).sets_aside(7)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_or_holds_other_things_is_no_hindrance(
    tmp_path: Path,
) -> None:
    (tmp_path / "readme").write_text("?")
    (tmp_path / "7").write_bytes(b"\xff")
    assert not WorkMarks(tmp_path).sets_aside(7)
    with WorkMarks(tmp_path / "readme").at_work(7):
        pass
