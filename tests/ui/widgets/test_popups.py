"""What pops up has colours of its own: they hold whatever the rest of the screen looks like."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QStyleOptionComboBox, QWidget

from enhance_gui.core.resources import resource
from enhance_gui.core.settings.preferences import Theme
from enhance_gui.ui.widgets.basics import DropDown
from enhance_gui.ui.widgets.theme import ThemeManager
from tests.ui.widgets.test_tips import MIN_CONTRAST, light_of

POPUPS = ("QToolTip", "QMenu", "QComboBox QAbstractItemView")


@pytest.mark.parametrize("selector", POPUPS)
def test_every_popup_names_its_ground_and_its_ink(selector: str) -> None:
    sheet = resource("style/window.qss").read_text("utf-8")
    (rule,) = re.findall(rf"^{re.escape(selector)} \{{([^}}]*)\}}", sheet, re.MULTILINE)
    keys = [line.split(":")[0].strip() for line in rule.split(";") if line.strip()]
    assert {"background", "color"} <= set(keys)


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_the_list_of_a_box_can_be_read(qapp: QApplication, theme: Theme) -> None:
    ThemeManager(qapp, theme)
    box = QComboBox()
    box.addItems(["This computer", "Studio"])
    box.show()
    box.showPopup()
    assert contrast(box.view().viewport()) > MIN_CONTRAST
    box.hidePopup()
    box.deleteLater()


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_a_menu_can_be_read(qapp: QApplication, theme: Theme) -> None:
    ThemeManager(qapp, theme)
    menu = QMenu()
    menu.addAction("Save as")
    menu.popup(QPoint(10, 10))
    assert contrast(menu) > MIN_CONTRAST
    menu.close()
    menu.deleteLater()


def contrast(shown: QWidget) -> float:
    """Return the contrast of the lightest and the darkest pixel, rims left out."""
    image = shown.grab().toImage()
    light = sorted(
        light_of(image.pixelColor(x, y))
        for x in range(6, image.width() - 6)
        for y in range(6, image.height() - 6)
    )
    return (light[-1] + 0.05) / (light[0] + 0.05)


def test_entries_of_a_drop_down_have_room_and_separators_little(qapp: QApplication) -> None:
    ThemeManager(qapp, Theme.LIGHT)
    box = DropDown()
    box.addItems(["This computer", "Studio"])
    box.insertSeparator(2)
    box.show()
    box.showPopup()
    line = box.fontMetrics().height()
    assert box.view().sizeHintForRow(0) >= line + 10
    assert box.view().sizeHintForRow(2) < line
    box.hidePopup()
    box.deleteLater()


def test_a_text_that_has_no_room_is_cut_where_that_is_seen(qapp: QApplication) -> None:
    ThemeManager(qapp, Theme.LIGHT)
    box = DropDown()
    box.addItem("Colorize Black White Photo · 8:15 PM")
    option = QStyleOptionComboBox()
    for width, is_cut in ((180, True), (box.sizeHint().width(), False)):
        box.resize(width, box.sizeHint().height())
        box.initStyleOption(option)
        begin, _, end = option.currentText.partition("…")
        assert box.currentText().startswith(begin)
        assert ("…" in option.currentText) is is_cut
        assert not is_cut or (end and box.currentText().endswith(end))
    box.deleteLater()
