"""The language of the words for people."""

from __future__ import annotations

from collections.abc import Iterator
from gettext import GNUTranslations
from io import BytesIO

import polib
import pytest

from enhance_gui.core.text.i18n import (
    N_,
    in_sentence,
    localized,
    number,
    plural,
    set_language,
    short_number,
    tr,
)


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    set_language(None)


def _translation(**texts: str) -> GNUTranslations:
    catalogue = polib.POFile()
    catalogue.metadata = {
        "Language": "xx",
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=3; plural=(n == 1 ? 0 : n == 2 ? 1 : 2);",
        "X-Thousands-Sign": ".",
        "X-Decimal-Sign": ",",
    }
    for english, translated in texts.items():
        catalogue.append(polib.POEntry(msgid=english, msgstr=translated))
    forms = {0: "one {count}", 1: "two {count}", 2: "many {count}"}
    catalogue.append(
        polib.POEntry(msgid="{count} hat", msgid_plural="{count} hats", msgstr_plural=forms)
    )
    return GNUTranslations(BytesIO(catalogue.to_binary()))


def test_without_a_translation_texts_are_english_as_they_stand() -> None:
    assert tr("Save") == "Save"
    assert tr(N_("Save")) == "Save"
    assert tr("") == ""
    assert plural("{count} hat", "{count} hats", 1) == "{count} hat"
    assert plural("{count} hat", "{count} hats", 0) == "{count} hats"
    assert (number(1234567), number(1234.56, 1)) == ("1,234,567", "1,234.6")
    assert in_sentence("Save") == "save"


def test_a_spoken_translation_answers_until_another_is_spoken() -> None:
    set_language(_translation(Save="Sichern"))
    assert tr("Save") == "Sichern"
    assert in_sentence("Save") == "Save"
    set_language(None)
    assert tr("Save") == "Save"


def test_a_text_that_a_translation_lacks_stays_english_and_the_empty_one_empty() -> None:
    set_language(_translation(Save="Sichern"))
    assert tr("Load") == "Load"
    # gettext keeps the facts about a catalogue under the empty text.
    assert tr("") == ""


@pytest.mark.parametrize(("count", "said"), [(1, "one"), (2, "two"), (0, "many"), (7, "many")])
def test_a_language_has_its_own_rule_for_counts(count: int, said: str) -> None:
    set_language(_translation())
    assert plural("{count} hat", "{count} hats", count) == f"{said} {{count}}"


def test_numbers_are_written_with_the_signs_that_a_catalogue_names() -> None:
    set_language(_translation())
    assert (number(1234567), number(1234.56, 1)) == ("1.234.567", "1.234,6")


@pytest.mark.parametrize(
    ("value", "english", "other"),
    [(3, "3", "3"), (2.5, "2.5", "2,5"), (0.125, "0.125", "0,125"), (100, "100", "100")],
)
def test_a_number_has_as_many_decimals_as_it_needs(value: float, english: str, other: str) -> None:
    assert short_number(value) == english
    set_language(_translation())
    assert short_number(value) == other


def test_only_english_makes_the_first_letter_of_a_title_small() -> None:
    assert in_sentence("No credit left") == "no credit left"
    assert in_sentence("") == ""
    set_language(_translation())
    assert in_sentence("Guthaben ist verbraucht") == "Guthaben ist verbraucht"


def test_a_number_that_was_written_in_english_changes_its_signs() -> None:
    set_language(_translation())
    assert localized("2.5") == "2,5"
    assert localized("1,234.5") == "1.234,5"
