"""Saves the report of the last batch where the user wants it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDate, QDir, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from enhance_gui.core.clock import Clock
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.bridges.task_bridge import Bridge
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.reports.batch_report import (
    MAX_WITH_PICTURES,
    Shots,
    report_page,
    report_table,
    shots_of,
)
from enhance_gui.ui.widgets.show_file import ask_for_path
from enhance_gui.ui.widgets.toast import Toast

_TABLE: Final = ".csv"
_PAGE: Final = ".html"


class BatchReportSaver(QObject):
    """Asks where to, has the report made in threads, and says what became of it."""

    possible = Signal(bool)
    """Whether there is a batch to report on."""

    def __init__(
        self, window: QWidget, bridge: Bridge, account: AccountBridge, toast: Toast, clock: Clock
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._account = account
        self._toast = toast
        self._clock = clock
        self._ids: tuple[int, ...] = ()
        self._summary = ""
        self._target = ""
        account.saved.connect(self._show_saved)

    def show_batch(self, ids: tuple[int, ...], summary: str) -> None:
        """Report on this batch from now on.

        :param summary: how far it is, or how it ended, as a sentence.
        """
        self._ids, self._summary = ids, summary
        self.possible.emit(bool(ids))

    def choose_file(self) -> None:
        """Ask where to save it, and as what."""
        today = QDate.currentDate().toString("yyyy-MM-dd")
        stem = Path(QDir.homePath(), f"enhance-gui-batch-{today}")
        dialog = QFileDialog(self._window, tr("Save the report of the batch"), f"{stem}{_PAGE}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # Nothing is ever replaced: where the name is taken the file gets the next free one.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        kinds = {tr("Page with small pictures (*.html)"): _PAGE, tr("Table (*.csv)"): _TABLE}
        dialog.setNameFilters(list(kinds))
        dialog.setDefaultSuffix(_PAGE)

        def choose_kind(chosen: str) -> None:
            dialog.setDefaultSuffix(kinds[chosen])
            dialog.selectFile(f"{stem.name}{kinds[chosen]}")

        dialog.filterSelected.connect(choose_kind)
        ask_for_path(dialog, self.save)

    def save(self, target: Path) -> None:
        """Save it as what the ending says: a table, or else a page."""
        items = [self._bridge.items[each] for each in self._ids if each in self._bridge.items]
        self._target = str(target)
        if target.suffix.lower() == _TABLE:
            self._account.save_made((), partial(report_table, items), target)
            return
        shots: dict[int, Shots] = {}

        def read(item: Item) -> None:
            shots[item.task.id] = shots_of(item)

        now = self._clock.wall()
        self._account.save_made(
            [partial(read, each) for each in items[:MAX_WITH_PICTURES]],
            lambda: report_page(items, shots, self._summary, now),
            target,
        )

    def _show_saved(self, asked: str, path: str) -> None:
        if asked == self._target:
            text = tr("Saved as “{name}”.").format(name=Path(path).name)
            url = QUrl.fromLocalFile(path)
            self._toast.offer(text, tr("Open"), lambda: QDesktopServices.openUrl(url))
