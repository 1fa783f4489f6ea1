"""Picks the service, and shows how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox

from enhance_gui.core.explanations import explain, sentence
from enhance_gui.core.profiles import BUNDLED_SERVICE_NAME, ServiceProfile
from enhance_gui.ui.bridge import LineChanged, LineState

MANAGE: Final = "Services…"

_COLOURS: Final = {
    None: "#8d949b",
    LineState.STARTING: "#d99a1c",
    LineState.READY: "#2e9e5b",
    LineState.OFFLINE: "#d64545",
    LineState.BUSY: "#d99a1c",
    LineState.PAUSED: "#d99a1c",
}

_WORDS: Final = {
    LineState.STARTING: "is being started",
    LineState.READY: "is ready",
    LineState.OFFLINE: "cannot be reached; it is tried again from time to time",
    LineState.BUSY: "asked to be asked later",
    LineState.PAUSED: "nothing is sent to it now",
}


class ServicePicker(QComboBox):
    """All services."""

    picked = Signal(str)
    """The name of the service that the user picked."""
    manage = Signal()
    """The user wants the page of the services."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Service")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumWidth(170)
        self._states: dict[str, LineChanged] = {}
        self._chosen = ""
        self.activated.connect(self._activated)

    def show_services(self, profiles: Sequence[ServiceProfile], chosen: str) -> None:
        """Offer these services, one of them picked."""
        self._chosen = chosen
        self.clear()
        for profile in profiles:
            self.addItem(profile.name)
        self.insertSeparator(self.count())
        self.addItem(MANAGE)
        self.setCurrentIndex([profile.name for profile in profiles].index(chosen))
        self._show_states()

    def hear(self, event: LineChanged) -> None:
        """Show how a service stands."""
        self._states[event.service] = event
        self._show_states()

    def _show_states(self) -> None:
        for row in range(self.count() - 2):
            name = self.itemText(row)
            state = self._states.get(name)
            self.setItemIcon(row, _dot(_COLOURS[state.state if state else None]))
            self.setItemData(row, service_words(name, state), Qt.ItemDataRole.ToolTipRole)
        words = service_words(self._chosen, self._states.get(self._chosen))
        self.setToolTip(words.replace("<", "‹"))
        self.setAccessibleDescription(words)

    def _activated(self, row: int) -> None:
        if self.itemText(row) == MANAGE and row == self.count() - 1:
            self.setCurrentText(self._chosen)
            self.manage.emit()
        else:
            self.picked.emit(self.itemText(row))


def service_words(name: str, event: LineChanged | None) -> str:
    """Say in one line how a service stands."""
    if event is None:
        rest = "starts when it is needed" if name == BUNDLED_SERVICE_NAME else "not asked yet"
        return f"{name}: {rest}"
    words = f"{name} {_WORDS[event.state]}"
    if event.failure is None or event.failure.kind == "paused":
        return words
    return f"{words}. {sentence(event.failure)}. {explain(event.failure).next_step}"


def _dot(colour: str) -> QIcon:
    pixmap = QPixmap(QSize(24, 24))
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(QPointF(6, 6), 4.5, 4.5)
    painter.end()
    return QIcon(pixmap)
