"""Windows lie on the screen, wherever and however large they were left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QWidget

from enhance_gui.ui.widgets.fitting import keep_on_screen

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.mark.parametrize(
    ("size", "place"),
    [
        (QSize(1843, 1216), QPoint(40, 30)),
        (QSize(500, 300), QPoint(700, 650)),
        (QSize(500, 300), QPoint(-200, -50)),
        (QSize(5000, 200), QPoint(-3000, 0)),
    ],
)
def test_all_of_it_is_seen(size: QSize, place: QPoint) -> None:
    window = QWidget()
    screen = window.screen().availableGeometry()
    assert screen.width() < 1843
    window.resize(size)
    window.move(place)
    keep_on_screen(window)
    assert screen.contains(window.geometry())
    if size.width() < screen.width():
        assert window.size() == size, "no smaller than it has to be"


def test_what_fits_stays_as_it_was() -> None:
    window = QWidget()
    window.setGeometry(20, 50, 400, 300)
    before = window.geometry()
    keep_on_screen(window)
    assert window.geometry() == before


def test_a_window_that_fills_the_screen_keeps_its_size_for_later() -> None:
    window = QWidget()
    window.resize(500, 300)
    window.showFullScreen()
    keep_on_screen(window)
    assert window.isFullScreen()
    window.close()
