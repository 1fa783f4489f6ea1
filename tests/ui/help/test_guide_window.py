"""The user guide can be read in the program, and its chapters found."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from enhance_gui.core.resources import resource
from enhance_gui.ui.help.guide_window import GuideWindow

pytestmark = pytest.mark.usefixtures("qapp")


def test_every_chapter_is_listed_and_leads_there() -> None:
    text = resource("help/guide.md").read_text(encoding="utf-8")
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


def test_what_it_tells_people_to_press_is_there() -> None:
    """The catalogue of translations holds every text of the window."""
    texts = resource("translations/de.po").read_text(encoding="utf-8")
    labels = {_plain(each) for each in re.findall(r'^msgid "(.*)"$', texts, re.MULTILINE)}
    guide = resource("help/guide.md").read_text(encoding="utf-8")
    named = {
        _plain(part) for each in re.findall(r"\*\*(.+?)\*\*", guide) for part in each.split("→")
    }
    assert len(named) > 20
    assert named - labels == {"address", "token", "in doubt", "F"}


def _plain(label: str) -> str:
    return label.replace("&", "").strip("… ")


def test_nothing_in_it_is_left_as_markdown() -> None:
    parent = QWidget()
    window = GuideWindow(parent)
    shown = window.text.toPlainText()
    assert not re.search(r"\*\*|^#|^\|", shown, re.MULTILINE)
