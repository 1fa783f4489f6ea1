"""What others write is shown as text: Qt reads nothing of it as HTML, and opens no file for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, qInstallMessageHandler
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from enhance_gui.core.service_errors import BalanceTooLow
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.task import Failure
from enhance_gui.jobs.events import ServiceStatus, ServiceStatusChanged
from enhance_gui.ui.adding.service_picker import ServicePicker
from enhance_gui.ui.adding.type_picker import TypePicker
from enhance_gui.ui.widgets.basics import ElidedLabel, button, label, plain_tip
from tests.support.source.foreign_text import breaches

pytestmark = pytest.mark.usefixtures("qapp")

UI = Path(__file__).resolve().parents[3] / "enhance_gui" / "ui"


def test_no_place_of_the_window_may_show_foreign_text_as_html() -> None:
    own = ("guide_window.py", "about_window.py")
    assert breaches(UI, labels_in="basics.py", own_text_in=own) == []


@pytest.mark.parametrize(
    "planted",
    [
        "box.setToolTip(words)",
        "box.setToolTip(tr('about {name}').format(name=name))",
        "box.setToolTip(f'about {name}')",
        "box.setToolTip('' if known else words)",
        "box.setWhatsThis(words)",
        "box.setItemData(0, words, Qt.ItemDataRole.ToolTipRole)",
        "item.setData(Qt.ItemDataRole.ToolTipRole, words)",
        "def data(self, role):\n    if role == Qt.ItemDataRole.ToolTipRole:\n        return words",
        "def data(self, role):\n    return {Qt.ItemDataRole.ToolTipRole: words}[role]",
        "QLabel(words)",
        "QMessageBox.warning(None, title, words)",
        "page.setHtml(words)",
        "made.setTextFormat(Qt.TextFormat.RichText)",
    ],
)
def test_a_planted_place_is_found(planted: str, tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(planted)
    assert len(breaches(tmp_path, labels_in="basics.py")) == 1


@pytest.mark.parametrize(
    "fine",
    [
        "box.setToolTip(tr('Open a file'))",
        "box.setToolTip(plain_tip(words))",
        "box.setToolTip('' if known else plain_tip(words))",
        "box.setItemData(0, plain_tip(words), Qt.ItemDataRole.ToolTipRole)",
    ],
)
def test_what_is_plain_is_no_breach(fine: str, tmp_path: Path) -> None:
    (tmp_path / "fine.py").write_text(fine)
    assert breaches(tmp_path, labels_in="basics.py") == []


class Trap:
    """A named pipe that knows whether anybody has opened it; nobody is held up by it for long."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "trap.png"
        os.mkfifo(self.path)
        self._mark = folder / "opened"
        # A process, since Qt holds Python's lock while it reads, and opens it more than once.
        serve = 'while :; do exec 3> "$0"; : > "$1"; exec 3>&-; done'
        self._server = subprocess.Popen(["/bin/sh", "-c", serve, self.path, self._mark])

    @property
    def was_opened(self) -> bool:
        return self._mark.exists()

    def end(self) -> None:
        self._server.kill()
        self._server.wait()


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    if sys.platform == "win32":
        pytest.skip("Windows has no pipes among its files")
    made = Trap(tmp_path)
    yield made
    made.end()


def shown_tip(widget: QWidget, place: QPoint) -> str:
    """Rest the mouse on a place of a widget; return the tip that is really shown."""
    QToolTip.hideText()
    event = QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)
    QApplication.processEvents()
    return QToolTip.text()


def test_the_trap_catches_a_tip_that_is_html(trap: Trap) -> None:
    widget = label("shown")
    widget.setToolTip(f"<img src='{trap.path}'>")
    widget.show()
    complaints = qInstallMessageHandler(lambda *_: None)  # Qt's, that a pipe is no picture
    try:
        shown_tip(widget, QPoint(2, 2))
    finally:
        qInstallMessageHandler(complaints)
    assert trap.was_opened


def test_the_words_of_a_service_open_no_file_where_its_row_has_the_mouse(trap: Trap) -> None:
    picker = ServicePicker()
    picker.show_services([ServiceProfile("Nice", "https://nice.example")], "Nice")
    said = BalanceTooLow(f"the service says: Top up <img src='{trap.path}'> now", code=1003002)
    picker.on_service_status(ServiceStatusChanged("Nice", ServiceStatus.PAUSED, Failure.of(said)))
    picker.show()
    picker.showPopup()
    view = picker.view()
    first = view.visualRect(view.model().index(0, 0)).center()
    for tip in (shown_tip(view.viewport(), first), shown_tip(picker, QPoint(5, 5))):
        assert "Top up ‹img" in tip
    picker.hidePopup()
    assert not trap.was_opened


def test_the_description_of_a_type_opens_no_file(trap: Trap) -> None:
    kind = EnhanceType(1, "Enhance", f"<b>bold</b><img src='{trap.path}'>")
    picker = TypePicker()
    picker.show_types(ServiceProfile("Nice", "https://n.example", enhance_types=(kind,)), kind)
    picker.show()
    assert shown_tip(picker, QPoint(5, 5)).startswith("‹b>bold‹/b>‹img")
    assert not trap.was_opened


def test_small_widgets_take_every_tip_as_text(trap: Trap) -> None:
    words = f"<img src='{trap.path}'>" * 3
    narrow = ElidedLabel()
    narrow.show_text(words)
    narrow.resize(40, 20)
    for widget in (button("Go", tip=words), narrow):
        widget.show()
        widget.grab()
        assert shown_tip(widget, QPoint(3, 3)).startswith("‹img")
    assert not trap.was_opened


def test_a_long_tip_is_broken_into_lines() -> None:
    tip = plain_tip("word " * 100, "https://example.org/" + "a" * 500)
    assert max(map(len, tip.splitlines())) <= 100
