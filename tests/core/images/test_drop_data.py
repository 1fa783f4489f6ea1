"""What browsers, file managers and people drop or paste gives the picture's address."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from enhance_gui.core.images.drop_data import (
    HTML,
    NOTHING,
    PROMISE,
    TEXT,
    URI_LIST,
    Dropped,
    read_dropped,
    read_text,
)
from tests.support.pictures import picture_bytes

PAGE = "http://127.0.0.1:8000/page.html"
PICTURE = "http://127.0.0.1:8000/pictures/cat.jpg"

CHROMIUM = {
    URI_LIST: PICTURE.encode(),
    TEXT: PICTURE.encode(),
    HTML: f'<meta charset="utf-8"><img src="{PICTURE}"/>'.encode("utf-8-sig"),
    "application/octet-stream": picture_bytes("jpg"),
}
CHROMIUM_LINKED = {
    URI_LIST: PAGE.encode(),
    TEXT: PAGE.encode(),
    HTML: f'<a href="{PAGE}"><img alt="a cat" src="{PICTURE}"></a>'.encode("utf-8-sig"),
    "application/octet-stream": picture_bytes("jpg"),
}
FIREFOX = {
    URI_LIST: f"{PICTURE}\r\n".encode(),
    "_NETSCAPE_URL": f"{PICTURE}\ncat.jpg".encode(),
    "text/x-moz-url-data": PICTURE.encode("utf-16-le"),
    HTML: f'<img src="{PICTURE}" alt="">'.encode(),
    TEXT: PICTURE.encode(),
    PROMISE: PICTURE.encode("utf-16-le"),
    "image/png": picture_bytes("png"),
}
FIREFOX_LINKED = {
    URI_LIST: f"{PAGE}\r\n".encode(),
    "text/x-moz-url-data": PAGE.encode("utf-16-le"),
    HTML: f'<a href="{PAGE}"><img src="{PICTURE}"></a>'.encode(),
    TEXT: PAGE.encode(),
    PROMISE: PICTURE.encode("utf-16-le"),
    "image/jpeg": picture_bytes("jpg"),
}
FIREFOX_LINKED_BY_HTML = {each: FIREFOX_LINKED[each] for each in (URI_LIST, HTML, TEXT)}


@pytest.mark.parametrize(
    "formats",
    [CHROMIUM, CHROMIUM_LINKED, FIREFOX, FIREFOX_LINKED, FIREFOX_LINKED_BY_HTML],
    ids=["chromium", "chromium linked", "firefox", "firefox linked", "firefox by html"],
)
def test_a_picture_dragged_out_of_a_browser_gives_its_own_address(
    formats: dict[str, bytes],
) -> None:
    assert read_dropped(formats) == Dropped((PICTURE,))


def test_escaped_signs_in_the_page_are_read() -> None:
    html = b'<img src="https://example.org/p.jpg?a=1&amp;b=2">'
    assert read_dropped({HTML: html}).inputs == ("https://example.org/p.jpg?a=1&b=2",)


def test_an_address_without_a_host_is_that_of_the_page() -> None:
    formats = {URI_LIST: b"https://example.org/gallery/", HTML: b'<img src="../cat.png">'}
    assert read_dropped(formats).inputs == ("https://example.org/cat.png",)


def test_a_picture_inside_the_page_comes_as_its_bytes() -> None:
    data = picture_bytes("png")
    address = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    formats = {URI_LIST: PAGE.encode(), HTML: f'<img src="{address}">'.encode()}
    assert read_dropped(formats) == Dropped(picture=data)


def test_a_picture_of_the_browsers_memory_comes_as_the_bytes_that_the_browser_adds() -> None:
    data = picture_bytes("jpg")
    formats = {
        HTML: b'<img src="blob:https://example.org/6a3e">',
        "application/octet-stream": data,
    }
    assert read_dropped(formats) == Dropped(picture=data)


def test_several_pictures_of_a_selection_are_all_taken() -> None:
    html = b'<p>x<img src="https://example.org/1.png">y<img src="https://example.org/2.png"></p>'
    found = read_dropped({HTML: html, TEXT: b"x y"})
    assert found.inputs == ("https://example.org/1.png", "https://example.org/2.png")


def test_a_link_gives_where_it_leads() -> None:
    formats = {URI_LIST: b"https://example.org/a.png", HTML: b'<a href="#">a picture</a>'}
    assert read_dropped(formats).inputs == ("https://example.org/a.png",)


def test_files_and_folders_give_their_paths(tmp_path: Path) -> None:
    file = tmp_path / "my picture ü.png"
    data = f"# copied\r\n{file.as_uri()}\r\n{tmp_path.as_uri()}\r\n".encode()
    assert read_dropped({URI_LIST: data, TEXT: b"junk"}).inputs == (str(file), str(tmp_path))


def test_a_picture_without_address_comes_as_its_bytes() -> None:
    data = picture_bytes("png")
    assert read_dropped({"image/png": data}) == Dropped(picture=data)


@pytest.mark.parametrize(
    "formats",
    [
        {},
        {TEXT: b"hello"},
        {TEXT: b"\xff\xfe\x00"},
        {HTML: b"<p>no picture"},
        {URI_LIST: b"ftp://example.org/a.png"},
        {URI_LIST: b"javascript:alert(1)"},
        {"application/octet-stream": b"MZ not a picture"},
        {HTML: b'<img src="data:image/png;base64,!!!">'},
        {PROMISE: b"\x00"},
    ],
)
def test_junk_gives_a_sentence(formats: dict[str, bytes]) -> None:
    found = read_dropped(formats)
    assert found.is_empty
    assert found.problem.endswith(".")
    assert read_dropped({}).problem == NOTHING


def test_addresses_are_found_in_prose_without_the_signs_around_them() -> None:
    text = (
        "See https://example.org/a.png, (https://example.org/b_(1).jpg) and "
        "<https://example.org/c.webp>; also https://example.org/d.png,https://example.org/e.png."
    )
    assert read_text(text).inputs == (
        "https://example.org/a.png",
        "https://example.org/b_(1).jpg",
        "https://example.org/c.webp",
        "https://example.org/d.png",
        "https://example.org/e.png",
    )


def test_lines_that_cannot_be_used_are_counted_with_their_reason() -> None:
    found = read_text("https://example.org/a.png\n# a comment\nftp://example.org/b.png\nword\n")
    assert found.inputs == ("https://example.org/a.png",)
    assert len(found.unusable) == 2
    assert "ftp" in found.unusable[0]


def test_an_address_that_stands_twice_is_taken_once() -> None:
    assert read_text("https://example.org/a.png\n" * 3).inputs == ("https://example.org/a.png",)
