"""Sends a trial task, which may cost, so that it needs a confirmation of its own."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from enhance_gui.core.images.source import LocalFile, parse_source
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.text.detail import as_sentence
from enhance_gui.core.text.i18n import mark, tr
from enhance_gui.ui.gallery.texts import credits_text
from enhance_gui.ui.services.question import Answer, Question
from enhance_gui.ui.services.type_choice import TypeChoice
from enhance_gui.ui.widgets.basics import button, column, label, row

_WHAT: Final = mark(
    "Sends one real picture, like any other you add: it is checked first, shows up in the list, "
    "and its result is saved. The service may charge for it."
)
_SAVE_FIRST: Final = mark("Save the service first.")


class TaskPart(QWidget):
    """Address of a picture, enhance type, and the question before anything is sent."""

    wanted = Signal(str, object)
    """The address of a picture and the :class:`EnhanceType`, after a confirmation."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Trial task"))
        self.question = Question(tr("Before the trial task is sent"))
        self.line = QLineEdit()
        self.line.setAccessibleName(tr("Address of a picture"))
        self.line.setPlaceholderText("https://example.org/picture.jpg")
        self.types = TypeChoice(tr("Enhance type of the trial"))
        self.send = button(tr("Send a trial task…"))
        self.send.clicked.connect(self._ask)
        self.line.returnPressed.connect(self._ask)
        self.line.textChanged.connect(lambda _: self._show_ready())
        self.types.activated.connect(lambda _: self.question.dismiss())
        self.note = label("", "quiet", wraps=True)
        self._profile: ServiceProfile | None = None
        line = row(spacing=8)
        line.addWidget(self.line, 1)
        line.addWidget(self.types)
        line.addWidget(self.send)
        layout = column(label(tr(_WHAT), "quiet", wraps=True), spacing=8)
        layout.addLayout(line)
        layout.addWidget(self.note)
        layout.addWidget(self.question)
        self.setLayout(layout)

    def show_service(self, profile: ServiceProfile | None, *, saved: bool) -> None:
        """Offer a trial task for a service as it is stored; ``None``: it is not stored.

        :param saved: whether everything on the page is stored.
        """
        self._profile = profile if saved else None
        self.types.offer(profile.enhance_types if profile is not None else ())
        self.question.dismiss()
        self._show_ready()

    def _show_ready(self) -> None:
        problem = _address_problem(self.line.text(), self._profile)
        self.send.setEnabled(
            self._profile is not None
            and bool(self._profile.enhance_types)
            and bool(self.line.text().strip())
            and not problem
        )
        self.question.dismiss()
        self.note.setText(tr(_SAVE_FIRST) if self._profile is None else problem)
        self.note.setVisible(bool(self.note.text()))

    def _ask(self) -> None:
        kind = self.types.chosen
        if not self.send.isEnabled() or kind is None or self._profile is None:
            return
        words = tr("Send one task of “{type}” to “{service}”?")
        self.question.ask(
            words.format(type=kind.name, service=self._profile.name),
            (
                Answer(tr("Send it"), lambda: self._send(kind), "primary"),
                Answer(tr("Do not send"), lambda: None),
            ),
            detail=charge_text(kind),
        )

    def _send(self, kind: EnhanceType) -> None:
        address = self.line.text().strip()
        self.line.clear()
        self.wanted.emit(address, kind)
        self.note.setText(tr("It is in the list of the pictures now."))
        self.note.show()


def charge_text(kind: EnhanceType) -> str:
    """Return what a task may cost, as a text."""
    if not kind.cost:
        return tr("What it costs is not known: the service may charge for it.")
    return tr("It may cost {cost}.").format(cost=credits_text(kind.cost))


def _address_problem(text: str, profile: ServiceProfile | None) -> str:
    """Return why an input is no use for a trial task; empty: it can be used."""
    if not text.strip():
        return ""
    try:
        source = parse_source(text)
    except AddressNotUsable as error:
        return as_sentence(error.detail)
    if isinstance(source, LocalFile) and (profile is None or not profile.upload_path):
        return tr("The service takes web addresses only, which begin with http:// or https://.")
    return ""
