"""The window of the ledger: what was possibly charged, when, for what, and the sums."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QWidget,
)

from enhance_gui.core.tasks.spending import (
    Ledger,
    LedgerEntry,
    Period,
    ledger_csv,
    since,
    sums,
    total,
    totals,
)
from enhance_gui.core.text.i18n import N_, number, plural, tr
from enhance_gui.core.text.joining import titled
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.texts import service_name
from enhance_gui.ui.reports.ledger_model import PICTURE_COLUMN, LedgerModel, shown_moment
from enhance_gui.ui.reports.report_window import ReportWindow
from enhance_gui.ui.settings.page import show_message
from enhance_gui.ui.settings.spending import spent_text
from enhance_gui.ui.widgets.basics import DropDown, button, clear, column, frame, label, row
from enhance_gui.ui.widgets.fitting import text_px

READ_AGAIN_MS: Final = 800
"""How long after a change of a task the ledger is read anew."""

_PERIODS: Final = {
    Period.TODAY: N_("Today"),
    Period.WEEK: N_("Last 7 days"),
    Period.MONTH: N_("This month"),
    Period.YEAR: N_("This year"),
    Period.ALL: N_("Since the beginning"),
}

_ROW_HEIGHT_PX: Final = 34
_COLUMN_WIDTH_PX: Final = 80
"""At least; in a narrow window the table scrolls."""


class LedgerWindow(ReportWindow):
    """Sums above, entries below; kept up to date while it is open."""

    def __init__(self, parent: QWidget, bridge: Bridge, account: AccountBridge) -> None:
        super().__init__(parent, account, tr("Ledger"), QSize(900, 640))
        self._ledger: Ledger | None = None
        self._make_filters()
        self._sums = QGridLayout()
        self._sums.setHorizontalSpacing(28)
        self._sums.setVerticalSpacing(6)
        self._sums.setColumnStretch(3, 1)
        self._make_table()
        self._place()
        self._timer = QTimer(self, singleShot=True, interval=READ_AGAIN_MS)
        self._timer.timeout.connect(self.read)
        bridge.tasks.changed.connect(self._expect_news)
        account.ledger_read.connect(self._on_ledger)
        self.read()

    def read(self) -> None:
        """Read the ledger anew."""
        if self._ledger is None:
            self._account.read_ledger()
        else:
            self._account.read_ledger(since(self._chosen_period, self._ledger.now))

    # -- parts ------------------------------------------------------------------------------------

    def _make_filters(self) -> None:
        self.service = DropDown()
        self.service.setAccessibleName(tr("Service"))
        self.service.setMinimumWidth(text_px(180))
        self.service.addItem(tr("All services"), "")
        self.service.activated.connect(self._show)
        self.period = DropDown()
        self.period.setAccessibleName(tr("Period"))
        for period, name in _PERIODS.items():
            self.period.addItem(tr(name), period)
        self.period.setCurrentIndex(list(_PERIODS).index(Period.MONTH))
        self.period.activated.connect(self._choose_period)
        self.export = button(tr("Export…"), tip=tr("Save the entries shown as CSV"))
        self.export.clicked.connect(self._choose_file)
        self.export.setEnabled(False)

    def _make_table(self) -> None:
        self.model = LedgerModel(self)
        self.table = QTableView()
        self.table.setAccessibleName(tr("Entries of the ledger"))
        self.table.setModel(self.model)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(text_px(_ROW_HEIGHT_PX))
        self.table.verticalHeader().setAccessibleName(tr("Rows"))
        head = self.table.horizontalHeader()
        head.setAccessibleName(tr("Columns"))
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setResizeContentsPrecision(200)
        head.setMinimumSectionSize(text_px(_COLUMN_WIDTH_PX))
        head.setSectionResizeMode(PICTURE_COLUMN, QHeaderView.ResizeMode.Stretch)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)

    def _place(self) -> None:
        self.sums = frame("card", tr("Sums"))
        inside = column(spacing=8)
        inside.addLayout(self._sums)
        inside.setContentsMargins(18, 14, 18, 14)
        self.sums.setLayout(inside)
        self._nothing_sent = label(
            tr("Nothing was sent that may have cost something."), "quiet", wraps=True
        )
        self._empty = _empty_page(self._nothing_sent)
        self._entries = QStackedWidget()
        self._entries.addWidget(self.table)
        self._entries.addWidget(self._empty)
        self.incomplete = label("", wraps=True)
        self.incomplete.hide()
        close = button(tr("Close"), tip=tr("Close this window (Esc)"))
        close.clicked.connect(self.close)
        filters = row(self.service, self.period, None, self.export, spacing=10)
        layout = column(spacing=14)
        layout.addWidget(self.sums)
        layout.addWidget(self.incomplete)
        layout.addLayout(filters)
        layout.addWidget(self._entries, 1)
        layout.addLayout(row(self.state, None, close, spacing=10))
        layout.setContentsMargins(24, 20, 24, 18)
        self.setLayout(layout)

    # -- what is shown ----------------------------------------------------------------------------

    def _expect_news(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _choose_period(self) -> None:
        self._show()
        self.read()

    def _on_ledger(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._offer_services(ledger)
        self._show_sums(ledger)
        self._show()

    def _offer_services(self, ledger: Ledger) -> None:
        for service in sorted({entry.service for entry in ledger.entries}, key=str.casefold):
            if self.service.findData(service) < 0:
                self.service.addItem(service_name(service), service)

    @property
    def _chosen_period(self) -> Period:
        # Qt gives back a plain text for what was a member of an enumeration of texts.
        return Period(self.period.currentData())

    def _shown(self) -> list[LedgerEntry]:
        ledger = self._ledger
        if ledger is None:
            return []
        begin = since(self._chosen_period, ledger.now)
        service = self.service.currentData()
        return [
            entry
            for entry in ledger.entries
            if entry.at >= begin and (not service or entry.service == service)
        ]

    def _show(self) -> None:
        entries = self._shown()
        self.model.show(entries)
        self._entries.setCurrentWidget(self.table if entries else self._empty)
        self._show_incomplete()
        self.export.setEnabled(bool(entries))
        text = plural("{count} entry", "{count} entries", len(entries))
        message = titled(text.format(count=number(len(entries))), spent_text(total(entries)))
        show_message(self.state, message if entries else "")

    def _show_incomplete(self) -> None:
        """Show until when the sums are a lower bound: some charges may be unknown."""
        ledger = self._ledger
        until = None
        if ledger is not None:
            until = ledger.incomplete_until(since(self._chosen_period, ledger.now))
        self.incomplete.setVisible(until is not None)
        self._nothing_sent.setVisible(until is None)
        if until is not None:
            text = tr(
                "The list of tasks was damaged, lost or replaced by an older one ({moment}). More "
                "may have been charged until then than is shown here."
            )
            self.incomplete.setText(text.format(moment=shown_moment(until)))

    def _show_sums(self, ledger: Ledger) -> None:
        found = sums(ledger)
        lines = [(service_name(name), each, "") for name, each in found.items()]
        if len(lines) != 1:
            lines.append((tr("All services"), totals(ledger.entries, ledger.now), "heading"))
        clear(self._sums)
        for place, head in enumerate((tr("May have been charged"), tr("Today"), tr("This month"))):
            self._sums.addWidget(label(head, "quiet"), 0, place)
        for line, (name, each, kind) in enumerate(lines, start=1):
            texts = (name, spent_text(each.today), spent_text(each.this_month))
            for place, text in enumerate(texts):
                self._sums.addWidget(label(text, kind), line, place)

    # -- export -----------------------------------------------------------------------------------

    def _choose_file(self) -> None:
        name = "enhance-gui-ledger.csv"
        self.choose_file(tr("Export the ledger"), name, tr("Table (*.csv)"))

    def content(self) -> str:
        return ledger_csv(self.model.entries)


def _empty_page(note: QLabel) -> QFrame:
    page = frame("card", tr("Nothing in this period"))
    title = label(tr("Nothing in this period"), "heading")
    for each in (title, note):
        each.setAlignment(Qt.AlignmentFlag.AlignCenter)
    page.setLayout(column(None, title, note, None, spacing=6))
    return page
