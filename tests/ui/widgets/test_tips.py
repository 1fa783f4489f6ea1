"""Tips can be read: their text stands out from what is behind it, in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip, QWidget

from enhance_gui.core.settings.preferences import Theme
from enhance_gui.ui.widgets.theme import ThemeManager

MIN_CONTRAST = 4.5
"""Of text (WCAG 2.2, 1.4.3)."""


@pytest.fixture
def button(qapp: QApplication) -> Iterator[QWidget]:
    made = QPushButton("Open")
    made.show()
    yield made
    QToolTip.hideText()
    made.deleteLater()


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_a_tip_can_be_read(qapp: QApplication, button: QWidget, theme: Theme) -> None:
    ThemeManager(qapp, theme)
    QToolTip.showText(QPoint(10, 10), "Choose pictures on this computer", button)
    (tip,) = [widget for widget in qapp.topLevelWidgets() if widget.inherits("QTipLabel")]
    image = tip.grab().toImage()
    light = sorted(
        light_of(image.pixelColor(x, y))
        for x in range(image.width())
        for y in range(image.height())
    )
    assert (light[-1] + 0.05) / (light[0] + 0.05) > MIN_CONTRAST


def light_of(colour: QColor) -> float:
    red, green, blue = (
        number / 12.92 if number <= 0.04045 else ((number + 0.055) / 1.055) ** 2.4
        for number in (colour.redF(), colour.greenF(), colour.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
