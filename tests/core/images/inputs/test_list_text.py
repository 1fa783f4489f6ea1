"""Lists are read in the encodings in which programs write them."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.images.inputs.input_files import expand
from enhance_gui.core.images.inputs.list_text import NoText, read_list_text
from tests.support.pictures import picture_bytes

TEXT = "# mine\r\n\r\n/photos/Köln.jpg\r\nhttps://example.org/été.jpg\r\n"
LINES = ["/photos/Köln.jpg", "https://example.org/été.jpg"]
INPUTS = ("/photos/Köln.jpg", "https://example.org/%C3%A9t%C3%A9.jpg")


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        # As "dir > list.txt" in PowerShell, and Notepad's "Unicode".
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
    ],
    ids=["8", "8 marked", "16le", "16be", "32le", "32be", "16le unmarked", "16be unmarked"],
)
def test_a_list_is_read_in_each_encoding_of_unicode(data: bytes, tmp_path: Path) -> None:
    read = read_list_text(data)
    assert (read.lines, read.is_guess) == (LINES, False)
    (tmp_path / "list.txt").write_bytes(data)
    found = expand([str(tmp_path / "list.txt")])
    assert found.inputs == INPUTS
    assert found.unusable == ()


def test_an_older_list_is_read_as_windows_wrote_it_and_that_is_told(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(TEXT.encode("cp1252") + b"/photos/\x81.jpg\r\n")
    found = expand([str(file)])
    assert found.inputs == (*INPUTS, "/photos/\x81.jpg")
    (note,) = found.unusable
    assert "“list.csv” is not in UTF-8" in note


def test_a_line_of_another_encoding_does_not_spoil_the_others() -> None:
    read = read_list_text("/Köln.jpg\n".encode() + "/Köln.jpg\n".encode("cp1252"))
    assert (read.lines, read.is_guess) == (["/Köln.jpg", "/Köln.jpg"], True)


def test_letters_of_remarks_are_nothing_to_tell_of() -> None:
    assert not read_list_text("# für mich\n/a.jpg".encode("cp1252")).is_guess


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_list_leaves_out_remarks_and_empty_lines(ending: str) -> None:
    text = ending.join(["\ufeff# mine", "", " a.jpg ", "#b", "c.jpg"])
    assert read_list_text(text.encode()).lines == ["a.jpg", "c.jpg"]


@pytest.mark.parametrize("format_", ["jpg", "png", "webp", "bmp"])
def test_a_picture_is_no_list(format_: str, tmp_path: Path) -> None:
    file = tmp_path / "picture.txt"
    file.write_bytes(picture_bytes(format_))
    with pytest.raises(NoText):
        read_list_text(file.read_bytes())
    found = expand([str(file)])
    assert found.inputs == ()
    assert found.problem.startswith("“picture.txt” is no text")


def test_an_odd_sign_does_not_lose_a_list() -> None:
    assert read_list_text(b"https://example.org/a.jpg\n/a\0b\n").lines[0].endswith("a.jpg")


@given(st.binary(max_size=200))
def test_any_data_is_a_text_or_none(data: bytes) -> None:
    try:
        lines = read_list_text(data).lines
    except NoText:
        return
    assert all(line == line.strip() and not line.startswith("#") for line in lines)


@given(
    st.lists(st.text(alphabet="aé海💩/. ", min_size=1, max_size=9), min_size=1, max_size=9),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_what_is_written_is_read(lines: list[str], encoding: str) -> None:
    read = read_list_text("\n".join(lines).encode(encoding))
    assert read.lines == [line.strip() for line in lines if line.strip()]
    assert not read.is_guess
