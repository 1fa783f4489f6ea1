"""Of what a page names for a picture the largest is taken."""

from __future__ import annotations

import time

import pytest

from enhance_gui.core.images.inputs.page_pictures import read_page, versions_of

PAGE = "https://example.org/gallery/index.html"
CDN = "https://cdn.example.org"


@pytest.mark.parametrize(
    ("source_set", "versions"),
    [
        ("a.jpg 1x, b.jpg 2x", [("a.jpg", "1x"), ("b.jpg", "2x")]),
        ("a.jpg 300w,b.jpg 2400w", [("a.jpg", "300w"), ("b.jpg", "2400w")]),
        (" ,a.jpg, b.jpg 2x,", [("a.jpg", ""), ("b.jpg", "2x")]),
        # Commas are parts of addresses; only the last one is not.
        (
            "w_300,h_200/a.jpg 300w, w_9/b.jpg 9w",
            [("w_300,h_200/a.jpg", "300w"), ("w_9/b.jpg", "9w")],
        ),
        (
            "data:image/gif;base64,R0 1x, b.jpg 2x",
            [("data:image/gif;base64,R0", "1x"), ("b.jpg", "2x")],
        ),
        ("a.jpg 300w 200h\n, b.jpg\t2x", [("a.jpg", "300w 200h"), ("b.jpg", "2x")]),
        ("a.jpg (1, 2) 2x, b.jpg", [("a.jpg", "(1, 2) 2x"), ("b.jpg", "")]),
        ("a.jpg (1, b.jpg 2x", [("a.jpg", "")]),
        ("", []),
        (", ,", []),
    ],
)
def test_addresses_of_a_set_are_read_as_browsers_do(
    source_set: str, versions: list[tuple[str, str]]
) -> None:
    assert list(versions_of(source_set)) == versions


@pytest.mark.parametrize(
    ("html", "largest"),
    [
        (f'<img src="s.jpg" srcset="{CDN}/s.jpg 300w, {CDN}/b.jpg 2400w">', f"{CDN}/b.jpg"),
        (f'<img src="s.jpg" srcset="{CDN}/b.jpg 3x, {CDN}/m.jpg 2x">', f"{CDN}/b.jpg"),
        ('<img src="s.jpg" srcset="b.jpg 1.5x">', "https://example.org/gallery/b.jpg"),
        ('<img src="s.jpg">', "https://example.org/gallery/s.jpg"),
        (f'<img src="data:image/gif;base64,R0" data-src="{CDN}/b.jpg">', f"{CDN}/b.jpg"),
        ('<img src="data:," data-original="//cdn.example.org/b.jpg">', f"{CDN}/b.jpg"),
        (f'<img data-srcset="{CDN}/s.jpg 9w, {CDN}/b.jpg 99w" src="data:,">', f"{CDN}/b.jpg"),
        ('<img src="data:," srcset="data:image/gif;base64,R0 1x">', ""),
        (f'<picture><source srcset="{CDN}/b.jpg 9w"><img src="s.jpg"></picture>', f"{CDN}/b.jpg"),
        # Of a kind that is not known here: only where there is no other.
        (
            (
                f'<picture><source type="image/jxl" srcset="{CDN}/b.jxl 999w">'
                f'<source type="image/webp" srcset="{CDN}/b.webp 99w"><img src="s.jpg"></picture>'
            ),
            f"{CDN}/b.webp",
        ),
        (f'<img src="s.jpg" srcset="{CDN}/b.jpg {"9" * 5000}w">', f"{CDN}/b.jpg"),
    ],
)
def test_the_largest_version_is_found(html: str, largest: str) -> None:
    [picture] = read_page(html, PAGE).pictures
    assert picture.largest == largest


def test_a_picture_has_no_sources_of_the_one_before() -> None:
    html = f'<picture><source srcset="{CDN}/b.jpg 9w"></picture><img src="s.jpg">'
    assert [each.largest for each in read_page(html, PAGE).pictures] == [
        "https://example.org/gallery/s.jpg"
    ]


def test_addresses_that_chromium_leaves_as_they_are_start_where_the_whole_one_does() -> None:
    # It writes the src out, and gives of the page's address no more than the host.
    html = '<img src="https://example.org/a/img/s.jpg" srcset="img/s.jpg 1x, img/b.jpg 2x">'
    [picture] = read_page(html, "", "https://example.org").pictures
    assert picture.largest == "https://example.org/a/img/b.jpg"
    html = '<img src="https://example.org/a/s.jpg" srcset="/b.jpg 2x">'
    [picture] = read_page(html, "", "https://example.org").pictures
    assert picture.largest == "https://example.org/b.jpg"
    # Where that cannot be known, no address is made up.
    html = '<img src="https://example.org/a/s.jpg" srcset="b.jpg 2x">'
    [picture] = read_page(html, "", "https://example.org").pictures
    assert picture.largest == "https://example.org/a/s.jpg"


def test_a_set_without_end_is_read_to_a_bound() -> None:
    [picture] = read_page(f'<img src="s.jpg" srcset="{"a.jpg, " * 100_000}">', PAGE).pictures
    assert len(picture.versions) <= 201


def test_the_versions_of_a_picture_are_those_of_its_one_img() -> None:
    html = f'<picture><source srcset="{CDN}/b.jpg 9w"><img src="s.jpg"><img src="{CDN}/o.jpg">'
    assert [each.largest for each in read_page(html, PAGE).pictures] == [
        f"{CDN}/b.jpg",
        f"{CDN}/o.jpg",
    ]


def test_many_versions_and_many_pictures_take_no_time() -> None:
    sources = "<picture>" + f'<source srcset="{CDN}/b.jpg 9w">' * 799
    begun_s = time.process_time()
    content = read_page(sources + f'<img src="{CDN}/s.jpg">' * 5000, PAGE)
    assert time.process_time() - begun_s < 5
    assert len(content.pictures) == 5000


@pytest.mark.parametrize("odd", ["<![ x>", "<![foo[", "<![\0", "<![if !vml]>"])
def test_sections_that_nobody_knows_are_passed_over(odd: str) -> None:
    assert read_page(f'{odd}<p><img src="{CDN}/s.jpg">', PAGE).pictures is not None
