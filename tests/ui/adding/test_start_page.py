"""The start page: where pictures are enhanced is chosen with a click anywhere on a card."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from enhance_gui.ui.adding.start_page import ChoiceCard, WhereToEnhance

pytestmark = pytest.mark.usefixtures("qapp")


def test_a_click_on_the_text_of_a_card_chooses_it() -> None:
    question = WhereToEnhance()
    question.show()
    wanted: list[str] = []
    question.local_wanted.connect(lambda: wanted.append("local"))
    question.connect_wanted.connect(lambda: wanted.append("connect"))
    here, there = question.findChildren(ChoiceCard)
    corner = QPoint(there.width() - 8, there.height() - 6)
    QTest.mouseClick(there, Qt.MouseButton.LeftButton, pos=corner)
    assert wanted == ["connect"]
    radio = there.findChild(QRadioButton)
    assert isinstance(radio, QRadioButton)
    assert radio.isChecked()
    QTest.mouseClick(here, Qt.MouseButton.RightButton, pos=corner)
    assert wanted == ["connect"]
    QTest.mousePress(here, Qt.MouseButton.LeftButton, pos=corner)
    QTest.mouseRelease(here, Qt.MouseButton.LeftButton, pos=QPointF(-40, -40).toPoint())
    assert wanted == ["connect"], "let go elsewhere: not chosen"
    QTest.mouseClick(here, Qt.MouseButton.LeftButton, pos=corner)
    assert wanted == ["connect", "local"]
    question.close()
