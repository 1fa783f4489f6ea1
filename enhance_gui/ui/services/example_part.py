"""Reads the provider's example of a call from the clipboard; the example itself is never shown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QFrame, QWidget

from enhance_gui.core.services.examples.example import Example, read_example
from enhance_gui.core.text.detail import shown
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.widgets.basics import button, column, frame, label, row
from enhance_gui.ui.widgets.cards import section

_WHAT: Final = N_(
    "Some companies enhance pictures on large computers of their own and let other programs use "
    "them over the internet. This program sends such a service the address of a picture and "
    "fetches the enhanced one. The way in which two programs talk like this is called an API."
)
_NEEDED: Final = N_(
    "You need an account with the provider of the service, and two things from it: an address, "
    "which says where the service is, and a token, a long password for programs, which says whose "
    "account is charged. On the provider's website they stand under “API”, “Developers” or “API "
    "keys”."
)
_LOOKS: Final = N_(
    "Nearly every provider shows an example there, which looks like the one below. It says all "
    "that is needed here: copy the whole of it, and press “Paste the example”."
)
_SAMPLE: Final = (
    "curl -X POST https://enhance.example.org/api/createtask \\\n"
    "  -H 'token: 4f7c02b9e1' \\\n"
    '  -d \'{"picurl": "https://example.org/cat.jpg", "type": 1}\''
)
_READ: Final = N_(
    "Fills in the fields below from what you have copied. The example itself is not shown or kept; "
    "the token in it goes into its field, where nobody can read it."
)
_EMPTY: Final = N_("There is no text to paste: copy the example first.")


def about_services() -> QFrame:
    """Return the card that says what this is all about, to those who have never seen an API."""
    sample = label(_SAMPLE)
    sample.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    sample.setAccessibleName(tr("What an example looks like"))
    texts = [label(tr(text), wraps=True) for text in (_WHAT, _NEEDED, _LOOKS)]
    around = column(sample, margins=(12, 10, 12, 10))
    return section(tr("What you need"), *texts, frame("list", "", around))


class ExamplePart(QWidget):
    """The button that pastes an example, and what was understood of it."""

    read = Signal(object)
    """An :class:`Example` that describes a service."""
    forgotten = Signal()
    """What the example said is to be forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("The provider's example"))
        self.paste = button(tr("Paste the example"))
        self.paste.setAccessibleDescription(tr(_READ))
        self.forget = button(tr("Forget the example"), "plain")
        self.understood = label("", wraps=True)
        self.left_out = label("", "quiet", wraps=True)
        self.paste.clicked.connect(self._paste)
        self.forget.clicked.connect(self.forgotten)
        what = label(tr(_READ), "quiet", wraps=True)
        head = row(self.paste, what, self.forget, grows=what, spacing=12)
        self.setLayout(column(head, self.understood, self.left_out, spacing=8))
        self.clear()

    def clear(self) -> None:
        """Show nothing of an example."""
        for each in (self.understood, self.left_out, self.forget):
            each.hide()

    def _paste(self) -> None:
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self._show(Example({}, None, (), (_EMPTY,)))
            return
        example = read_example(text)
        self._show(example)
        if example.values:
            self.read.emit(example)

    def _show(self, example: Example) -> None:
        understood = [f"✓ {shown(line)}" for line in example.understood]
        left_out = [shown(line) for line in example.left_out]
        if understood and left_out:
            left_out = [tr("Not taken over:"), *(f"– {line}" for line in left_out)]
        for box, lines in ((self.understood, understood), (self.left_out, left_out)):
            box.setText("\n".join(lines))
            box.setVisible(bool(lines))
        self.forget.setVisible(bool(example.values))
