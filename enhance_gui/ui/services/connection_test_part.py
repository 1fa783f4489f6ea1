"""Runs the connection test of a service and shows its checklist."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from enhance_gui.core.services.connection_test import CheckedStep, ConnectionTest, Step, Verdict
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.core.text.joining import ended, sentences, titled
from enhance_gui.ui.services.exchange_part import ExchangePart
from enhance_gui.ui.widgets.basics import button, clear, column, label, row
from enhance_gui.ui.widgets.fitting import text_px

_STEP_NAMES: Final = {
    Step.ADDRESS: N_("Address"),
    Step.NAME: N_("Name of the host"),
    Step.CONNECTED: N_("Connection"),
    Step.TLS: N_("Encryption"),
    Step.ANSWER: N_("Answer"),
    Step.TOKEN: N_("Token"),
    Step.ENVELOPE: N_("API"),
    Step.TYPES: N_("Enhance types"),
    Step.ACCESS: N_("Opened up"),
}

_VERDICTS: Final = {
    Verdict.OK: ("✓", "good", N_("works")),
    Verdict.FAILED: ("✕", "problem", N_("does not work")),
    Verdict.UNCLEAR: ("?", "doubt", N_("not certain")),
    Verdict.NOT_TRIED: ("–", "quiet", N_("not tried")),
}
"""The sign of each, its kind in the style sheet, and its name."""

_FREE: Final = N_("Free: no picture is sent.")


class ConnectionTestPart(QWidget):
    """The button of the connection test and its results."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Test the connection"))
        self.test = button(tr("Test the connection"), tip=tr(_FREE))
        self._state = label(tr(_FREE), "quiet", wraps=True)
        head = row(self.test, self._state, grows=self._state, spacing=12)
        self._list = QWidget()
        self._list.setAccessibleName(tr("What works"))
        self._grid = QGridLayout(self._list)
        self._grid.setContentsMargins(0, 4, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(2, 1)
        self._list.hide()
        self.exchanges = ExchangePart()
        self.setLayout(column(head, self._list, self.exchanges))
        self.profile: ServiceProfile | None = None
        """The profile that is being tested or was tested last."""

    def begin(self, profile: ServiceProfile) -> None:
        """Show that the service is being tested."""
        self.profile = profile
        self.test.setEnabled(False)
        self._state.setText(tr("Asking the service."))

    def clear(self) -> None:
        """Clear the results: they were about something else."""
        self.profile = None
        self._list.hide()
        self.exchanges.show_exchanges(())
        self.test.setEnabled(True)
        self._state.setText(tr(_FREE))

    def show_test(self, profile: ServiceProfile, connection_test: ConnectionTest) -> None:
        """Show the results, if they are about the profile that was tested last."""
        if profile != self.profile:
            return
        clear(self._grid)
        for place, each in enumerate(connection_test.steps):
            self._show_line(place, each)
        self._list.show()
        self.exchanges.show_exchanges(connection_test.exchanges)
        self.test.setEnabled(True)
        self._state.setText(summary(connection_test))

    def _show_line(self, place: int, step: CheckedStep) -> None:
        text, kind, verdict = _VERDICTS[step.verdict]
        name = tr(_STEP_NAMES[step.step])
        sign = label(text, kind)
        sign.setFixedWidth(text_px(18))
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        sign.setAccessibleName(sentences(ended(titled(name, tr(verdict))), step.text))
        parts = (sign, label(name), label(step.text, "quiet", wraps=True))
        for column_, part in enumerate(parts):
            self._grid.addWidget(part, place, column_, Qt.AlignmentFlag.AlignTop)


def summary(connection_test: ConnectionTest) -> str:
    """Return a summary of a connection test, with what it found on access."""
    failed = [each for each in connection_test.steps if each.verdict is Verdict.FAILED]
    if failed:
        first = failed[0]
        text = tr("{step}: {words}")
        return text.format(step=tr(_STEP_NAMES[first.step]), words=first.text)
    unclear = [each for each in connection_test.steps if each.verdict is Verdict.UNCLEAR]
    text = tr("The connection works.")
    if any(each.step is not Step.ACCESS for each in unclear):
        text = tr("Nothing speaks against it; what is marked “?” cannot be known yet.")
    return sentences(text, *(each.text for each in unclear if each.step is Step.ACCESS))
