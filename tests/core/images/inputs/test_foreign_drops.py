"""What a page writes into a drag names no files here, and no text holds the window up."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance_gui.core.images.inputs.drop_data import (
    DROPPED,
    HOVERING,
    HTML,
    PAGE_FORMATS,
    PROMISE,
    TEXT,
    URI_LIST,
    read_dropped,
    read_text,
)
from enhance_gui.core.images.inputs.input_files import expand, is_file, is_folder
from enhance_gui.core.images.inputs.source import parse_source
from enhance_gui.core.picture_errors import AddressNotUsable
from tests.support.pictures import picture_bytes

WEB = "https://example.org/a.png"


@pytest.mark.parametrize("mark", PAGE_FORMATS)
@pytest.mark.parametrize("named", ["/home", "~/private.png", "file:///home/me/private.png"])
@pytest.mark.parametrize("kind", [TEXT, URI_LIST])
def test_a_page_may_name_addresses_and_no_files(mark: str, named: str, kind: str) -> None:
    found = read_dropped({mark: b"", kind: f"{named}\n{WEB}\n".encode()})
    assert found.inputs == (WEB,)
    alone = read_dropped({mark: b"", kind: named.encode()})
    assert alone.inputs == ()
    assert "a page may not name files" in alone.problem or kind == URI_LIST


def test_a_file_that_is_shown_in_a_browser_comes_as_its_picture() -> None:
    data = picture_bytes("png")
    address = b"file:///home/me/a.png"
    formats = {URI_LIST: address, PROMISE: address, TEXT: address, "image/png": data}
    assert read_dropped(formats).picture == data


def test_a_text_of_an_editor_may_name_files(tmp_path: Path) -> None:
    found = read_dropped({TEXT: f"{tmp_path / 'a.png'}\n".encode()})
    assert found.inputs == (str(tmp_path / "a.png"),)
    assert found.from_text
    assert not read_dropped({URI_LIST: tmp_path.as_uri().encode()}).from_text


def test_no_text_brings_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    named = [str(tmp_path), str(tmp_path / "a.png")]
    found = expand(named, from_text=True)
    assert found.inputs == (str(tmp_path / "a.png"),)
    assert "drop the folder itself" in found.unusable[0]
    assert expand(named[:1]).inputs == found.inputs


@pytest.mark.parametrize("closing", [")", "]", "}", ").", "]}"])
def test_countless_brackets_behind_an_address_are_taken_off_at_once(closing: str) -> None:
    # Each character taken off by itself, with a count of the rest, would take minutes.
    text = f"{WEB}?a=(b)" + closing * (DROPPED.text_bytes // len(closing))
    assert read_text(text).inputs == (f"{WEB}?a=(b)",)


def test_no_more_than_the_beginning_of_a_text_is_looked_at() -> None:
    lines = [f"{WEB}?{number}" for number in range(40_000)]
    data = "\n".join(lines).encode()
    for bounds in (HOVERING, DROPPED):
        found = read_dropped({TEXT: data}, bounds)
        assert found.is_cut
        assert list(found.inputs) == lines[: len(found.inputs)], "none is cut in two"
        is_long = bounds.text_bytes - 100 < len("\n".join(found.inputs)) < bounds.text_bytes
        assert is_long or len(found.inputs) == bounds.inputs
    assert not read_dropped({TEXT: data[:1000]}).is_cut


def test_no_more_than_the_beginning_of_a_page_is_looked_at() -> None:
    picture = f'<img src="{WEB}">'
    assert read_dropped({HTML: ("<" * 10_000 + picture).encode()}).inputs == (WEB,)
    assert read_dropped({HTML: ("<" * 30_000 + picture).encode()}).inputs == ()


def test_a_picture_in_a_page_that_is_too_large_comes_as_the_bytes_beside_it() -> None:
    data = picture_bytes("png")
    html = b'<img src="data:image/png;base64,' + b"A" * DROPPED.text_bytes + b'">'
    formats = {HTML: html, URI_LIST: b"https://example.org/page", "image/png": data}
    assert read_dropped(formats).picture == data


ODD = ["~nobody_here/x.png", "/" + "a" * 5000, "/a/../" + "b/" * 5000, "/a\0b/../c", "file://["]


@pytest.mark.parametrize("line", [*ODD, "x" * 9000, "https://a.example/" + "b" * 9000])
def test_one_odd_line_does_not_lose_the_list(line: str, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(f"{WEB}?1\n{line}\n{WEB}?2\n")
    opened = expand([str(listed)])
    found = expand(read_text(listed.read_text()).inputs, from_text=True)
    for inputs in (opened.inputs, found.inputs):
        assert [input_ for input_ in inputs if input_.startswith(WEB)] == [f"{WEB}?1", f"{WEB}?2"]
    again = expand(opened.inputs)
    said = (*opened.unusable, *again.unusable)
    assert len(said) == 1
    assert len(said[0]) < 200


@pytest.mark.parametrize(
    ("path", "why"),
    [("/a\0b/../c", "no file can have such a path"), ("file://[", "on another computer")],
)
def test_what_is_no_path_is_refused_as_an_input(path: str, why: str) -> None:
    with pytest.raises(AddressNotUsable, match=why):
        parse_source(path)


def test_a_path_that_is_too_long_to_be_looked_at_is_no_folder() -> None:
    assert not is_folder(Path("/" + "a" * 5000))


def test_a_path_that_is_too_long_to_be_looked_at_is_no_file() -> None:
    assert not is_file(Path("/" + "a" * 5000))


@pytest.mark.parametrize("source", ["http://[", "//[", "http://℀.com/a.png"])
def test_a_picture_at_an_impossible_host_is_none(source: str) -> None:
    html = f'<img src="{source}"><img src="{WEB}">'.encode()
    assert read_dropped({HTML: html, URI_LIST: b"https://example.org/page"}).inputs == (WEB,)


def test_of_countless_lines_only_the_first_are_looked_at() -> None:
    for kind in (TEXT, URI_LIST):
        data = b"".join(b"/%d\n" % number for number in range(10_000))
        found = read_dropped({kind: data}, HOVERING)
        assert found.is_cut
        assert len(found.inputs) == HOVERING.inputs
        assert len(read_dropped({kind: data}).inputs) == 10_000
    assert read_text("/a\n/b\n/c", 2).inputs == ("/a", "/b")
    assert read_text("/a\n/b\n/c", 2).is_cut
    assert not read_text("/a\n/b\n", 2).is_cut


def test_many_files_may_be_dropped_at_once_but_not_as_many_lines_of_text() -> None:
    data = b"".join(b"file:///%d\n" % number for number in range(DROPPED.inputs + 1000))
    files = read_dropped({URI_LIST: data})
    assert len(files.inputs) == DROPPED.inputs + 1000
    assert not files.is_cut
    text = read_dropped({TEXT: data})
    assert len(text.inputs) == DROPPED.inputs
    assert text.is_cut
