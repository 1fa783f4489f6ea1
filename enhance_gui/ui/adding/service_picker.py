"""Picks the service, and shows its status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox

from enhance_gui.core.service_errors import SERVICE_DISK_FULL
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.text.explanations import PAUSED, explain_pause
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.core.text.joining import ended, sentences
from enhance_gui.ui.bridges.task_bridge import ServiceStatus, ServiceStatusChanged
from enhance_gui.ui.gallery.texts import service_name
from enhance_gui.ui.widgets.basics import DropDown, plain_tip
from enhance_gui.ui.widgets.fitting import text_px

MANAGE: Final = N_("Services…")

STATE_COLOURS: Final = {
    None: "#8d949b",
    ServiceStatus.STARTING: "#d99a1c",
    ServiceStatus.READY: "#2e9e5b",
    ServiceStatus.OFFLINE: "#d64545",
    ServiceStatus.BUSY: "#d99a1c",
    ServiceStatus.PAUSED: "#d99a1c",
}

_TEXTS: Final = {
    ServiceStatus.STARTING: N_("{name} is being started"),
    ServiceStatus.READY: N_("{name} is ready"),
    ServiceStatus.OFFLINE: N_("{name} cannot be reached; it is tried again from time to time"),
    ServiceStatus.BUSY: N_("{name} is busy; it is tried again later"),
    ServiceStatus.PAUSED: N_("{name}: nothing is sent to it now"),
}

_BRIEF: Final = {
    ServiceStatus.STARTING: N_("Starting"),
    ServiceStatus.READY: N_("Ready"),
    ServiceStatus.OFFLINE: N_("Cannot be reached"),
    ServiceStatus.BUSY: N_("Busy; tried again later"),
    ServiceStatus.PAUSED: N_("Nothing is sent now"),
}


class ServicePicker(DropDown):
    """All services."""

    picked = Signal(str)
    """The name of the service that the user picked."""
    manage = Signal()
    """The user wants the page of the services."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Service"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumWidth(text_px(170))
        self._states: dict[str, ServiceStatusChanged] = {}
        self._chosen = ""
        self.activated.connect(self._activated)

    def show_services(self, profiles: Sequence[ServiceProfile], chosen: str) -> None:
        """Offer these services, one of them picked."""
        self._chosen = chosen
        self.clear()
        for profile in profiles:
            self.addItem(service_name(profile.name), profile.name)
        self.insertSeparator(self.count())
        self.addItem(tr(MANAGE))
        self._show_chosen()
        self._show_states()

    def on_service_status(self, event: ServiceStatusChanged) -> None:
        """Show the status of a service."""
        self._states[event.service] = event
        self._show_states()

    def _show_chosen(self) -> None:
        self.setCurrentIndex(self.findData(self._chosen))

    def _show_states(self) -> None:
        offered = range(self.count() - 2)
        # Until one of them is known they need no room for the dots.
        is_known = any(self.itemData(row) in self._states for row in offered)
        for row in offered:
            name = self.itemData(row)
            state = self._states.get(name)
            self.setItemIcon(row, QIcon(_state_dot(state)) if is_known else QIcon())
            title = service_name(name)
            if state is not None and state.state is not ServiceStatus.READY:
                title = tr("{service} · {state}").format(
                    service=title, state=brief_text(name, state)
                )
            self.setItemText(row, title)
            text = service_text(name, state)
            self.setItemData(row, plain_tip(text), Qt.ItemDataRole.ToolTipRole)
        text = service_text(self._chosen, self._states.get(self._chosen))
        self.setToolTip(plain_tip(text))
        self.setAccessibleDescription(text)

    def _activated(self, row: int) -> None:
        if row == self.count() - 1:
            self._show_chosen()
            self.manage.emit()
        else:
            self.picked.emit(self.itemData(row))


def service_text(name: str, event: ServiceStatusChanged | None) -> str:
    """Return the status of a service in one line."""
    if event is None:
        message = tr("{name}: not asked yet")
        if name == LOCAL_SERVICE_NAME:
            message = tr("{name}: starts when it is needed")
        return message.format(name=service_name(name))
    text = tr(_TEXTS[event.state]).format(name=service_name(name))
    if event.failure is None or event.failure.kind == PAUSED:
        return text
    return sentences(ended(text), explain_pause(event.failure))


def brief_text(name: str, event: ServiceStatusChanged | None) -> str:
    """Return the status of a service in a few words."""
    if event is not None and event.failure is not None and event.failure.kind == SERVICE_DISK_FULL:
        return tr("No room on its disk; tried again later")
    if event is not None:
        return tr(_BRIEF[event.state])
    if name == LOCAL_SERVICE_NAME:
        return tr("Starts when it is needed")
    return tr("Not asked yet")


def _state_dot(event: ServiceStatusChanged | None) -> QPixmap:
    """Draw a dot in the colour of a state; none of a service that was not asked yet."""
    pixmap = QPixmap(QSize(24, 24))
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    if event is None:
        return pixmap
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(STATE_COLOURS[event.state]))
    painter.drawEllipse(QPointF(6, 6), 4.5, 4.5)
    painter.end()
    return pixmap
