"""The languages that ship with the program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from enhance_gui.core.resources import resource
from enhance_gui.core.text.i18n import plural, set_language, tr
from enhance_gui.storage.settings import translations
from enhance_gui.storage.settings.translations import languages, spoken_language, translation

_ESPERANTO = """
msgid ""
msgstr ""
"Language: eo\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"X-Own-Name: Esperanto\\n"

msgid "Cancel"
msgstr "Nuligi"

#, fuzzy
msgid "Close"
msgstr "Fermi"

#~ msgid "Open"
#~ msgstr "Malfermi"
"""


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    set_language(None)


def test_each_language_that_ships_has_its_own_name_for_itself() -> None:
    assert languages() == {
        "en": "English",
        "de": "Deutsch",
        "es": "Español",
        "ja": "日本語",
        "zh_CN": "简体中文",
    }
    assert next(iter(languages())) == "en"


def test_which_languages_there_are_is_found_from_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "translations"
    folder.mkdir()
    (folder / "eo.po").write_text(_ESPERANTO, encoding="utf-8")
    (folder / "notes.txt").write_text("not a catalogue", encoding="utf-8")
    monkeypatch.setattr(translations, "resource", tmp_path.joinpath)
    assert languages() == {"en": "English", "eo": "Esperanto"}
    set_language(translation("eo"))
    assert tr("Cancel") == "Nuligi"
    # What nobody stands by, or what is gone, is not said.
    assert tr("Close") == "Close"
    assert tr("Open") == "Open"


@pytest.mark.parametrize(
    ("wanted", "system", "spoken"),
    [
        ("de", [], "de"),
        ("en", ["de-DE"], "en"),
        ("xx", ["de-DE"], "en"),
        ("", ["de-AT", "en-GB"], "de"),
        ("", ["de_CH.UTF-8"], "de"),
        ("", ["fr-FR", "de-DE", "en-US"], "de"),
        ("", ["en-US", "de-DE"], "en"),
        ("", ["fr-FR"], "en"),
        ("", ["es-MX", "es"], "es"),
        ("", ["ja_JP.UTF-8"], "ja"),
        ("", ["zh-Hans-CN", "zh-CN", "zh-Hans", "zh"], "zh_CN"),
        ("", ["zh_SG"], "zh_CN"),
        ("", ["zh-Hans-HK"], "zh_CN"),
        ("", ["zh"], "zh_CN"),
        # Who reads traditional characters is not given simplified ones unasked.
        ("", ["zh-Hant-TW", "zh-TW", "zh-Hant", "zh"], "en"),
        ("", ["zh_HK.UTF-8"], "en"),
        ("", ["zh-Hant-TW", "zh", "ja-JP", "ja"], "ja"),
        ("", ["zh-Hant-TW", "zh", "zh-Hans-CN"], "zh_CN"),
        ("zh_CN", ["zh-Hant-TW"], "zh_CN"),
        ("en_XA", [], "en_XA"),
        ("", ["C"], "en"),
        ("", [""], "en"),
        ("", [], "en"),
    ],
)
def test_the_language_is_the_users_choice_then_the_systems_then_english(
    wanted: str, system: list[str], spoken: str
) -> None:
    assert spoken_language(wanted, system) == spoken


def test_german_is_read_with_its_plurals_and_signs() -> None:
    german = translation("de")
    set_language(german)
    assert tr("Cancel") == "Abbrechen"
    waiting = "{count} picture waits for your decision", "{count} pictures wait for your decision"
    assert plural(*waiting, 1).startswith("{count} Bild ")
    assert plural(*waiting, 0).startswith("{count} Bilder ")
    assert german.info()["x-decimal-sign"] == ","


def test_the_systems_language_serves_where_none_was_chosen() -> None:
    set_language(translation("", ["de-DE"]))
    assert tr("Cancel") == "Abbrechen"
    set_language(translation("", ["en-GB"]))
    assert tr("Cancel") == "Cancel"


def test_english_costs_nothing_at_the_start() -> None:
    code = (
        "import sys; from enhance_gui.storage.settings.translations import languages, translation;"
        "languages(); translation('en'); translation('', ['fr']);"
        "sys.exit('polib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_catalogue_names_its_language_in_its_head() -> None:
    for path in resource("translations").glob("*.po"):
        facts = translation(path.stem).info()
        assert facts["language"] == path.stem
        assert facts["x-own-name"] == languages()[path.stem] != path.stem
        assert facts["x-thousands-sign"]
        assert facts["x-decimal-sign"]
