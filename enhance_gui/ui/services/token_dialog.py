"""Takes the token of a service for this run, where no password manager can give it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.widgets.basics import button, column, label, line_edit, row

_WHAT: Final = N_(
    "It is sent to {address} alone, used until you quit, and written nowhere. What waits for it "
    "is sent at once."
)


class TokenDialog(QDialog):
    """One field and two buttons."""

    entered = Signal(object)
    """The token, as a :class:`Secret`."""

    def __init__(self, parent: QWidget, profile: ServiceProfile) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Token for this session"))
        self.setMinimumWidth(460)
        text = tr("The token of “{service}”").format(service=profile.name)
        self.line = line_edit(text, tr("Paste the token here"), hidden=True)
        self.line.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
        )
        self.use = button(tr("Use it"), "primary", tip=tr("Use this token until you quit"))
        self.use.setDefault(True)
        self.use.setEnabled(False)
        self.use.clicked.connect(self.accept)
        cancel = button(tr("Cancel"), tip=tr("Close without a token (Esc)"))
        cancel.clicked.connect(self.reject)
        self.line.textChanged.connect(lambda typed: self.use.setEnabled(bool(typed.strip())))
        what = label(tr(_WHAT).format(address=profile.base_url), "quiet", wraps=True)
        self.setLayout(
            column(
                label(text, "heading", wraps=True),
                self.line,
                what,
                row(None, cancel, self.use),
                spacing=10,
                margins=(20, 16, 20, 16),
            )
        )
        self.line.setFocus()

    def accept(self) -> None:
        """Hand over what was typed; the field keeps nothing of it."""
        typed = self.line.text().strip()
        if typed:
            self.line.clear()
            super().accept()
            self.entered.emit(Secret(typed))
