"""The editor of one service: every key of its profile, in sections, checked while one types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.connection_test import warnings_of
from enhance_gui.core.services.entry import ServiceEntry, folded
from enhance_gui.core.services.profile import Phase, ServiceProfile, read_mapping
from enhance_gui.core.services.profile_key import BLANK, is_blank
from enhance_gui.core.services.profile_spec import KEYS, keys_of
from enhance_gui.core.text.detail import shown
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.ui.bridges.service_bridge import ServiceBridge
from enhance_gui.ui.services.connection_test_part import ConnectionTestPart
from enhance_gui.ui.services.fields import Field, TextField, field_of
from enhance_gui.ui.services.mistakes_card import MistakesCard
from enhance_gui.ui.services.task_part import RecordPart, TaskPart
from enhance_gui.ui.services.token_part import TokenPart
from enhance_gui.ui.services.types_table import TypesTable
from enhance_gui.ui.settings.page import show_message
from enhance_gui.ui.widgets.basics import column, frame, label
from enhance_gui.ui.widgets.cards import ScrollPage, section

_CALL_KEYS: Final = (
    "method",
    "body",
    "path",
    "token_header",
    "token_in",
    "token_prefix",
    "needs_token",
    "upload_path",
    "private_id_is_idempotent",
)
_OTHER_KEYS: Final = ("headers", "extra_fields", "fields")
_PACE_KEYS: Final = ("requests_per_s", "max_in_flight", "allow_private_addresses")

_TYPES_TEXTS: Final = N_(
    "What the service can do, by the numbers of the provider's table “Enhance Type”. Documented is "
    "only that a type 1 exists, and one called “Colorize Black White Photo”."
)
_OTHER_TEXTS: Final = N_(
    "Only where the provider's documentation says so; usually all of it stays empty."
)
_CALLBACK_TEXTS: Final = N_(
    "Behind a router it cannot by itself: let a tunnel or reverse proxy of your own lead a public "
    "https address to the one below, and set that public address as callback URL with the "
    "provider; no call of the API carries it. Its path does not matter. Each callback is checked "
    "and then asked about; without any, the service is asked from time to time as ever."
)
_LISTENS: Final = N_(
    "The program listens there from the first picture that goes to this service until it ends."
)
_NAME_TAKEN: Final = N_("is the name of another service")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the editor holds at present."""

    data: dict[str, Any]
    """As it would stand in the file."""
    profile: ServiceProfile | None
    """The service; ``None`` where there are mistakes."""
    mistakes: tuple[ProfileInvalid, ...]


