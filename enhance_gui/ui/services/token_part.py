"""Shows the status of a service's token, and sets, replaces and forgets it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.ui.bridges.service_bridge import ServiceBridge, TokenLocation
from enhance_gui.ui.services.question import Answer, Question
from enhance_gui.ui.widgets.basics import button, column, label, row

_PLACE_TEXTS: Final = {
    TokenLocation.KEPT: mark("Kept in the password manager, for {origin} alone."),
    TokenLocation.THIS_RUN: mark("For this run only, for {origin} alone; it is in no file."),
    TokenLocation.NONE: mark("None is set."),
}
_WAITING: Final = mark("Waiting for the password manager. It may show a window of its own.")
_ASKED: Final = mark("Asking the password manager.")
_UNKNOWN: Final = mark(
    "Could not check for a saved token. One that you enter now is used until you quit."
)
_BEFORE_SAVING: Final = mark("It is kept when you save the service.")
_MOVED: Final = mark(
    "A token is for one address. After this change of the address, enter it again."
)
_NOT_UNDONE: Final = mark(
    "It cannot be brought back from here: you would have to look it up with the provider. Until "
    "then nothing can be sent to this service."
)
_WHAT: Final = mark(
    "What the provider gave you for its API; you find it in your account there. It "
    "is sent to this service alone, never shown, and never written to a file."
)


class TokenPart(QWidget):
    """Status, field and buttons."""

    changed = Signal()
    """A token was typed, or taken out of the field."""

    def __init__(self, bridge: ServiceBridge) -> None:
        super().__init__()
        self.setAccessibleName(tr("Token"))
        self._bridge = bridge
        self._profile: ServiceProfile | None = None
        self._place: TokenLocation | None = None
        self._moves = False
        self._waits = False
        self.status = label("", wraps=True)
        self.trouble = label("", "problem", wraps=True)
        self.trouble.hide()
        self.line = QLineEdit()
        self.line.setAccessibleName(tr("New token"))
        self.line.setAccessibleDescription(tr(_WHAT))
        self.line.setPlaceholderText(tr("Paste the token here"))
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
        )
        self.line.textChanged.connect(self._typed)
        self.line.returnPressed.connect(self._keep)
        self.keep = button(tr("Keep"), tip=tr("Keep it in the password manager"))
        self.keep.setAccessibleName(tr("Keep the token"))
        self.keep.clicked.connect(self._keep)
        self.forget = button(tr("Forget…"), "plain", tip=tr("Take it out of the password manager"))
        self.forget.setAccessibleName(tr("Forget the token"))
        self.forget.clicked.connect(self._ask_forget)
        self.question = Question(tr("Before the token is forgotten"))
        line = row(spacing=8)
        line.addWidget(self.line, 1)
        line.addWidget(self.keep)
        line.addWidget(self.forget)
        layout = column(self.status, self.trouble, spacing=6)
        layout.addLayout(line)
        layout.addWidget(self.question)
        layout.addWidget(label(tr(_WHAT), "quiet", wraps=True))
        self.setLayout(layout)
        bridge.token_reported.connect(self._on_place)
        bridge.token_failed.connect(self._on_trouble)
        bridge.keyring_waits.connect(self._on_waiting)

    def show_service(self, profile: ServiceProfile | None) -> None:
        """Show the token of a service as it is stored; ``None``: it is not stored."""
        self._profile = profile
        self._place = None
        self._moves = False
        self.line.clear()
        self.question.dismiss()
        self._say_trouble("")
        if profile is not None:
            self._bridge.look_for_token(profile)
        self._show()

    def show_change(self, profile: ServiceProfile | None) -> None:
        """Show what the changes that are not saved yet will mean for the token."""
        stored = self._profile
        self._moves = (
            stored is not None and profile is not None and stored.base_url != profile.base_url
        )
        self._show()

    def take(self) -> Secret | None:
        """Return what was typed, and clear the field."""
        token = self.typed()
        self.line.clear()
        return token

    def typed(self) -> Secret | None:
        """Return what was typed; the field keeps it."""
        text = self.line.text().strip()
        return Secret(text) if text else None

    def _typed(self) -> None:
        self._show()
        self.changed.emit()

    def _keep(self) -> None:
        if self._profile is None or self._moves or not self.line.text().strip():
            return
        token = self.take()
        if token is not None:
            self._say_trouble("")
            self._place = None
            self._show()
            self._bridge.set_token(self._profile, token)

    def _ask_forget(self) -> None:
        if self._profile is None:
            return
        self.question.ask(
            tr("Forget the token of “{name}”?").format(name=self._profile.name),
            (
                Answer(tr("Forget"), self._forget),
                Answer(tr("Keep it"), lambda: None, "primary"),
            ),
            detail=tr(_NOT_UNDONE),
        )

    def _forget(self) -> None:
        if self._profile is not None:
            self._say_trouble("")
            self._place = None
            self._show()
            self._bridge.forget_token(self._profile)

    def _on_place(self, name: str, place: TokenLocation) -> None:
        if self._profile is not None and name == self._profile.name:
            self._place = place
            if place is TokenLocation.KEPT:
                self._say_trouble("")  # that was before
            self._show()

    def _on_trouble(self, name: str, words: str) -> None:
        if self._profile is not None and name == self._profile.name:
            self._say_trouble(words)
            self._show()

    def _on_waiting(self, waits: bool) -> None:
        self._waits = waits
        self._show()

    def _say_trouble(self, words: str) -> None:
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))

    def _show(self) -> None:
        words = self._status_text()
        self.status.setText(words)
        self.status.setVisible(bool(words))
        has_one = self._place in (TokenLocation.KEPT, TokenLocation.THIS_RUN)
        self.keep.setText(tr("Replace") if has_one else tr("Keep"))
        stored = self._profile is not None and not self._moves
        self.keep.setEnabled(stored and bool(self.line.text().strip()))
        self.keep.setVisible(self._profile is not None)
        self.forget.setVisible(has_one)

    def _status_text(self) -> str:
        if self._waits:
            return tr(_WAITING)
        if self._profile is None:
            return tr(_BEFORE_SAVING)
        if self._moves:
            return tr(_MOVED)
        if self._place is None:
            return tr(_UNKNOWN) if self.trouble.text() else tr(_ASKED)
        return tr(_PLACE_TEXTS[self._place]).format(origin=self._profile.base_url)
