"""Asks a service about one task, which helps to fill in its status table."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from enhance_gui.core.services.connection_test import RecordSeen
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.services.profile_spec import key_named
from enhance_gui.core.text.i18n import mark, plural, tr
from enhance_gui.ui.services.type_choice import TypeChoice
from enhance_gui.ui.widgets.basics import button, column, label, row

_WHAT: Final = mark(
    "Take the id of a task whose state you know, for example from your account. The "
    "question is free. It shows the number that the service has for this state."
)

_MEANS: Final = {
    (Phase.QUEUED, True): mark(
        "The program takes it as waiting, because the numbers of this page say so."
    ),
    (Phase.PROCESSING, True): mark(
        "The program takes it as being worked on, because the numbers of this page say so."
    ),
    (Phase.FINISHED, True): mark(
        "The program takes it as finished, because the numbers of this page say so."
    ),
    (Phase.FAILED, True): mark(
        "The program takes it as failed, because the numbers of this page say so."
    ),
    (Phase.QUEUED, False): mark(
        "The program takes it as waiting, because the record names a place in the queue."
    ),
    (Phase.PROCESSING, False): mark(
        "The program takes it as being worked on, because nothing in the record says otherwise."
    ),
    (Phase.FINISHED, False): mark(
        "The program takes it as finished, because the record names a result."
    ),
    (Phase.FAILED, False): mark(
        "The program takes it as failed, because the record carries an error code."
    ),
}
"""By phase, and whether the status table names the number."""


class RecordPart(QWidget):
    """Asks for a record, shows it, and offers to put its number into the status table."""

    asked = Signal(str, int)
    """A task's id and the number of its enhance type."""
    number_chosen = Signal(int, object)
    """A number, and the :class:`Phase` that it stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Ask about one task"))
        self.line = QLineEdit()
        self.line.setAccessibleName(tr("Id of a task"))
        self.line.setPlaceholderText(tr("Id of a task"))
        self.line.setMaxLength(200)
        self.types = TypeChoice(tr("Enhance type of the task"))
        self.ask = button(tr("Ask the service"), tip=tr("Free; nothing is changed there"))
        self.ask.clicked.connect(self._ask)
        self.line.returnPressed.connect(self._ask)
        self.line.textChanged.connect(lambda _: self._show_ready())
        self._answer = label("", wraps=True)
        self._answer.hide()
        self._choose = QWidget()
        self._choose.setAccessibleName(tr("What the number stands for"))
        self.buttons = {phase: self._button_for(phase) for phase in Phase}
        """By the phase that each assigns to the number."""
        self._put = label("", "quiet")
        self._choose.setLayout(row(self._put, *self.buttons.values(), None, spacing=8))
        self._choose.hide()
        self._seen: RecordSeen | None = None
        self._ready = False
        line = row(spacing=8)
        line.addWidget(self.line, 1)
        line.addWidget(self.types)
        line.addWidget(self.ask)
        layout = column(label(tr(_WHAT), "quiet", wraps=True), spacing=8)
        layout.addLayout(line)
        layout.addWidget(self._answer)
        layout.addWidget(self._choose)
        self.setLayout(layout)

    @property
    def words(self) -> str:
        """The text on the last answer."""
        return self._answer.text()

    def offer(self, types: tuple[EnhanceType, ...], *, ready: bool) -> None:
        """Offer these types; allow asking only if the profile is complete enough."""
        self.types.offer(types)
        self._ready = ready
        self._show_ready()

    def clear(self) -> None:
        """Forget the last answer: it was about something else."""
        self._seen = None
        self.line.clear()
        self._answer.hide()
        self._choose.hide()

    def show_record(self, seen: RecordSeen) -> None:
        """Show the record of a task."""
        self._seen = seen
        self._say(record_text(seen))
        self._choose.setVisible(seen.status is not None)
        if seen.status is not None:
            self._put.setText(tr("Put {number} under").format(number=seen.status))
            for phase, made in self.buttons.items():
                made.setAccessibleName(
                    tr("Put {number} under {phase}").format(
                        number=seen.status, phase=tr(key_named(f"status.{phase.value}").label)
                    )
                )
        self._show_ready()

    def show_trouble(self, words: str) -> None:
        """Show why there is no answer."""
        self._choose.hide()
        self._say(words, bad=True)
        self._show_ready()

    def _say(self, words: str, *, bad: bool = False) -> None:
        self._answer.setProperty("kind", "problem" if bad else "")
        self._answer.style().polish(self._answer)
        self._answer.setText(words)
        self._answer.show()

    def _ask(self) -> None:
        if self.ask.isEnabled():
            self._choose.hide()
            self._say(tr("Asking the service."))
            self.ask.setEnabled(False)
            self.asked.emit(self.line.text().strip(), self.types.type_id)

    def _show_ready(self) -> None:
        self.ask.setEnabled(self._ready and bool(self.line.text().strip()))

    def _button_for(self, phase: Phase) -> QPushButton:
        made = button(tr(key_named(f"status.{phase.value}").label))
        made.clicked.connect(lambda: self._chosen(phase))
        return made

    def _chosen(self, phase: Phase) -> None:
        if self._seen is not None and self._seen.status is not None:
            self.number_chosen.emit(self._seen.status, phase)


def record_text(seen: RecordSeen) -> str:
    """Return what a service reports of a task, and how the program reads it."""
    if seen.status is None:
        said = [tr("The service sends no status number for this task.")]
    else:
        said = [tr("The service's status number is {number}.").format(number=seen.status)]
    said.append(tr(_MEANS[seen.phase, seen.is_in_table]))
    if seen.error_code:
        words = tr("Error {code}: {message}")
        said.append(words.format(code=seen.error_code, message=seen.error_message or "–"))
    if seen.queue_position:
        said.append(tr("Place in the queue: {count}.").format(count=seen.queue_position))
    if seen.result_count:
        words = plural("It names {count} result.", "It names {count} results.", seen.result_count)
        said.append(words.format(count=seen.result_count))
    return " ".join(said)
