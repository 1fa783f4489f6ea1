"""The line at the bottom: progress of the batch, the save folder, pause."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QProgressBar

from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.settings.saving import SUBFOLDER_NAME, Place
from enhance_gui.core.text.i18n import tr
from enhance_gui.core.text.joining import titled
from enhance_gui.ui.adding.service_picker import service_text
from enhance_gui.ui.bridges.task_bridge import ServiceStatus, ServiceStatusChanged
from enhance_gui.ui.widgets.basics import ElidedLabel, label, row, short_path, tool
from enhance_gui.ui.widgets.fitting import text_px
from enhance_gui.ui.window.batch_progress import Progress, progress_parts

ADDING_MS: Final = 60
"""What is added faster is not announced: a text that only flashes is no help."""


class Footer(QFrame):
    """Shows progress, the save folder and the pause button."""

    folder_wanted = Signal()
    """The user wants to see the save folder."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "bottom-bar")
        self.setAccessibleName(tr("Progress and save folder"))
        self._text = ElidedLabel()
        self._paused = label(tr("Paused: nothing is sent"), "doubt")
        self._progress = Progress()
        self._starting: dict[str, str] = {}
        self._adding = False
        self._adding_long = QTimer(self, singleShot=True, interval=ADDING_MS)
        self._adding_long.timeout.connect(self._show)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(text_px(180))
        self._bar.setAccessibleName(tr("Progress of the batch"))
        self._where = ElidedLabel("quiet", Qt.TextElideMode.ElideMiddle)
        self._where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._folder = tool(tr("Open folder"), "plain", tip=tr("Show the save folder"))
        self.pause = tool(
            tr("Pause"),
            "plain",
            tip=tr("Stop sending; what the service has is still fetched (Ctrl+P)"),
        )
        self.pause.setCheckable(True)
        self.pause.toggled.connect(self._show_paused)
        self._folder.clicked.connect(self.folder_wanted)
        layout = row(self._paused, self._text, self._bar, 12, spacing=12)
        layout.addWidget(self._where, 1)
        layout.addWidget(self._folder)
        layout.addWidget(self.pause)
        layout.setContentsMargins(20, 6, 12, 6)
        self.setLayout(layout)
        self.show_progress(Progress())

    def show_place(self, folder: Path, preferences: Preferences) -> None:
        """Show where results go."""
        if not preferences.auto_save:
            self._where.show_text(tr("Kept until you save them"))
        elif preferences.place is Place.FOLDER:
            saves = tr("Saves to {folder} · never overwrites")
            self._where.show_text(saves.format(folder=short_path(folder)))
        elif preferences.place is Place.BESIDE:
            self._where.show_text(tr("Saves beside the originals · never overwrites"))
        else:
            saves = tr("Saves in “{name}” beside the originals · never overwrites")
            self._where.show_text(saves.format(name=SUBFOLDER_NAME))

    def show_progress(self, progress: Progress) -> None:
        """Show the progress of the batch."""
        self._progress = progress
        self._show()

    def on_service_status(self, event: ServiceStatusChanged) -> None:
        """Show that a service is being started: the first picture waits for that."""
        if event.state is ServiceStatus.STARTING:
            self._starting[event.service] = service_text(event.service, event)
        else:
            self._starting.pop(event.service, None)
        self._show()

    def show_adding(self, adding: bool) -> None:
        """Show that pictures are being added to the list, if that takes long."""
        if adding and not self._adding:
            self._adding_long.start()
        elif not adding:
            self._adding_long.stop()
        self._adding = adding
        self._show()

    def _show(self) -> None:
        progress, paused = self._progress, self.pause.isChecked()
        starting = self._what_begins()
        self._bar.setVisible(progress.running or bool(starting))
        # A range of nothing to nothing is how Qt shows that something goes on of unknown length.
        self._bar.setRange(0, 0 if starting else max(1, progress.total))
        self._bar.setValue(progress.finished)
        self._text.show_text(starting or progress_text(progress))
        self._paused.setVisible(paused)
        # "Ready" would say the contrary.
        self._text.setVisible(bool(starting or progress.total or not paused))

    def _what_begins(self) -> str:
        """Return what the pictures added last wait for; empty: for nothing."""
        if self._starting and not self._progress.running:
            return next(iter(self._starting.values()))
        waits_long = self._adding and not self._adding_long.isActive()
        return tr("Adding pictures") if waits_long else ""

    def _show_paused(self, wanted: bool) -> None:
        self.pause.setText(tr("Continue") if wanted else tr("Pause"))
        self.pause.setAccessibleName(tr("Continue sending") if wanted else tr("Pause sending"))
        self._show()


def progress_text(progress: Progress) -> str:
    """Return the progress of a batch as a text, or how it ended."""
    if not progress.total:
        return tr("Ready")
    return titled(tr("Batch"), " · ".join(progress_parts(progress)))
