"""The page of spending: limits on charges, and what was charged so far."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.tasks.spending import Ledger, Spent, Totals, sums
from enhance_gui.core.text.i18n import N_, plural, tr
from enhance_gui.core.text.joining import listed, quoted
from enhance_gui.ui.adding.choices import Choices
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.gallery.texts import credits_text
from enhance_gui.ui.settings.page import Page, beside_field, check, note, number
from enhance_gui.ui.widgets.basics import button, clear, column, holder, label, row

_FIRST_LIMIT: Final = 20.0
"""The number in the field before the user has typed another one."""

_MAX: Final = 1_000_000.0

_WHAT_COUNTS: Final = N_(
    "Services do not report what they charge. The program counts what may have been "
    "charged: the cost that the profile names for the enhance type, for each attempt "
    "that was accepted or is in doubt. You are asked before a limit is exceeded; "
    "until then, what waits is held."
)


class SpendingPage(Page):
    """Sets a limit a day for each service that may charge, and one for each batch."""

    ledger_wanted = Signal()

    def __init__(self, choices: Choices, account: AccountBridge) -> None:
        super().__init__(tr("Spending"), choices)
        self.limits: dict[str, Limit] = {}
        """The daily limits, by service."""
        self._spent: dict[str, QLabel] = {}
        self.add_intro(tr(_WHAT_COUNTS))
        self._shown: tuple[ServiceProfile, ...] | None = None
        self._ledger: Ledger | None = None
        self._days = column(spacing=16)
        self.add_row(tr("Daily limit"), self._days)
        self._show_services()
        self.batch = Limit(
            tr("At most, for each batch"), self.now.batch_limit, tr("credits a batch")
        )
        self.batch.chosen.connect(lambda maximum: self.change(batch_limit=maximum))
        text = tr(
            "A batch is what you add together; what you retry or send again together is a batch of "
            "its own. What it has cost counts on after a restart."
        )
        self.add_row(tr("Limit per batch"), column(self.batch, note(text), spacing=4))
        ledger = button(tr("Show the ledger…"), tip=tr("What was charged, when and for what"))
        ledger.clicked.connect(self.ledger_wanted)
        self.add_row("", row(ledger, None))
        account.ledger_read.connect(self._show_spent)
        account.read_ledger()
        choices.changed.connect(self._show_services)

    def _show_services(self) -> None:
        """Show a limit for each service that there is now: one may be connected meanwhile."""
        remote = [each for each in self.choices.profiles if each.name != LOCAL_SERVICE_NAME]
        if tuple(remote) == self._shown:
            return
        self._shown = tuple(remote)
        self.limits.clear()
        self._spent.clear()
        clear(self._days)
        for profile in remote:
            self._days.addWidget(self._service(profile))
        if not remote:
            text = tr("No service that may charge is connected. “This computer” never charges.")
            self._days.addWidget(beside_field(text, "quiet", wraps=True))
        if self._ledger is not None:
            self._show_spent(self._ledger)

    def _service(self, profile: ServiceProfile) -> QWidget:
        name = profile.name
        limit = Limit(
            tr("At most a day on {service}").format(service=name),
            self.now.day_limits.get(name),
            tr("credits a day"),
        )
        limit.chosen.connect(
            lambda maximum: self.choices.change(self.now.with_day_limit(name, maximum))
        )
        self.limits[name] = limit
        self._spent[name] = note(_spent_text(Totals(Spent(), Spent())))
        text = _uncounted(profile)
        uncounted = [note(text)] if text else []
        head = beside_field(name, "heading")
        return holder(column(head, limit, self._spent[name], *uncounted, spacing=4))

    def _show_spent(self, ledger: Ledger) -> None:
        self._ledger = ledger
        found = sums(ledger)
        for service, text in self._spent.items():
            text.setText(_spent_text(found.get(service, Totals(Spent(), Spent()))))


class Limit(QWidget):
    """A switch, and a number of credits beside it."""

    chosen = Signal(object)
    """The credits; ``None``: no limit."""

    def __init__(self, name: str, maximum: float | None, unit: str) -> None:
        """:param name: what a screen reader says of it."""
        super().__init__()
        self.switch = check(tr("At most"), on=maximum is not None)
        self.switch.setAccessibleName(name)
        self.credits = number(tr("Credits: {limit}").format(limit=name), 0, _MAX, decimals=2)
        self.credits.setValue(_FIRST_LIMIT if maximum is None else maximum)
        self.credits.setEnabled(maximum is not None)
        self.switch.toggled.connect(self.credits.setEnabled)
        self.switch.toggled.connect(self._choose)
        # Not at every key: a limit of 1 on the way to 100 would pause the work.
        self.credits.editingFinished.connect(self._choose)
        self.setLayout(row(self.switch, self.credits, label(unit, "quiet"), None, spacing=10))

    def _choose(self) -> None:
        self.chosen.emit(self.credits.value() if self.switch.isChecked() else None)


def _uncounted(profile: ServiceProfile) -> str:
    """Return what a limit asks about if a cost is not known; empty: nothing."""
    unknown = [type_.name for type_ in profile.enhance_types if not type_.cost]
    if len(unknown) == len(profile.enhance_types):
        return tr(
            "Its profile names no costs, so under a limit you are asked before anything is sent: "
            "add them to its enhance types, under “Services…”."
        )
    if not unknown:
        return ""
    text = tr(
        "Under a limit you are asked before “{types}” is sent, whose cost is not known: add it "
        "under “Services…”."
    )
    # The outermost quotation marks are the sentence's own.
    return text.format(types=listed(map(quoted, unknown))[1:-1])


def _spent_text(totals: Totals) -> str:
    return tr("Today {today}, this month {month}").format(
        today=spent_text(totals.today), month=spent_text(totals.this_month)
    )


def spent_text(spent: Spent) -> str:
    """Return a sum in words, with how many attempts it leaves out for want of a known cost."""
    text = credits_text(spent.credits)
    if not spent.of_unknown_cost:
        return text
    unknown = plural(
        "{count} of unknown cost", "{count} of unknown cost", spent.of_unknown_cost
    ).format(count=spent.of_unknown_cost)
    return unknown if spent.of_unknown_cost == spent.attempts else f"{text} + {unknown}"
