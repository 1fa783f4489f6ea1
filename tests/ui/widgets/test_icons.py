"""Icons are drawn in the colours that are asked for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from enhance_gui.core.resources import resource
from enhance_gui.ui.widgets.icons import draw_icon

NAMES = sorted(path.stem for path in resource("icons").glob("*.svg") if "-" not in path.stem)


@pytest.mark.parametrize("ink", ["white", "#0b63ce"])
@pytest.mark.parametrize("name", NAMES)
def test_an_icon_has_the_colours_of_its_ink_and_its_paper(
    qapp: QApplication, name: str, ink: str
) -> None:
    paper = QColor("black")
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(paper)
    painter = QPainter(image)
    draw_icon(painter, QRectF(0, 0, 64, 64), name, QColor(ink), paper)
    painter.end()
    seen = {image.pixelColor(x, y).name() for x in range(64) for y in range(64)}
    assert QColor(ink).name() in seen
    assert paper.name() in seen
    # Between the two there is only what is mixed of them.
    hues = {QColor(each).hsvHue() for each in seen if QColor(each).value() > 64}
    assert max(hues) - min(hues) < 12
