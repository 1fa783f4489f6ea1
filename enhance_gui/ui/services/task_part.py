"""Asks a service about one task for free, and sends it a trial task, which may cost."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from enhance_gui.core.images.inputs.source import LocalFile, parse_source
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.services.connection_test import RecordSeen
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import Phase, ServiceProfile
from enhance_gui.core.services.profile_spec import KEYS
from enhance_gui.core.text.detail import as_sentence
from enhance_gui.core.text.i18n import N_, plural, tr
from enhance_gui.core.text.joining import sentences
from enhance_gui.ui.gallery.texts import credits_text
from enhance_gui.ui.settings.page import show_message
from enhance_gui.ui.widgets.basics import DropDown, button, column, holder, label, line_edit, row
from enhance_gui.ui.widgets.cards import Choice, Question
from enhance_gui.ui.widgets.fitting import text_px

_RECORD_TEXT: Final = N_(
    "Take the id of a task whose state you know, for example from your account. The "
    "question is free. It shows the number that the service has for this state."
)

_MEANS: Final = {
    (Phase.QUEUED, True): N_(
        "The program takes it as waiting, because the numbers of this page say so."
    ),
    (Phase.PROCESSING, True): N_(
        "The program takes it as being worked on, because the numbers of this page say so."
    ),
    (Phase.FINISHED, True): N_(
        "The program takes it as finished, because the numbers of this page say so."
    ),
    (Phase.FAILED, True): N_(
        "The program takes it as failed, because the numbers of this page say so."
    ),
    (Phase.QUEUED, False): N_(
        "The program takes it as waiting, because the record names a place in the queue."
    ),
    (Phase.PROCESSING, False): N_(
        "The program takes it as being worked on, because nothing in the record says otherwise."
    ),
    (Phase.FINISHED, False): N_(
        "The program takes it as finished, because the record names a result."
    ),
    (Phase.FAILED, False): N_(
        "The program takes it as failed, because the record carries an error code."
    ),
}
"""By phase, and whether the status table names the number."""

_TASK_TEXT: Final = N_(
    "Sends one real picture, like any other you add: it is checked first, shows up in the list, "
    "and its result is saved. The service may charge for it."
)
_SAVE_FIRST: Final = N_("Save the service first.")


class TypeChoice(DropDown):
    """The types of a service by number and name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMinimumWidth(text_px(150))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._types: tuple[EnhanceType, ...] | None = None

    def offer(self, types: tuple[EnhanceType, ...]) -> None:
        """Offer these; where there is none, the documented number 1."""
        if types == self._types:
            return
        self._types = types
        before = self.type_id
        self.clear()
        for kind in types or (EnhanceType(1, tr("Type 1")),):
            self.addItem(f"{kind.id} · {kind.name}", kind)
        self.setCurrentIndex(
            next((n for n in range(self.count()) if self.itemData(n).id == before), 0)
        )

    @property
    def chosen(self) -> EnhanceType | None:
        """The type; ``None`` before any were offered."""
        kind = self.currentData()
        return kind if isinstance(kind, EnhanceType) else None

    @property
    def type_id(self) -> int:
        """The number of the type."""
        return self.chosen.id if self.chosen is not None else 1


