"""Shows what a connection test sent and what came back: as plain text, without the token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from enhance_gui.core.services.connection_test import Exchange
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.widgets.basics import button, column, label, row

_HIDDEN_TEXT: Final = N_(
    "For the provider's support, if you have to ask it. The token is not in it: “<hidden>” stands "
    "in its place."
)
_LINES: Final = 14


class ExchangePart(QWidget):
    """A switch and, below it, the text; nothing at all before there was an exchange."""

    def __init__(self) -> None:
        super().__init__()
        name = tr("What was sent and what came back")
        self.setAccessibleName(name)
        self.switch = button(name, "plain", name=name)
        self.switch.setCheckable(True)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(name)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setFixedHeight(_LINES * self.text.fontMetrics().lineSpacing())
        self._about = label(tr(_HIDDEN_TEXT), "quiet", wraps=True)
        self.switch.toggled.connect(self._open)
        self.setLayout(column(row(self.switch, None), self._about, self.text))
        self.show_exchanges(())

    def show_exchanges(self, exchanges: Sequence[Exchange]) -> None:
        """Show what was sent and came back; nothing where that is all."""
        self.text.setPlainText("\n".join(_lines(exchanges)))
        self.setVisible(bool(exchanges))
        self._open(self.switch.isChecked())

    def _open(self, is_open: bool) -> None:
        self.switch.setText(f"{'▾' if is_open else '▸'} {self.accessibleName()}")
        self._about.setVisible(is_open)
        self.text.setVisible(is_open)


def _lines(exchanges: Sequence[Exchange]) -> Iterator[str]:
    for number, each in enumerate(exchanges):
        title = tr("Sent again, without the token") if number else tr("Sent")
        received = each.received or tr("Nothing.")
        yield from (f"—— {title} ——", each.sent, "")
        yield from (f"—— {tr('Came back')} ——", received, "")
