"""The languages made by code: longer or mirrored, with the fields of every text as they were."""

from __future__ import annotations

import re
import unicodedata

import polib
import pytest

from enhance_gui.core.resources import resource
from enhance_gui.core.text.pseudo import ACCENTED, MIRRORED, PseudoLanguage

TEXTS = [
    text
    for entry in polib.pofile(str(resource("translations/de.po")), encoding="utf-8")
    for text in (entry.msgid, entry.msgid_plural)
    if text
]
FIELD = re.compile(r"\{\{|\}\}|\{[^{}]*\}")


@pytest.mark.parametrize("code", [ACCENTED, MIRRORED])
def test_each_text_keeps_its_fields_its_mnemonic_and_its_end(code: str) -> None:
    language = PseudoLanguage(code)
    assert len(TEXTS) > 1000
    for text in TEXTS:
        written = language.gettext(text)
        assert FIELD.findall(written) == FIELD.findall(text)
        assert re.findall("&.", written) == re.findall("&.", text)
        assert visible(written)[-1:] == visible(text)[-1:] or written.endswith("⟧")
        assert language.ngettext("", text, 2) == written


def test_the_accented_texts_are_about_40_percent_longer_and_in_brackets() -> None:
    language = PseudoLanguage(ACCENTED)
    written = [language.gettext(text) for text in TEXTS]
    assert all(text.lstrip()[0] == "⟦" and text.count("⟧") == 1 for text in written)
    lengths = [
        len(FIELD.sub("", new)) / len(FIELD.sub("", old))
        for new, old in zip(written, TEXTS, strict=True)
        if len(FIELD.sub("", old)) > 30
    ]
    assert min(lengths) > 1.3
    assert max(lengths) < 1.55


def test_the_mirrored_texts_count_as_such_and_hold_the_same_letters() -> None:
    language = PseudoLanguage(MIRRORED)
    for text in TEXTS:
        written = language.gettext(text)
        strong = next(sign for sign in written if unicodedata.bidirectional(sign) in ("L", "R"))
        assert unicodedata.bidirectional(strong) == "R"
        assert visible(written) == text


def visible(text: str) -> str:
    return re.sub("[\u200f\u202c\u202e]", "", text)
