"""The window in German: no English word is left in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QGroupBox,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPlainTextEdit,
    QTabWidget,
    QWidget,
)

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.resources import resource
from enhance_gui.core.services.profile import profile_from_mapping
from enhance_gui.core.settings.network import proxy_problem
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.detail import shown
from enhance_gui.core.text.i18n import set_language, tr
from enhance_gui.core.text.pseudo import ACCENTED, PseudoLanguage
from enhance_gui.jobs.services.network import ca_file_problem
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.settings.preferences_file import write_preferences
from enhance_gui.storage.settings.translations import translation
from enhance_gui.ui.startup.qt_language import speak_qt
from enhance_gui.ui.window.task_actions import details
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task
from tests.ui.many_states import show_much
from tests.ui.running import program
from tests.ui.window.open_window import open_window

_FEWEST_LETTERS = 8
"""A text with changing parts is looked for where this much of it never changes."""


_FIELD = r"\{[^{}]*\}"

_catalogue = cache(translation)


@pytest.fixture(autouse=True)
def german(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    set_language(_catalogue("de"))
    speak_qt(qapp, "de")
    yield
    set_language(None)
    for translator in qapp.findChildren(QTranslator):
        QCoreApplication.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)


# -- what stands in a window ----------------------------------------------------------------------


def texts_of(top: QWidget) -> Iterator[tuple[str, str]]:
    """Return every text of a window and of all in it, with the kind of its widget."""
    for widget in (top, *top.findChildren(QWidget)):
        for text in _own_texts(widget):
            yield type(widget).__name__, text
    for action in top.findChildren(QAction):
        yield "QAction", action.text()


def _own_texts(widget: QWidget) -> Iterator[str]:
    yield widget.windowTitle()
    yield widget.toolTip()
    yield widget.accessibleName()
    yield widget.accessibleDescription()
    if isinstance(widget, QAbstractButton | QLabel):
        yield widget.text()
    if isinstance(widget, QGroupBox | QMenu):
        yield widget.title()
    if isinstance(widget, QLineEdit | QPlainTextEdit):
        yield widget.placeholderText()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(row) for row in range(widget.count()))
    if isinstance(widget, QTabWidget):
        yield from (widget.tabText(row) for row in range(widget.count()))
    if isinstance(widget, QListView) and widget.model() is not None:
        model = widget.model()
        yield from (str(model.index(row, 0).data() or "") for row in range(model.rowCount()))


def _english() -> list[tuple[str, re.Pattern[str]]]:
    """Return each English text that German says otherwise, with what finds it."""
    catalogue = polib.pofile(str(resource("translations/de.po")), encoding="utf-8")
    found = []
    german = {text for entry in catalogue for text in _said(entry)}
    for entry in catalogue:
        for english in filter(None, (entry.msgid, entry.msgid_plural)):
            fixed = re.sub(_FIELD, "", english)
            is_whole = fixed == english
            letters = sum(sign.isalpha() for sign in fixed)
            if english not in german and (is_whole or letters >= _FEWEST_LETTERS):
                found.append((english, _finder(english)))
    return found


def _said(entry: polib.POEntry) -> list[str]:
    return [entry.msgstr, *entry.msgstr_plural.values()]


def _finder(english: str) -> re.Pattern[str]:
    plain = re.escape(english.replace("&", "")).replace(r"\{", "{").replace(r"\}", "}")
    return re.compile(re.sub(_FIELD, ".+", plain), re.DOTALL)


def english_words_in(top: QWidget) -> list[str]:
    known = _english()
    found = set()
    for kind, text in texts_of(top):
        plain = text.replace("&", "").strip()
        for english, finder in known:
            if plain and finder.fullmatch(plain):
                found.add(f"{kind}: {text!r} (from {english!r})")
    return sorted(found)


_DATA = re.compile(
    r"curl -X POST (?:.|\n)+|X-Client: studio|version: 2|picurl: image_url"
    r"|GET|POST|PUT|token|jpg, png, webp, bmp|1 Enhance, 2 Colorize|https?://\S+|/\S+|[a-f]\.png"
    r"|</?a(?: href=\"[^\"]+\")?>"
    r"|enhance-gui \d.+|Studio|Enhance GUI|Enhance|The studio's own\.|English|Deutsch"
    r"|\{\w+\}|\b(Ctrl|Alt|Shift|Strg|Umschalt)\+.*|Esc|F1|F11|\d+(\.\d+)* ?[kM]?B?|×"
)
"""What no language says otherwise: names, addresses, keys, numbers."""


def texts_past_the_translation(top: QWidget) -> list[str]:
    """Return the texts of which a part went around the translation."""
    found = set()
    for kind, text in texts_of(top):
        rest, before = text.replace("&", ""), ""
        while rest != before:
            rest, before = re.sub(r"⟦[^⟦⟧]*⟧", "", rest), rest
        if any(sign.isalpha() for sign in _DATA.sub("", rest)):
            found.add(f"{kind}: {text!r}")
    return sorted(found)


# -- the promises ---------------------------------------------------------------------------------


def test_the_program_speaks_the_language_that_was_chosen(arun: Run) -> None:
    set_language(None)
    QLocale.setDefault(QLocale("en"))
    write_preferences(user_folders().preferences, Preferences(language="de", welcomed=True))

    async def job() -> None:
        async with program() as window:
            titles = [action.text() for action in window.menuBar().actions()]
            assert titles[0] == "&Datei"
            assert window.side_windows.choices.languages["de"] == "Deutsch"
            assert QLocale().language() is QLocale.Language.German

    arun(job())


def test_without_a_choice_it_speaks_the_systems_language(arun: Run) -> None:
    async def job() -> None:
        async with program() as window:
            titles = [action.text() for action in window.menuBar().actions()]
            assert titles[0] == "&File"

    arun(job())


def test_no_english_text_is_left_in_any_window(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            window = await show_much(opened, until)
            assert english_words_in(window) == []
            window.pages.open(4)
            assert english_words_in(window) == []

    arun(job())


def test_an_english_text_would_be_found(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            set_language(None)
            opened.window.side_windows.about()
            (dialog,) = opened.window.findChildren(QDialog)
            found = english_words_in(dialog)
            assert any("Never pays twice" in line for line in found)
            assert any("Close" in line for line in found)

    arun(job())


def test_every_text_passes_through_the_translation(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        set_language(PseudoLanguage(ACCENTED))
        async with open_window(tmp_path) as opened:
            window = await show_much(opened, until)
            assert texts_past_the_translation(window) == []
            window.pages.open(4)
            assert texts_past_the_translation(window) == []

    arun(job())


def test_what_is_wrong_with_a_picture_is_said_in_german_to_the_end(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            await show_much(opened, until)
            result_page = opened.window.pages.result_page
            opened.window.pages.open(4)
            said = " ".join(label.text() for label in result_page.findChildren(QLabel))
            assert "Es hat 41,3 MB; der Dienst nimmt höchstens 20,0 MB." in said

    arun(job())


def test_details_for_a_message_are_english_whatever_the_window_speaks() -> None:
    failed = task(state=TaskState.FAILED, failure=Failure("picture_missing", "it is a folder"))
    assert "Problem: The file cannot be read: it is a folder" in details(failed)


def test_qts_own_words_are_german_too(qapp: QApplication) -> None:
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    dialog = QFileDialog()
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    texts = {button.text().replace("&", "") for button in dialog.findChildren(QAbstractButton)}
    assert "Abbrechen" in texts
    dialog.deleteLater()


def test_dates_and_numbers_of_qt_are_german(qapp: QApplication) -> None:
    assert QLocale().language() is QLocale.Language.German
    assert QLocale().toString(1234.5, "f", 1) == "1.234,5"


def test_what_is_wrong_with_a_value_is_said_in_german(qapp: QApplication) -> None:
    for recipe in ("{nonsense}", "{taskid", "}"):
        data = {"name": "A", "base_url": "https://a.example", "callback": {"md5": recipe}}
        with pytest.raises(ProfileInvalid) as caught:
            profile_from_mapping(data, "A")
        assert re.search("kein (Feld|Rezept)", shown(caught.value.reason)), recipe
    for proxy in ("socks5://a", "http://", "http://a:b@c", "http://a/b"):
        problem = proxy_problem(proxy)
        assert tr(problem) != problem


def test_what_is_wrong_with_a_file_of_certificates_is_said_in_german(
    qapp: QApplication, tmp_path: Path
) -> None:
    file = tmp_path / "a.pem"
    for content in (b"none", b"-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n"):
        file.write_bytes(content)
        problem = ca_file_problem(file)
        assert shown(problem) != problem


# -- words that were chosen with care -------------------------------------------------------------


def test_it_says_what_germans_say() -> None:
    expected = {
        "Save results automatically": "Ergebnisse automatisch speichern",
        "Automatic": "Automatisch",
        "Send the pictures (Ctrl+Return)": "Die Bilder senden (Strg+Eingabe)",
        "Needs attention": "Rückfragen",
        "History": "Verlauf",
    }
    assert {english: tr(english) for english in expected} == expected


def test_its_keys_have_the_names_that_are_on_them() -> None:
    native = QKeySequence.SequenceFormat.NativeText
    for keys, expected in (("Ctrl+Return", "Strg+Eingabe"), ("Ctrl+Shift+Backspace", "Strg+Umsch")):
        assert QKeySequence(keys).toString(native).startswith(expected)
    for entry in polib.pofile(str(resource("translations/de.po"))):
        if not entry.obsolete:
            assert not re.search(r"Ctrl|Return|Backspace", entry.msgstr), entry.msgid
