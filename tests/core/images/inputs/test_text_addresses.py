"""Addresses in texts, as people, mails, tables and Markdown have them: never a part of one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.images.inputs.drop_data import DROPPED, URI_LIST, read_dropped, read_text

SPACED = "https://example.org/my holiday photo.jpg"
WHOLE = "https://example.org/my%20holiday%20photo.jpg"
A, B = "https://example.org/a.jpg", "https://example.org/b.jpg"


@pytest.mark.parametrize(
    "text",
    [
        SPACED,
        f"  {SPACED}\r\n",
        f'"{SPACED}"',
        f"'{SPACED}'",
        f"<{SPACED}>",
        f"See <{SPACED}>, please.",
        f'<img src="{SPACED}" alt="x">',
        f"![my photo]({SPACED})",
        f'See [this]({SPACED} "My holiday") and that',
        f"[this](<{SPACED}>)",
        f"17\t{SPACED}\tJane",
        f"17;{SPACED}",
        f"Photo: {SPACED}",
        f"({SPACED}).",
        f"“{SPACED}”",
        f"\u200b{SPACED}\u200b",
    ],
)
def test_an_address_with_spaces_is_whole(text: str) -> None:
    found = read_text(text)
    assert found.inputs == (WHOLE,)
    assert found.unusable == ()


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("https://example.org/my photo", ("https://example.org/my%20photo",)),
        ("https://example.org/a?q=my cat&x=1", ("https://example.org/a?q=my%20cat&x=1",)),
        ("https://example.org/a.jpg copy.jpg", ("https://example.org/a.jpg%20copy.jpg",)),
        (f"{SPACED} {B}", (WHOLE, B)),
        (f"{A} {SPACED}, {B}", (A, WHOLE, B)),
        ("[x](https://example.org/b (1).jpg) y", ("https://example.org/b%20(1).jpg",)),
        # What follows is a sentence, or a second address.
        (f"{A} is the one I mean", (A,)),
        (f"{A}, which I like.", (A,)),
        (f"{A} and {B}", (A, B)),
        (f"Is it {A} or {B}?", (A, B)),
        (f"{A}\tmy photo", (A,)),
        ("I found https://example.org/page yesterday", ("https://example.org/page",)),
        (f"https://web.archive.org/web/2020/{A}", (f"https://web.archive.org/web/2020/{A}",)),
        # Signs of the sentence around it.
        (f"„{A}“, »{B}«", (A, B)),
        (f"{A}。{B}！", ("https://example.org/a.jpg%E3%80%82https://example.org/b.jpg",)),
        (f"{A}！", (A,)),
        # Shortened by whoever showed it: it is not the address of what was meant.
        ("https://example.org/very-lo…", ("https://example.org/very-lo%E2%80%A6",)),
        ("https:\\\\example.org\\a.jpg", (A,)),
    ],
)
def test_what_belongs_to_an_address_is_told_from_what_follows(
    text: str, inputs: tuple[str, ...]
) -> None:
    assert read_text(text).inputs == inputs


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("www.example.org/a.jpg", "https://www.example.org/a.jpg"),
        ("www.example.org", "https://www.example.org/"),
        ("example.org/a.jpg", "https://example.org/a.jpg"),
        ("Example.ORG/my photo.jpg", "https://example.org/my%20photo.jpg"),
        ("<example.org/a.jpg>", "https://example.org/a.jpg"),
        ("bücher.example/ä.jpg", "https://xn--bcher-kva.example/%C3%A4.jpg"),
        ("example.org:8080/a.jpg?b#c", "https://example.org:8080/a.jpg?b"),
        ("//cdn.example.org/a.jpg", "https://cdn.example.org/a.jpg"),
        ("//example.org", "https://example.org/"),
        ("(www.example.org/a.jpg).", "https://www.example.org/a.jpg"),
        ("„example.org/a b.jpg“,", "https://example.org/a%20b.jpg"),
    ],
)
def test_an_address_without_https_is_one(text: str, address: str) -> None:
    assert read_text(text).inputs == (address,)
    assert read_text(text, paths=False).inputs == (address,)


def test_several_addresses_without_https_stand_in_a_line() -> None:
    expected = ("https://www.example.org/a.jpg", "https://example.org/b")
    for text in ("www.example.org/a.jpg, example.org/b.", "(www.example.org/a.jpg example.org/b)"):
        assert read_text(text).inputs == expected


@pytest.mark.parametrize(
    "text",
    [
        "README.md",
        "example.org",
        "photo.jpg/x",
        "and/or",
        "e.g./x",
        "1.5/2",
        "192.168.1/a.jpg",
        "../photos/a.jpg",
        "me@example.org/x",
        "www.example.org is a page",
        "example.org/page says so",
        "//home/me/a.jpg",
        "//a.jpg",
        "///etc/passwd",
        "mailto:me@example.org",
    ],
)
def test_what_is_not_plainly_an_address_is_named_and_never_a_file(text: str) -> None:
    found = read_text(text)
    assert found.inputs == ()
    assert text[:10] in found.problem


def test_a_list_of_addresses_may_have_some_without_https() -> None:
    data = b"//cdn.example.org/a b.jpg\r\nhttps://example.org/c.jpg\r\n"
    expected = ("https://cdn.example.org/a%20b.jpg", "https://example.org/c.jpg")
    assert read_dropped({URI_LIST: data}).inputs == expected


def test_a_login_is_not_shown_again() -> None:
    found = read_text("https://me:s3cret@example.org/a.jpg")
    assert found.inputs == ()
    assert "add the file" in found.problem
    assert "s3cret" not in found.problem


@pytest.mark.parametrize(
    "text",
    [
        "](https://a" * 20_000,
        "<https://a b" * 20_000,
        '"https://a b' * 20_000,
        "https://a" + " " * DROPPED.text_bytes + "b",
        "](https://a" + " " * DROPPED.text_bytes + "b",
        "](https://a" + ' "' * (DROPPED.text_bytes // 2) + ")",
        "https://a ," * 20_000,
        "www.a.b/c " * 20_000,
        "a." * (DROPPED.text_bytes // 2),
        "https://a.b/" + "../" * (DROPPED.text_bytes // 3),
    ],
    ids=lambda text: text[:14],
)
def test_no_text_takes_long(text: str) -> None:
    began_s = time.process_time()
    read_text(text, 20_000)
    assert time.process_time() - began_s < 10


@given(
    st.lists(
        st.sampled_from(
            [
                *" \t\n,;|()[]<>\"'.ü",
                "](",
                "https://",
                "//",
                "www.",
                "e.org/",
                "a.jpg",
                "b",
                "?",
                "\\",
            ]
        ),
        max_size=24,
    ).map("".join)
)
def test_whatever_is_found_is_plain_and_found_again_by_itself(text: str) -> None:
    for found in read_text(text, paths=False).inputs:
        assert found.startswith(("https://", "http://"))
        assert found.isascii()
        assert found.isprintable()
        assert " " not in found
        assert read_text(f"See <{found}> there.").inputs == (found,)
