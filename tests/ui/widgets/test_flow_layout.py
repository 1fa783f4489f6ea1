"""A text and its buttons: beside each other where there is room, else one below the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from enhance_gui.ui.widgets.basics import button, label
from enhance_gui.ui.widgets.flow_layout import TextAndButtons

_WORDS = "so many words that they need more than one line " * 4


@pytest.fixture
def ground(qapp: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    yield made
    made.deleteLater()


def _placed(ground: QWidget, width: int) -> tuple[QWidget, list[QPushButton], int]:
    """Return the text, the buttons, and the height that they need in a width."""
    text = label(_WORDS, wraps=True)
    buttons = [button("Wait"), button("Send again"), button("Hidden")]
    layout = TextAndButtons(text, *buttons)
    ground.setLayout(layout)
    buttons[2].hide()
    height = layout.heightForWidth(width)
    layout.setGeometry(QRect(0, 0, width, height))
    return text, buttons[:2], height


def test_buttons_stand_beside_the_text_where_it_keeps_enough_room(ground: QWidget) -> None:
    text, buttons, height = _placed(ground, 900)
    assert text.geometry().right() < buttons[0].x() < buttons[1].x()
    assert buttons[1].geometry().right() == 899
    assert text.height() == height >= text.heightForWidth(text.width())


@pytest.mark.parametrize("width", [300, 130])
def test_in_a_narrow_place_the_buttons_stand_below_the_text(ground: QWidget, width: int) -> None:
    text, buttons, height = _placed(ground, width)
    assert text.width() == width
    assert text.height() >= text.heightForWidth(width)
    assert text.geometry().bottom() < buttons[0].y()
    # Nor do they stick out: what has no room goes into the next line.
    assert all(each.geometry().right() < width for each in buttons)
    assert max(each.geometry().bottom() for each in buttons) == height - 1