class RecordPart(QWidget):
    """Asks for a record, shows it, and offers to put its number into the status table."""

    asked = Signal(str, int)
    """A task's id and the number of its enhance type."""
    number_chosen = Signal(int, object)
    """A number, and the :class:`Phase` that it stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Ask about one task"))
        self.line = line_edit(tr("Id of a task"), tr("Id of a task"), literal=True)
        self.line.setMaxLength(200)
        self.types = TypeChoice(tr("Enhance type of the task"))
        self.ask = button(tr("Ask the service"), tip=tr("Free; nothing is changed there"))
        self.ask.clicked.connect(self._ask)
        self.line.returnPressed.connect(self._ask)
        self.line.textChanged.connect(lambda _: self._show_ready())
        self.answer = label("", wraps=True)
        self.answer.hide()
        self.buttons = {phase: self._button_for(phase) for phase in Phase}
        """By the phase that each assigns to the number."""
        self._put = label("", "quiet")
        self._choose = holder(row(self._put, *self.buttons.values(), None))
        self._choose.setAccessibleName(tr("What the number stands for"))
        self._choose.hide()
        self._number = 0
        """The last status number that was seen."""
        self._ready = False
        what = label(tr(_RECORD_TEXT), "quiet", wraps=True)
        line = row(self.line, self.types, self.ask, grows=self.line)
        self.setLayout(column(what, line, self.answer, self._choose))

    def offer(self, types: tuple[EnhanceType, ...], *, ready: bool) -> None:
        """Offer these types; allow asking only if the profile is complete enough."""
        self.types.offer(types)
        self._ready = ready
        self._show_ready()

    def clear(self) -> None:
        """Forget the last answer: it was about something else."""
        self.line.clear()
        self.answer.hide()
        self._choose.hide()

    def show_record(self, seen: RecordSeen) -> None:
        """Show the record of a task."""
        self._show_message(record_text(seen))
        self._choose.setVisible(seen.status is not None)
        if seen.status is not None:
            self._number = seen.status
            self._put.setText(tr("Put {number} under").format(number=seen.status))
            for made in self.buttons.values():
                text = tr("Put {number} under {phase}")
                made.setAccessibleName(text.format(number=seen.status, phase=made.text()))
        self._show_ready()

    def show_problem(self, text: str) -> None:
        """Show why there is no answer."""
        self._choose.hide()
        self._show_message(text, bad=True)
        self._show_ready()

    def _show_message(self, text: str, *, bad: bool = False) -> None:
        self.answer.setProperty("kind", "problem" if bad else "")
        self.answer.style().polish(self.answer)
        self.answer.setText(text)
        self.answer.show()

    def _ask(self) -> None:
        if self.ask.isEnabled():
            self._choose.hide()
            self._show_message(tr("Asking the service."))
            self.ask.setEnabled(False)
            self.asked.emit(self.line.text().strip(), self.types.type_id)

    def _show_ready(self) -> None:
        self.ask.setEnabled(self._ready and bool(self.line.text().strip()))

    def _button_for(self, phase: Phase) -> QPushButton:
        made = button(tr(KEYS[f"status.{phase.value}"].label))
        made.clicked.connect(lambda: self.number_chosen.emit(self._number, phase))
        return made


class TaskPart(QWidget):
    """Address of a picture, enhance type, and the question before anything is sent."""

    wanted = Signal(str, object)
    """The address of a picture and the :class:`EnhanceType`, after a confirmation."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Trial task"))
        self.question = Question(tr("Before the trial task is sent"))
        self.line = line_edit(
            tr("Address of a picture"), "https://example.org/picture.jpg", literal=True
        )
        self.types = TypeChoice(tr("Enhance type of the trial"))
        self.send = button(tr("Send a trial task…"))
        self.send.clicked.connect(self._ask)
        self.line.returnPressed.connect(self._ask)
        self.line.textChanged.connect(lambda _: self._show_ready())
        self.types.activated.connect(lambda _: self.question.dismiss())
        self.note = label("", "quiet", wraps=True)
        self._profile: ServiceProfile | None = None
        what = label(tr(_TASK_TEXT), "quiet", wraps=True)
        line = row(self.types, self.send, None)
        self.setLayout(column(what, self.line, line, self.note, self.question))

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
        show_message(self.note, tr(_SAVE_FIRST) if self._profile is None else problem)

    def _ask(self) -> None:
        kind = self.types.chosen
        if not self.send.isEnabled() or kind is None or self._profile is None:
            return
        text = tr("Send one task of “{type}” to “{service}”?")
        self.question.ask(
            text.format(type=kind.name, service=self._profile.name),
            (
                Choice(tr("Send it"), does=lambda: self._send(kind), kind="primary"),
                Choice(tr("Do not send")),
            ),
            detail=charge_text(kind),
        )

    def _send(self, kind: EnhanceType) -> None:
        address = self.line.text().strip()
        self.line.clear()
        self.wanted.emit(address, kind)
        show_message(self.note, tr("It is in the list of the pictures now."))


def record_text(seen: RecordSeen) -> str:
    """Return what a service reports of a task, and how the program reads it."""
    if seen.status is None:
        found = [tr("The service sends no status number for this task.")]
    else:
        found = [tr("The service's status number is {number}.").format(number=seen.status)]
    found.append(tr(_MEANS[seen.phase, seen.is_in_table]))
    if seen.error_code:
        text = tr("Error {code}: {message}")
        found.append(text.format(code=seen.error_code, message=seen.error_message or "–"))
    if seen.queue_position:
        found.append(tr("Place in the queue: {count}.").format(count=seen.queue_position))
    if seen.result_count:
        text = plural("It names {count} result.", "It names {count} results.", seen.result_count)
        found.append(text.format(count=seen.result_count))
    return sentences(*found)


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
