"""Windows lie on the screen, wherever and however large they were left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget

from enhance_gui.ui.widgets.fitting import keep_on_screen, resize_to_fit, text_px

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


def test_lengths_grow_with_the_text_and_never_shrink(qapp: QApplication) -> None:
    before = qapp.font()
    try:
        for size_px, wanted in ((12, 100), (24, 200), (15, 125), (9, 100)):
            font = QFont(before)
            font.setPixelSize(size_px)
            qapp.setFont(font)
            assert text_px(100) == wanted
            window = QWidget()
            resize_to_fit(window, QSize(200, 100))
            assert window.size() == QSize(2 * wanted, wanted)
    finally:
        qapp.setFont(before)


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
