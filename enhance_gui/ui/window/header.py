"""The line at the top: enhance type and service for new pictures."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.adding.service_picker import ServicePicker
from enhance_gui.ui.adding.type_picker import TypePicker
from enhance_gui.ui.widgets.basics import button, label, row

_SPACING_PX: Final = 10


class Header(QFrame):
    """Holds the pickers of enhance type and service, and the buttons that add pictures."""

    open_wanted = Signal()
    add_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self.setProperty("kind", "top-bar")
        self.setAccessibleName(tr("What to do with new pictures"))
        self._choices = choices
        self.types = TypePicker()
        self.services = ServicePicker()
        self.types.picked.connect(choices.choose_type)
        self.services.picked.connect(choices.choose_service)
        choices.changed.connect(self._show)
        types_label, services_label = label(tr("Enhance type"), "quiet"), label(tr("on"), "quiet")
        types_label.setBuddy(self.types)
        services_label.setBuddy(self.services)
        opened = button(tr("Open pictures…"), tip=tr("Choose files on this computer (Ctrl+O)"))
        added = button(tr("Addresses…"), tip=tr("Type or paste many addresses (Ctrl+N)"))
        settings = button(tr("Settings"), "plain", tip=tr("Folder, names, theme and more (Ctrl+,)"))
        opened.clicked.connect(self.open_wanted)
        added.clicked.connect(self.add_wanted)
        settings.clicked.connect(self.settings_wanted)
        pickers = (types_label, self.types, services_label, self.services)
        layout = row(*pickers, None, opened, added, settings, spacing=_SPACING_PX)
        layout.setContentsMargins(20, 10, 12, 10)
        self.setLayout(layout)
        self._dispensable = (added, settings, types_label)
        """The menu has what they do, or a tool tip what it says; the last is the first to go."""
        self._show()

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint() - QSize(sum(map(self._taken, self._dispensable)), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide what can be done without where there is no room for it."""
        super().resizeEvent(event)
        room = self.width() - self.minimumSizeHint().width()
        for part in self._dispensable:
            room -= self._needed(part)
            part.setVisible(room >= 0)

    def _taken(self, part: QWidget) -> int:
        return 0 if part.isHidden() else self._needed(part)

    def _needed(self, part: QWidget) -> int:
        return part.minimumSizeHint().width() + _SPACING_PX

    def _show(self) -> None:
        choices = self._choices
        self.types.show_types(choices.profile, choices.enhance_type)
        self.services.show_services(choices.profiles, choices.profile.name)
