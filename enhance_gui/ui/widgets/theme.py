"""Applies the light or dark theme: one style on every platform, from ``resources/style``."""

from __future__ import annotations

import tomllib
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from enhance_gui.core.resources import resource
from enhance_gui.core.settings.preferences import Theme
from enhance_gui.ui.widgets.fitting import text_px

_FADED: Final = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
)


_TITLE_PX: Final = 22


class ThemeManager(QObject):
    """Applies the theme to the application, also when the system or the user changes it."""

    changed = Signal()

    def __init__(self, application: QApplication, theme: Theme) -> None:
        super().__init__(application)
        self._application = application
        self._theme = theme
        self._colours = tomllib.loads(resource("style/colours.toml").read_text("utf-8"))
        sheet = resource("style/window.qss")
        self._sheet = sheet.read_text("utf-8").replace("@folder", sheet.parent.as_posix())
        application.setStyle(QStyleFactory.create("Fusion"))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._dress)
        self._dress()

    @property
    def is_dark(self) -> bool:
        if self._theme is not Theme.SYSTEM:
            return self._theme is Theme.DARK
        return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark

    def choose(self, theme: Theme) -> None:
        """Follow the user's choice."""
        if theme is not self._theme:
            self._theme = theme
            self._dress()

    def _dress(self) -> None:
        theme = Theme.DARK if self.is_dark else Theme.LIGHT
        colours = self._colours[theme]
        self._application.setPalette(_palette(colours))
        sheet = self._sheet.replace("@theme", theme).replace("@title", f"{text_px(_TITLE_PX)}px")
        mirrored = self._application.layoutDirection() is Qt.LayoutDirection.RightToLeft
        sheet = sheet.replace("@end", "left" if mirrored else "right")
        # Longest name first: "@accent_soft" begins like a shorter one might.
        for name in sorted(colours, key=len, reverse=True):
            sheet = sheet.replace(f"@{name}", colours[name])
        self._application.setStyleSheet(sheet)
        self.changed.emit()


def _palette(colours: dict[str, str]) -> QPalette:
    palette = QPalette()
    for name, colour in colours.items():
        role = getattr(QPalette.ColorRole, name.title().replace("_", ""), None)
        if role is not None:
            palette.setColor(role, QColor(colour))
    palette.setColor(QPalette.ColorRole.Accent, QColor(colours["highlight"]))
    for role in _FADED:
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours["dark"]))
    return palette
