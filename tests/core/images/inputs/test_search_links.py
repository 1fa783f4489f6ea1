"""Links of image searches give the picture behind them, and no other link does."""

from __future__ import annotations

import pytest

from enhance_gui.core.images.inputs.drop_data import HTML, TEXT, URI_LIST, read_dropped, read_text
from enhance_gui.core.images.inputs.search_links import picture_behind
from tests.support.pictures import picture_bytes

PICTURE = "https://example.org/a.jpg?x=1&y=2"
NAMED = "https%3A%2F%2Fexample.org%2Fa.jpg%3Fx%3D1%26y%3D2"

LINKS = [
    f"https://www.google.com/imgres?imgurl={NAMED}&imgrefurl=https%3A%2F%2Fexample.org",
    f"https://www.google.co.uk/imgres?q=cat&imgurl={NAMED}",
    f"https://www.bing.com/images/search?view=detailV2&mediaurl={NAMED}&q=cat",
    f"https://duckduckgo.com/?q=cat&iax=images&ia=images&iai={NAMED}",
    f"https://external-content.duckduckgo.com/iu/?u={NAMED}&f=1",
    f"https://yandex.com.tr/images/search?pos=0&img_url={NAMED}&rpt=simage",
]


@pytest.mark.parametrize("link", LINKS)
def test_a_link_of_an_image_search_gives_the_picture_behind_it(link: str) -> None:
    assert picture_behind(link) == PICTURE
    assert read_text(f"see {link}").inputs == (PICTURE,)


@pytest.mark.parametrize(
    "link",
    [
        f"https://www.google.com/search?imgurl={NAMED}",
        f"https://www.google.evil-example.org/imgres?imgurl={NAMED}",
        f"https://google.com.example.org/imgres?imgurl={NAMED}",
        f"https://example.org/imgres?imgurl={NAMED}",
        "https://www.google.com/imgres?imgurl=file%3A%2F%2F%2Fetc%2Fpasswd",
        "https://www.google.com/imgres?imgurl=javascript%3Aalert(1)",
        "https://www.google.com/imgres?imgurl=https%3A%2F%2Fme%3Apw%40example.org%2Fa.jpg",
        "https://www.google.com/imgres?imgurl=https%3A%2F%2Fexample.org%2F%FF.jpg",
        "https://www.google.com/imgres?imgurl=",
        "https://www.google.com/imgres",
        "https://www.google.com/imgres?" + "a=1&" * 300 + f"imgurl={NAMED}",
        "http://[",
        "/images/imgres",
    ],
)
def test_any_other_link_stays_as_it_is(link: str) -> None:
    assert picture_behind(link) == link


def test_a_result_that_is_dragged_is_not_the_small_preview_in_the_page() -> None:
    formats = {
        URI_LIST: LINKS[0].encode(),
        TEXT: LINKS[0].encode(),
        HTML: b'<img src="https://encrypted-tbn0.gstatic.com/images?q=tbn:1">',
        "application/octet-stream": picture_bytes("jpg"),
    }
    found = read_dropped(formats)
    assert found.inputs == (PICTURE,)
    assert found.carried is None, "the preview is not the picture"
