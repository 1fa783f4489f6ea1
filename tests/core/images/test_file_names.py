"""Foreign names become names that cannot leave their folder or hide in it."""

from __future__ import annotations

import ntpath
import sys
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.images.file_names import MAX_STEM_BYTES, numbered, safe_stem, slug


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
