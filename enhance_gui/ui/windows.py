"""The smaller windows beside the main one. None is modal; each exists once at most."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QScrollArea, QWidget

from enhance_gui import __version__
from enhance_gui.ui.bridge import Bridge
from enhance_gui.ui.choices import Choices
from enhance_gui.ui.commands import COMMANDS
from enhance_gui.ui.services_window import ServicesWindow
from enhance_gui.ui.settings_window import SettingsWindow
from enhance_gui.ui.theme import Look
from enhance_gui.ui.widgets import button, column, label, row


class SideWindows(QObject):
    """Opens them, or brings them to the front."""

    def __init__(self, window: QWidget, choices: Choices, look: Look, bridge: Bridge) -> None:
        super().__init__(window)
        self._window = window
        self.choices = choices
        self._look = look
        self._bridge = bridge
        self._open: dict[str, QDialog] = {}

    def settings(self) -> None:
        self._show("settings", lambda: SettingsWindow(self._window, self.choices, self._look))

    def services(self) -> None:
        self._show("services", lambda: ServicesWindow(self._window, self.choices, self._bridge))

    def shortcuts(self) -> None:
        self._show("shortcuts", lambda: _shortcuts(self._window))

    def about(self) -> None:
        self._show("about", lambda: _about(self._window))

    def shown(self, name: str) -> QDialog:
        """Return the open window of this name."""
        return self._open[name]

    def _show(self, name: str, make: Callable[[], QDialog]) -> None:
        dialog = self._open.get(name)
        if dialog is None:
            dialog = make()
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.destroyed.connect(lambda: self._open.pop(name, None))
            self._open[name] = dialog
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()


_IN_THE_PICTURE = (
    ("← →", "Move the divider"),
    ("Home, End", "Divider to the edge"),
    ("Space", "Change over, one picture at a time"),
    ("+ −", "Zoom"),
    ("0", "Whole picture"),
    ("1", "100 %"),
    ("Esc", "Back to the list"),
)


def _shortcuts(parent: QWidget) -> QDialog:
    dialog = QDialog(parent)
    dialog.setWindowTitle("Keyboard")
    dialog.resize(460, 560)
    grid = QGridLayout()
    grid.setHorizontalSpacing(28)
    lines = [
        (
            QKeySequence(each.shortcut).toString(QKeySequence.SequenceFormat.NativeText),
            each.text.replace("&", "").rstrip("…"),
        )
        for each in COMMANDS
    ]
    for number, (keys, words) in enumerate((*lines, *_IN_THE_PICTURE)):
        grid.addWidget(label(words), number, 0)
        grid.addWidget(label(keys, "quiet"), number, 1)
    inside = QWidget()
    inside.setLayout(grid)
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setAccessibleName("Keys")
    layout = column(area)
    layout.setContentsMargins(20, 16, 12, 16)
    dialog.setLayout(layout)
    return dialog


def _about(parent: QWidget) -> QDialog:
    dialog = QDialog(parent)
    dialog.setWindowTitle("About Enhance GUI")
    close = button("Close")
    close.clicked.connect(dialog.close)
    layout = column(
        label("Enhance GUI", "title"),
        label(f"Version {__version__}", "quiet"),
        label(
            "Enhances pictures on this computer or through a service. Never pays twice, never "
            "loses a task, never overwrites a file.",
            wraps=True,
        ),
        spacing=8,
    )
    layout.addSpacing(12)
    layout.addLayout(row(None, close))
    layout.setContentsMargins(28, 24, 28, 20)
    dialog.setLayout(layout)
    dialog.setMinimumWidth(420)
    return dialog