class ServiceEditor(ScrollPage):
    """Edits a service: fields, token, connection test, trial task."""

    changed = Signal()
    """A value was changed; :attr:`draft` is up to date."""

    def __init__(self, bridge: ServiceBridge) -> None:
        self._page = column(spacing=14, margins=(2, 2, 14, 18))
        super().__init__(tr("Settings of the service"), self._page)
        self._bridge = bridge
        self.entry = ServiceEntry()
        """What is being edited."""
        self.draft = Draft({}, None, ())
        self._clean: dict[str, Any] = {}
        self._others: frozenset[str] = frozenset()
        self._loading = False
        self.fields: dict[str, Field] = {}
        """By key."""
        self.types = TypesTable()
        self.token = TokenPart(bridge)
        self.connection_test = ConnectionTestPart()
        self.record = RecordPart()
        self.task = TaskPart()
        self.callbacks = label("", "quiet", wraps=True)
        """Shows whether callbacks are received."""
        self._callback_problem = ""
        self.mistakes = MistakesCard()
        self.warnings = label("", wraps=True)
        """Warns of what saving would newly expose."""
        self._build()
        self.types.changed.connect(self._edited)
        self.token.changed.connect(self._token_edited)
        self.mistakes.wanted.connect(self.show_key)
        self.record.number_chosen.connect(self._put_number)
        self.connection_test.test.clicked.connect(self._try)
        self.record.asked.connect(self._ask_about)
        bridge.tried.connect(self.connection_test.show_test)
        bridge.record_reported.connect(self.record.show_record)
        bridge.record_failed.connect(self.record.show_problem)

    # -- from outside -----------------------------------------------------------------------------

    def load(self, entry: ServiceEntry, others: Iterable[str]) -> None:
        """Edit a service.

        :param others: the names of all other services.
        """
        self._loading = True
        self.entry = entry
        self._others = frozenset(map(folded, others))
        data = dict(entry.data)
        for field in self.fields.values():
            field.load(data)
        self.types.load(data.get("enhance_types"))
        self.connection_test.clear()
        self.record.clear()
        self.task.line.clear()
        self.token.show_service(None if entry.is_new else entry.profile)
        self._loading = False
        self._clean = self._data()
        self._check()
        self.verticalScrollBar().setValue(0)

    @property
    def is_changed(self) -> bool:
        """Whether something would be lost if another service were shown."""
        typed = bool(self.token.line.text())
        return typed or self.draft.data != self._clean or (self.entry.is_new and self._has_more())

    @property
    def can_save(self) -> bool:
        """Whether it makes sense to save."""
        return self.draft.profile is not None and (
            self.entry.is_new
            or self.draft.data != self._clean
            or self.entry.profile is None
            or self.token.typed() is not None
        )

    def show_refusal(self, error: ProfileInvalid) -> None:
        """Show at its field why the service was not saved."""
        if (field := self.fields.get(error.key)) is not None:
            field.show_problem(shown(error.reason))
            self.show_key(error.key)

    def show_callback_problem(self, text: str) -> None:
        """Show why callbacks are not received; empty: no problem is known."""
        self._callback_problem = text
        self._show_callbacks()

    def show_key(self, key: str) -> None:
        """Bring the box of a key into view and give it the keyboard."""
        if (field := self._all_fields().get(key)) is not None:
            self.ensureWidgetVisible(field.box, 0, 90)
            field.box.setFocus()

    # -- connection test and record ---------------------------------------------------------------

    def _try(self) -> None:
        if self.draft.profile is not None:
            self.connection_test.begin(self.draft.profile)
            self._bridge.check_service(self.draft.profile, self.token.typed())

    def _ask_about(self, task_id: str, type_id: int) -> None:
        if self.draft.profile is not None:
            self._bridge.ask_about(self.draft.profile, self.token.typed(), task_id, type_id)

    # -- inside -----------------------------------------------------------------------------------

    def _has_more(self) -> bool:
        """Whether a new service has more filled in than an empty one."""
        return bool(self.draft.data.get("base_url", BLANK) != BLANK)

    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for field in self.fields.values():
            field.store(data)
        if types := self.types.values():
            data["enhance_types"] = types
        return data

    def _edited(self) -> None:
        if not self._loading:
            self._check()
            self.changed.emit()

    def _token_edited(self) -> None:
        # The result of the test was about another token.
        self.connection_test.clear()
        self.connection_test.test.setEnabled(self.draft.profile is not None)
        self.changed.emit()

    def _check(self) -> None:
        data = self._data()
        profile, mistakes = read_mapping(data, self.entry.name)
        if folded(str(data.get("name", ""))) in self._others:
            profile = None
            mistakes = (ProfileInvalid(self.entry.name, "name", _NAME_TAKEN), *mistakes)
        self.draft = Draft(data, profile, mistakes)
        self._show_mistakes()
        self._show_parts()

    def _show_mistakes(self) -> None:
        reasons = {mistake.key: shown(mistake.reason) for mistake in reversed(self.draft.mistakes)}
        fields = self._all_fields()
        for key, field in fields.items():
            field.show_problem(reasons.get(key, ""))
        unknown = [mistake for mistake in self.entry.mistakes if mistake.key not in fields]
        self.mistakes.show_mistakes(
            [mistake for mistake in self.draft.mistakes if is_blank(mistake)],
            [mistake for mistake in self.draft.mistakes if not is_blank(mistake)],
            unknown,
            self.types.lines,
        )

    def _all_fields(self) -> dict[str, Field]:
        return {**self.fields, **self.types.fields()}

    def _show_parts(self) -> None:
        profile = self.draft.profile
        if self.connection_test.profile is not None and self.connection_test.profile != profile:
            self.connection_test.clear()
        self.connection_test.test.setEnabled(profile is not None)
        stored = self.entry.profile if not self.entry.is_new else None
        described = profile or stored  # a mistake of the moment takes no choice away
        self.record.offer(described.enhance_types if described else (), ready=profile is not None)
        self.task.show_service(stored, saved=profile == stored)
        self.token.show_change(profile)
        self._show_callbacks()
        self._show_warnings(profile, stored)
        needs = self.draft.data.get("needs_token", True)
        self._token_card.setVisible(needs is not False)

    def _show_warnings(self, profile: ServiceProfile | None, stored: ServiceProfile | None) -> None:
        known = warnings_of(stored) if stored is not None else ()
        new = (
            [warning for warning in warnings_of(profile) if warning not in known] if profile else []
        )
        self.warnings.setText("\n".join(new))
        self._warnings_card.setAccessibleDescription(self.warnings.text())
        self._warnings_card.setVisible(bool(new))

    def _show_callbacks(self) -> None:
        listens = bool(dict(self.draft.data.get("callback", {})).get("listen"))
        problem = self._callback_problem
        show_message(
            self.callbacks, (problem or tr(_LISTENS)) if listens else "", problem=bool(problem)
        )

    def _put_number(self, number: int, phase: Phase) -> None:
        for each in Phase:
            field = self.fields[f"status.{each.value}"]
            if isinstance(field, TextField):
                field.list_number(number, each is phase)
        self.show_key(f"status.{phase.value}")

    # -- the page ---------------------------------------------------------------------------------

    def _build(self) -> None:
        texts = column(
            label(tr("Before you save"), "heading"),
            self.warnings,
            spacing=6,
            margins=(18, 12, 18, 14),
        )
        self._warnings_card = frame("attention-card", tr("Before you save"), texts)
        self._token_card = section(tr("Token"), self.token)
        types = tr(KEYS["enhance_types"].label)
        for card in (
            self.mistakes,
            self._warnings_card,
            self._fields(tr("The service"), ("name", "base_url")),
            self._token_card,
            section(tr("Connection test"), self.connection_test),
            section(types, self.types, text=tr(_TYPES_TEXTS)),
            self._table("status"),
            section(tr("Ask about one task"), self.record),
            section(tr("Trial task"), self.task),
            self._fields(tr("How calls are made"), _CALL_KEYS),
            self._fields(
                tr("What this provider does differently"), _OTHER_KEYS, text=tr(_OTHER_TEXTS)
            ),
            self._table("limits"),
            self._fields(tr("Pace and privacy"), _PACE_KEYS),
            self._table("callback", self.callbacks, more=tr(_CALLBACK_TEXTS)),
        ):
            self._page.addWidget(card)
        self._page.addStretch(1)

    def _table(self, name: str, *parts: QWidget, more: str = "") -> QFrame:
        """Return the keys of a table of the file."""
        text = f"{tr(KEYS[name].explanation)} {more}".rstrip()
        names = [key.name for key in keys_of(name)]
        return self._fields(tr(KEYS[name].label), names, *parts, text=text)

    def _fields(self, title: str, names: Iterable[str], *parts: QWidget, text: str = "") -> QFrame:
        made = {name: field_of(KEYS[name]) for name in names}
        for field in made.values():
            field.changed.connect(self._edited)
        self.fields |= made
        labelled = [field.labelled() for field in made.values()]
        return section(title, *labelled, *parts, text=text)
