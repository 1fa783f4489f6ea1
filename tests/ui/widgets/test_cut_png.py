"""A PNG file that ends too early is not shown, and nothing is said of it past the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.compare.pictures.reading import CannotShow, read_facts, read_whole
from enhance_gui.ui.widgets.decoding import is_cut_png
from enhance_gui.ui.widgets.tiles import TileSpec, read_tile
from tests.ui.gallery.parts import write_picture


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "whole.png")


def cut(path: Path, by: int) -> Path:
    """Return a copy that lacks its last bytes."""
    copy = path.with_name("cut.png")
    copy.write_bytes(path.read_bytes()[:-by])
    return copy


@pytest.mark.parametrize("by", [1, 12, 13, 200])
def test_what_lacks_its_end_is_cut(whole: Path, by: int) -> None:
    assert not is_cut_png(whole)
    assert is_cut_png(cut(whole, by))


def test_what_stands_behind_the_end_does_no_harm(whole: Path) -> None:
    whole.write_bytes(whole.read_bytes() + b"something of a phone" * 10)
    assert not is_cut_png(whole)


def test_what_is_hardly_a_file_is_cut(tmp_path: Path) -> None:
    short = tmp_path / "short.png"
    short.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert is_cut_png(short)


def test_a_cut_file_is_refused_without_a_word_on_the_console(
    qapp: QApplication, whole: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    damaged = cut(whole, 200)
    assert read_tile(TileSpec(whole, 40, 30, 4)) is not None
    assert not read_whole(read_facts(whole)).isNull()
    assert read_tile(TileSpec(damaged, 40, 30, 4)) is None
    with pytest.raises(CannotShow, match="damaged"):
        read_whole(read_facts(damaged))
    assert capfd.readouterr().err == ""
