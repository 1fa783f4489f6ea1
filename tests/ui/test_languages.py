"""The window in each language: no text is cut off, nothing lies over anything else."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QSize, Qt, QTranslator
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.text.i18n import number, set_language
from enhance_gui.core.text.pseudo import ACCENTED, MIRRORED
from enhance_gui.storage.settings.translations import languages, translation
from enhance_gui.ui.services.services_window import ServicesWindow
from enhance_gui.ui.settings.window import SettingsWindow
from enhance_gui.ui.startup.qt_language import _FONTS, speak_qt
from enhance_gui.ui.window.main_window import USUAL_SIZE, MainWindow
from tests.ui.conftest import Run, Wait
from tests.ui.cut_texts import cut_texts, overlaps
from tests.ui.many_states import show_much
from tests.ui.window.open_window import open_window

_LOOKS = 10
_LOOK_S = 0.05

LANGUAGES = [*languages(), ACCENTED, MIRRORED]


@pytest.fixture
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    before = QLocale(), qapp.font()
    set_language(translation(request.param))
    speak_qt(qapp, request.param)
    yield request.param
    set_language(None)
    for translator in qapp.findChildren(QTranslator):
        QCoreApplication.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before[0])
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    qapp.setFont(before[1])


@pytest.fixture
def large_text(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    """Text of so many times the usual size as a user sets for the whole desktop; of twice."""
    before = qapp.font()
    large = QFont(before)
    large.setPointSizeF(getattr(request, "param", 2) * before.pointSizeF())
    qapp.setFont(large)
    yield
    qapp.setFont(before)


_CANCEL = {"de": "Abbrechen", "es": "Cancelar", "ja": "キャンセル", "zh_CN": "取消"}


@pytest.mark.parametrize("language", list(_CANCEL), indirect=True)
def test_qts_own_words_are_of_the_language_too(language: str) -> None:
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == _CANCEL[language]


def test_every_language_but_english_is_asked_for_qts_own_words() -> None:
    assert set(_CANCEL) == set(languages()) - {"en"}


@pytest.mark.parametrize("language", list(_CANCEL), indirect=True)
def test_dates_and_numbers_of_qt_are_of_the_language(language: str) -> None:
    assert QLocale().name().split("_")[0] == language.split("_")[0]
    written = QLocale().toString(1234567.5, "f", 1)
    assert written == number(1234567.5, 1)


@pytest.mark.parametrize("language", ["en", "es", "ja", "zh_CN"], indirect=True)
def test_characters_that_languages_share_have_the_shapes_of_the_chosen_one(
    language: str, qapp: QApplication
) -> None:
    own = [name for name in _FONTS.get(language, ()) if QFontDatabase.hasFamily(name)]
    # Where none of them is installed the font stays as it is.
    assert qapp.font().families()[1:] == own[:1]


@pytest.mark.parametrize("language", [*_CANCEL, "en"], indirect=True)
def test_each_entry_of_a_menu_has_a_mnemonic_of_its_own(
    language: str, arun: Run, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            bar = opened.window.menuBar()
            menus = [bar.actions(), *(menu.actions() for menu in bar.findChildren(QMenu))]
            for actions in menus:
                texts = " ".join(action.text() for action in actions)
                letters = Counter(re.findall(r"&(\w)", texts.lower()))
                assert [each for each, count in letters.items() if count > 1] == [], texts

    arun(job())


async def _look(top: QWidget, found: set[str]) -> None:
    """Add what is wrong with a window, once its layout has had time to settle."""
    for _ in range(_LOOKS):
        faults = [*cut_texts(top), *overlaps(top)]
        if not faults:
            return
        await asyncio.sleep(_LOOK_S)
    found.update(faults)


async def _faults(window: MainWindow, until: Wait) -> list[str]:
    """Return what is wrong in any window, and on any page of it."""
    found: set[str] = set()
    await _look(window, found)
    settings, services = map(window.side_windows.shown, ("settings", "services"))
    assert isinstance(settings, SettingsWindow)
    assert isinstance(services, ServicesWindow)
    for row in range(settings.list.count()):
        settings.list.setCurrentRow(row)
        await _look(settings, found)
    await until(lambda: services.list.count() > 1, "the services")
    for row in range(services.list.count()):
        services.list.setCurrentRow(row)
        await _look(services, found)
    services.new.click()
    await _look(services, found)
    window.side_windows.choices.choose_service(LOCAL_SERVICE_NAME)
    for id_ in (1, 3, 4):
        window.pages.open(id_)
        await _look(window, found)
    window.pages.setCurrentWidget(window.pages.start)
    await _look(window, found)
    return sorted(found)


async def _assert_whole(folder: Path, until: Wait, smallest: QSize | None = None) -> None:
    """Look at all windows.

    :param smallest: which all have on a large screen, where the tests' one is too small.
    """
    async with open_window(folder) as opened:
        window = await show_much(opened, until)
        for each in (window, *window.findChildren(QDialog)):
            each.resize(each.size().expandedTo(smallest or each.size()))
        faults = await _faults(window, until)
        assert faults == [], "\n".join(faults)


@pytest.mark.parametrize("language", LANGUAGES, indirect=True)
def test_no_text_is_cut_off_and_nothing_overlaps(
    language: str, arun: Run, until: Wait, tmp_path: Path
) -> None:
    arun(_assert_whole(tmp_path, until))


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "de", "zh_CN"], indirect=True)
def test_text_of_twice_the_size_is_whole_too(
    large_text: None, language: str, arun: Run, until: Wait, tmp_path: Path
) -> None:
    arun(_assert_whole(tmp_path, until, QSize(1780, 1000)))


_SMALL = [(2, USUAL_SIZE), (2, QSize(1358, 728)), (1.5, QSize(1024, 640))]
"""The size of text, and that of every window: the usual one, and what small screens leave."""


@pytest.mark.long
@pytest.mark.parametrize(("large_text", "size"), _SMALL, indirect=["large_text"])
@pytest.mark.parametrize("language", ["de", "es", ACCENTED, MIRRORED], indirect=True)
def test_large_text_is_whole_in_small_windows_too(
    large_text: None, size: QSize, language: str, arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            window = await show_much(opened, until)
            for each in (window, *window.findChildren(QDialog)):
                each.resize(size)
            faults = await _faults(window, until)
            assert faults == [], "\n".join(faults)
            # Nor does what it holds make it larger than its screen.
            assert window.size() == size

    arun(job())
