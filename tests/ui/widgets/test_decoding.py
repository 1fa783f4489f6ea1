"""Previews take a bound of memory together, and one that ends the program is left out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from enhance_gui.storage.system.decoder_marks import WorkMarks
from enhance_gui.ui.compare.pictures.reading import CannotShow, read_facts, read_small
from enhance_gui.ui.widgets import decoding
from enhance_gui.ui.widgets.decoding import DecodingBudget, mark_pictures
from enhance_gui.ui.widgets.tiles import TileSpec, read_tile
from tests.support.pictures import picture_bytes


@pytest.fixture
def marks(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of marks that pictures get; without any afterwards."""
    before = decoding._marks
    folder = tmp_path / "marks"
    mark_pictures(WorkMarks(folder))
    yield folder
    mark_pictures(before)


def started_again(folder: Path) -> None:
    mark_pictures(WorkMarks(folder))


def ended_under(folder: Path, picture: Path) -> None:
    """Have the program end while it decodes a picture, and start again."""
    with decoding.decoding(picture, 1, is_jpeg=False):
        kept = {each: each.read_bytes() for each in folder.iterdir()}
    for each, content in kept.items():
        each.write_bytes(content)
    started_again(folder)


def test_a_preview_that_ended_the_program_twice_is_left_out(marks: Path, tmp_path: Path) -> None:
    picture, other = tmp_path / "a.png", tmp_path / "b.png"
    picture.write_bytes(picture_bytes("png", 60, 40))
    other.write_bytes(picture_bytes("png", 60, 40))
    ended_under(marks, picture)
    assert read_tile(TileSpec(picture, 20, 20, 2)) is not None
    ended_under(marks, picture)
    ended_under(marks, picture)
    assert read_tile(TileSpec(picture, 20, 20, 2)) is None
    with pytest.raises(CannotShow):
        read_facts(picture)
    assert read_tile(TileSpec(other, 20, 20, 2)) is not None
    assert not read_small(read_facts(other), 30).isNull()
    started_again(marks)
    assert read_tile(TileSpec(picture, 20, 20, 2)) is None


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_mark_stands_only_while_a_preview_is_decoded(
    marks: Path, tmp_path: Path, kind: str
) -> None:
    picture = tmp_path / "a"
    picture.write_bytes(picture_bytes(kind, 60, 40))
    assert read_tile(TileSpec(picture, 20, 20, 2)) is not None
    assert not read_small(read_facts(picture), 30).isNull()
    assert list(marks.iterdir()) == []


def test_decoders_wait_for_memory_and_one_that_needs_more_than_all_works_alone() -> None:
    budget = DecodingBudget(100)
    begun, may_end = threading.Event(), threading.Event()
    order: list[str] = []

    def decode(size_bytes: int, name: str) -> None:
        with budget.of(size_bytes):
            order.append(name)
            begun.set()
            assert may_end.wait(30)
            order.append(f"{name} ends")

    large = threading.Thread(target=decode, args=(1000, "large"))
    large.start()
    assert begun.wait(30)
    small = [threading.Thread(target=decode, args=(50, "small")) for _ in range(2)]
    for each in small:
        each.start()
    assert order == ["large"]
    may_end.set()
    for each in (large, *small):
        each.join(30)
    assert order[:2] == ["large", "large ends"]
    assert order.count("small ends") == 2
    with budget.of(60), budget.of(40):
        pass


def test_a_pipe_is_no_picture_to_show(tmp_path: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names here")
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(CannotShow):
        read_facts(tmp_path / "a.png")
