"""Foreign names become names that cannot leave their folder or hide in it."""

from __future__ import annotations

import ntpath
import sys
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.images.file_names import (
    MAX_STEM_BYTES,
    STEM_TEMPLATE,
    folder_name,
    numbered,
    result_stem,
    safe_stem,
    shortened,
    slug,
)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a.jpg", "a"),
        ("holiday 2026.tar.gz", "holiday 2026.tar"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot"),
        ("/", "fallback"),
        ("", "fallback"),
        ("...", "fallback"),
        (".htaccess", "htaccess"),
        ("-rf.png", "rf"),
        ("CON.png", "_CON"),
        ("com1.tar.png", "_com1.tar"),
        ("nul", "_nul"),
        ("a\x00b\x1b[31m.png", "ab[31m"),
        ("\u202egpj.exe.png", "gpj.exe"),
        ("a:b|c?.png", "a_b_c_"),
        ("caf\u0065\u0301.png", "café"),
        ("名前.webp", "名前"),
        ("trailing. .png", "trailing"),
        ("\ud800.png", "fallback"),
        ("scan 1.2", "scan 1.2"),
        ("Dr. Smith", "Dr. Smith"),
        ("photo.7z", "photo"),
    ],
)
def test_names_seen_in_the_wild(name: str, stem: str) -> None:
    assert safe_stem(name, "fallback") == stem


@given(st.text(st.characters(exclude_categories=[]), max_size=400))
def test_every_text_gives_a_plain_name(name: str) -> None:
    stem = safe_stem(name, "fallback")
    assert stem
    assert len(stem.encode()) <= MAX_STEM_BYTES + 1
    for path in (PurePosixPath(stem + ".png"), PureWindowsPath(stem + ".png")):
        assert path.parts == (stem + ".png",)
    assert not stem.startswith((".", "-", " "))
    assert not stem.endswith((".", " "))
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in stem)
    if sys.version_info >= (3, 13):
        assert not ntpath.isreserved(stem + ".png")
    else:
        assert not PureWindowsPath(stem + ".png").is_reserved()


def test_a_type_becomes_a_word_for_names() -> None:
    assert slug("Upscale ×2") == "upscale-x2"
    assert slug("Colorize Black White Photo") == "colorize-black-white-photo"
    assert slug("增强") == "enhanced"


def test_the_first_of_a_name_has_no_number() -> None:
    assert [numbered("a", n) for n in (1, 2, 3)] == ["a", "a (2)", "a (3)"]


def stem(name: str, template: str = STEM_TEMPLATE) -> str:
    values = {"name": name, "type": "Upscale ×2", "service": "Studio", "date": "2026-11-29"}
    return result_stem(template, values, "picture")


def test_a_name_of_forty_characters_is_whole_in_every_script() -> None:
    for letter in ("n", "ñ", "写", "🏖"):
        assert stem(letter * 40 + ".jpg") == letter * 40 + "-upscale-x2"


@pytest.mark.parametrize("letter", ["n", "ß", "写", "🏖", "e\u0301\u0323", "क्षे"])
def test_a_long_name_keeps_its_start_its_number_and_the_type(letter: str) -> None:
    stems = {stem(f"Holiday {letter * 300} p{page:03}.jpg") for page in range(200)}
    assert len(stems) == 200
    for each in stems:
        assert each.startswith("Holiday ")
        assert each[:-11].endswith(tuple(f" p{page:03}" for page in range(200)))
        assert each.endswith("-upscale-x2")
        assert each.count("…") == 1
        assert not unicodedata.category(each[each.index("…") + 1]).startswith("M")
        assert MAX_STEM_BYTES - 24 <= len(each.encode()) <= MAX_STEM_BYTES


@pytest.mark.parametrize(
    "template",
    ["{type} {name}", "{name}-{name}-{type}", "{service} {name} {date}-{type}"],
)  # fmt: skip
def test_the_type_survives_in_every_template(template: str) -> None:
    one, other = (stem("n" * 250 + tail, template) for tail in ("1.jpg", "2.jpg"))
    assert "upscale-x2" in one
    assert one != other
    assert one.count("…") == template.count("{name}")
    assert len(one.encode()) <= MAX_STEM_BYTES


def test_the_longest_stem_leaves_room_for_every_suffix() -> None:
    assert len(f"_{'n' * MAX_STEM_BYTES}-variant-9999.webp (99999)") <= 255


@given(st.text(max_size=400), st.text(max_size=100), st.integers(1, 99_999))
def test_every_file_of_a_result_has_room_for_its_name(name: str, words: str, number: int) -> None:
    template = words.replace("{", "").replace("}", "") + "{name}-{type}"
    for each in (1, number):
        longest = numbered(stem(name * 3, template), each) + "-variant-999.webp"
        assert len(longest.encode()) <= 255


def test_a_name_that_the_user_chose_has_room_for_a_number() -> None:
    assert len(numbered("写" * 83, 12_345).encode()) <= 255 - len(".webp")
    assert numbered("写" * 83, 1) == "写" * 83


@given(st.text(), st.integers(16, 300))
def test_a_shortened_text_is_within_its_bytes(text: str, max_bytes: int) -> None:
    short = shortened(text.encode("utf-8", "replace").decode(), max_bytes)
    assert len(short.encode()) <= max_bytes


@pytest.mark.parametrize(
    ("input_", "name"),
    [
        ("/photos/Summer/a.jpg", "Summer"),
        ("/photos/2024.jpgs/a.jpg", "2024.jpgs"),
        ("/a.jpg", ""),
        ("https://example.org/Summer/a.jpg", ""),
    ],
)
def test_the_folder_of_a_file_is_that_of_its_name(input_: str, name: str) -> None:
    assert folder_name(input_) == name


@pytest.mark.parametrize(
    ("folder", "stem"),
    [
        ("Summer", "Summer-a"),
        ("", "-a"),
        ("..", "-a"),
        ("a:b", "a_b-a"),
        ("x" * 300, f"{'x' * 29}…{'x' * 28}-a"),
        ("con", "_con-a"),
    ],
)
def test_a_folder_s_name_leads_nowhere_else(folder: str, stem: str) -> None:
    values = {"name": "a.jpg", "type": "", "service": "", "date": "", "folder": folder}
    made = result_stem("{folder}-{name}", values, "picture")
    assert made == stem.lstrip("-")
    assert "/" not in made
