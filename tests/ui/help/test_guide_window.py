"""The user guide can be read in the program, in each language it has, and its chapters found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from PySide6.QtWidgets import QApplication, QWidget

from enhance_gui.core.resources import resource
from enhance_gui.core.text.i18n import set_language
from enhance_gui.storage.settings.translations import languages, translation
from enhance_gui.ui.help.guide_window import GuideWindow
from enhance_gui.ui.widgets.basics import without_mnemonic

pytestmark = pytest.mark.usefixtures("qapp")

ENGLISH = resource("help/guide.md")
TRANSLATED = sorted(resource("help").glob("guide.*.md"))


def code_of(guide: Path) -> str:
    return guide.name.split(".")[1] if guide != ENGLISH else "en"


@pytest.fixture(params=[ENGLISH, *TRANSLATED], ids=code_of)
def guide(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Each guide, while the window speaks its language."""
    set_language(translation(code_of(request.param)))
    yield request.param
    set_language(None)


def test_every_chapter_is_listed_and_leads_there(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    parent = QWidget()
    window = GuideWindow(parent)
    window.show()
    QApplication.processEvents()
    listed = [window.chapters.item(row).text() for row in range(window.chapters.count())]
    assert listed == re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert len(listed) >= 9
    places = []
    for row in range(window.chapters.count()):
        window.chapters.setCurrentRow(row)
        places.append(window.text.verticalScrollBar().value())
        top = window.text.cursorForPosition(window.text.viewport().rect().topLeft())
        if places[-1] < window.text.verticalScrollBar().maximum():
            assert top.block().text() == listed[row] or top.block().next().text() == listed[row]
    assert places == sorted(places)
    assert places[-1] > places[0]
    window.close()


def test_a_language_without_a_guide_of_its_own_has_the_english_one() -> None:
    (code, *_) = (each for each in ("ar_XB", *languages()) if each not in map(code_of, TRANSLATED))
    set_language(translation(code))
    parent = QWidget()
    window = GuideWindow(parent)
    set_language(None)
    assert window.text.toPlainText().startswith("User guide")


def test_what_it_tells_people_to_press_is_there() -> None:
    """The catalogue of translations holds every text of the window."""
    texts = resource("translations/de.po").read_text(encoding="utf-8")
    labels = {_plain(each) for each in re.findall(r'^msgid "(.*)"$', texts, re.MULTILINE)}
    named = _named(ENGLISH)
    assert len(named) > 20
    assert named - labels == {"address", "token", "in doubt", "F"}


@pytest.mark.parametrize("guide", TRANSLATED, ids=code_of, indirect=True)
def test_a_translation_names_what_is_pressed_as_the_window_does(guide: Path) -> None:
    catalogue = polib.pofile(str(resource(f"translations/{code_of(guide)}.po")))
    texts = {text for each in catalogue for text in (each.msgstr, *each.msgstr_plural.values())}
    named = {each.casefold() for each in _named(guide)}
    assert len(named) > 20
    assert named - {_plain(each).casefold() for each in texts} <= {"f"}


@pytest.mark.parametrize("guide", TRANSLATED, ids=code_of, indirect=True)
def test_a_translation_leaves_nothing_out(guide: Path) -> None:
    written, english = (each.read_text(encoding="utf-8") for each in (guide, ENGLISH))
    for begins in (r"#+ ", r"\d\. ", r"- ", r"\| ", r"```", r"enhance-gui "):
        counts = [len(re.findall(f"^{begins}", each, re.MULTILINE)) for each in (written, english)]
        assert counts[0] == counts[1], begins


def _named(guide: Path) -> set[str]:
    text = guide.read_text(encoding="utf-8")
    return {_plain(part) for each in re.findall(r"\*\*(.+?)\*\*", text) for part in each.split("→")}


def _plain(label: str) -> str:
    return without_mnemonic(label).strip("… ")


def test_nothing_in_it_is_left_as_markdown(guide: Path) -> None:
    parent = QWidget()
    window = GuideWindow(parent)
    shown = window.text.toPlainText()
    assert not re.search(r"\*\*|^#|^\|", shown, re.MULTILINE)
