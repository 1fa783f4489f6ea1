"""Shows the status of a service's token, and sets, replaces and forgets it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.bridges.service_bridge import ServiceBridge, TokenLocation
from enhance_gui.ui.settings.page import show_message
from enhance_gui.ui.widgets.basics import button, column, label, line_edit, row
from enhance_gui.ui.widgets.cards import Choice, Question

_PLACE_TEXTS: Final = {
    TokenLocation.KEPT: N_("Kept in the password manager, for {origin} alone."),
    TokenLocation.THIS_RUN: N_("For this run only, for {origin} alone; it is in no file."),
    TokenLocation.NONE: N_("None is set."),
}
_WAITING: Final = N_("Waiting for the password manager. It may show a window of its own.")
_ASKED: Final = N_("Asking the password manager.")
_UNKNOWN: Final = N_(
    "Could not check for a saved token. One that you enter now is used until you quit."
)
_BEFORE_SAVING: Final = N_("It is kept when you save the service.")
_MOVED: Final = N_("A token is for one address. After this change of the address, enter it again.")
_NOT_UNDONE: Final = N_(
    "It cannot be brought back from here: you would have to look it up with the provider. Until "
    "then nothing can be sent to this service."
)
_WHAT: Final = N_(
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
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        self.line = line_edit(tr("New token"), tr("Paste the token here"), hidden=True)
        self.line.setAccessibleDescription(tr(_WHAT))
        self.line.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
        )
        self.line.textChanged.connect(self._typed)
        self.line.returnPressed.connect(self._keep)
        tip = tr("Keep it in the password manager")
        self.keep = button(tr("Keep"), tip=tip, name=tr("Keep the token"))
        self.keep.clicked.connect(self._keep)
        tip = tr("Take it out of the password manager")
        self.forget = button(tr("Forget…"), "plain", tip=tip, name=tr("Forget the token"))
        self.forget.clicked.connect(self._ask_forget)
        self.question = Question(tr("Before the token is forgotten"))
        line = row(self.line, self.keep, self.forget, grows=self.line)
        what = label(tr(_WHAT), "quiet", wraps=True)
        self.setLayout(column(self.status, self.problem, line, self.question, what, spacing=6))
        bridge.token_reported.connect(self._on_place)
        # Methods themselves: what wraps one is still called when this part is gone.
        bridge.token_failed.connect(self._on_problem)
        bridge.token_not_kept.connect(self._on_not_kept)
        bridge.keyring_waits.connect(self._on_waiting)

    def show_service(self, profile: ServiceProfile | None) -> None:
        """Show the token of a service as it is stored; ``None``: it is not stored."""
        self._profile = profile
        self._moves = False
        self.line.clear()
        self.question.dismiss()
        self._forget_place()
        if profile is not None:
            self._bridge.look_for_token(profile)

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
        token = self.typed()
        if token is not None and self._profile is not None and not self._moves:
            self.line.clear()
            self._forget_place()
            self._bridge.set_token(self._profile, token)

    def _ask_forget(self) -> None:
        if self._profile is None:
            return
        self.question.ask(
            tr("Forget the token of “{name}”?").format(name=self._profile.name),
            (
                Choice(tr("Forget"), does=self._forget),
                Choice(tr("Keep it"), kind="primary"),
            ),
            detail=tr(_NOT_UNDONE),
        )

    def _forget(self) -> None:
        if self._profile is not None:
            self._forget_place()
            self._bridge.forget_token(self._profile)

    def _forget_place(self) -> None:
        """Show that the password manager is asked: what was known no longer holds."""
        show_message(self.problem, "")
        self._place = None
        self._show()

    def _on_place(self, name: str, place: TokenLocation) -> None:
        if self._profile is not None and name == self._profile.name:
            self._place = place
            if place is TokenLocation.KEPT:
                show_message(self.problem, "")  # that was before
            self._show()

    def _on_problem(self, name: str, text: str) -> None:
        self._on_message(name, text, problem=True)

    def _on_not_kept(self, name: str, text: str) -> None:
        self._on_message(name, text, problem=False)

    def _on_message(self, name: str, text: str, *, problem: bool) -> None:
        if self._profile is not None and name == self._profile.name:
            show_message(self.problem, text, problem=problem)
            self._show()

    def _on_waiting(self, waits: bool) -> None:
        self._waits = waits
        self._show()

    def _show(self) -> None:
        self.status.setText(self._status_text())
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
            return tr(_UNKNOWN) if self.problem.text() else tr(_ASKED)
        return tr(_PLACE_TEXTS[self._place]).format(origin=self._profile.base_url)
