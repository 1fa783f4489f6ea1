"""What browsers, file managers and people drop or paste gives the picture's address."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from enhance_gui.core.images.inputs.drop_data import (
    HTML,
    MAX_CARRIED_BYTES,
    NOTHING,
    ORIGIN,
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


BIG = "http://127.0.0.1:8000/big.jpg"
TINY = picture_bytes("jpg", 16, 12)
STAND_IN = f"data:image/jpeg;base64,{base64.b64encode(TINY).decode()}"


def chromium(link: str, html: str, shown: bytes) -> dict[str, bytes]:
    """Return what Chromium 156 gives of a picture, as recorded."""
    return {
        URI_LIST: link.encode(),
        TEXT: link.encode(),
        HTML: html.encode("utf-8-sig"),
        ORIGIN: b"http://127.0.0.1:8000",
        "application/octet-stream": shown,
    }


@pytest.mark.parametrize(
    ("link", "html"),
    [
        (BIG, f'<img src="{PICTURE}" srcset="/pictures/cat.jpg 300w, /big.jpg 2400w">'),
        (BIG, f'<img src="{PICTURE}">'),  # all that it gives of a <picture>
        (BIG, f'<img src="{STAND_IN}" srcset="{BIG} 2400w" sizes="100vw">'),
        (BIG, f'<img src="{STAND_IN}">'),
        (PAGE, f'<img src="{PICTURE}" srcset="/pictures/cat.jpg 300w, /big.jpg 2400w">'),
        (PAGE, f'<a href="{PAGE}"><img src="{PICTURE}" data-src="{BIG}" srcset="{BIG} 2x"></a>'),
    ],
    ids=["srcset", "picture", "blurred", "blurred picture", "linked", "linked with the link"],
)
def test_what_is_shown_is_taken_and_not_what_stands_in_for_it(link: str, html: str) -> None:
    shown = picture_bytes("jpg", 60, 40)
    found = read_dropped(chromium(link, html, shown))
    assert found == Dropped((BIG,))
    assert found.carried == shown


def test_a_picture_that_is_not_loaded_yet_is_taken_by_its_address() -> None:
    html = f'<img src="{STAND_IN}" data-src="/big.jpg">'
    for link in (STAND_IN, PAGE):
        found = read_dropped(chromium(link, html, TINY))
        assert found == Dropped((BIG,))
        assert found.carried is None, "the stand-in is not the picture"


def test_what_no_address_is_known_of_comes_as_the_bytes_that_are_shown() -> None:
    shown = picture_bytes("jpg", 60, 40)
    html = f'<img src="{STAND_IN}">'
    assert read_dropped(chromium(PAGE, html, shown)) == Dropped(picture=shown)
    assert read_dropped(chromium(STAND_IN, html, TINY)) == Dropped(picture=TINY)


@pytest.mark.parametrize(
    "link",
    ["https://en.wikipedia.org/wiki/File:Cat.jpg", "https://example.org/cats/", f"{PAGE}?a=b.jpg"],
)
def test_the_page_that_a_picture_leads_to_is_not_taken_for_it(link: str) -> None:
    formats = chromium(link, f'<img src="{PICTURE}">', picture_bytes("jpg"))
    assert read_dropped(formats).inputs == (PICTURE,)


def test_an_address_of_the_host_that_keeps_the_pages_pictures_is_that_of_a_picture() -> None:
    html = '<img src="https://img.example.net/1?w=300">'
    link = "https://img.example.net/1?w=2400"
    assert read_dropped(chromium(link, html, picture_bytes("jpg"))).inputs == (link,)


def test_the_file_that_chromium_gives_on_windows_is_kept_with_the_address() -> None:
    name = 'application/x-qt-windows-mime;value="FileContents";index=0'
    formats = {**CHROMIUM, name: CHROMIUM["application/octet-stream"]}
    del formats["application/octet-stream"]
    assert read_dropped(formats).carried == formats[name]


def test_a_picture_too_large_to_be_kept_comes_by_its_address_alone() -> None:
    large = picture_bytes("jpg") + bytes(MAX_CARRIED_BYTES)
    found = read_dropped({**CHROMIUM, "application/octet-stream": large})
    assert found == Dropped((PICTURE,))
    assert found.carried is None


def test_bytes_are_kept_of_one_picture_alone() -> None:
    html = b'<img src="https://example.org/1.png"><img src="https://example.org/2.png">'
    assert read_dropped({HTML: html, "image/png": picture_bytes("png")}).carried is None


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
