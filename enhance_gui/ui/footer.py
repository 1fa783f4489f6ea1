"""The line at the bottom: how the batch gets on, where results go, pause."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar

from enhance_gui.ui.tally import Progress
from enhance_gui.ui.widgets import ElidedLabel, label, row, short_path, tool


class Footer(QFrame):
    """Totals and the save folder."""

    folder_wanted = Signal()
    """The user wants to see the save folder."""
    pause_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "bottom-bar")
        self.setAccessibleName("Progress and save folder")
        self._words = label("", "")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(180)
        self._bar.setAccessibleName("Progress of the batch")
        self._where = ElidedLabel("quiet", Qt.TextElideMode.ElideMiddle)
        self._where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._folder = tool("Open folder", "plain", tip="Show the save folder")
        self.pause = tool(
            "Pause", "plain", tip="Stop sending; what the service has is still fetched (Ctrl+P)"
        )
        self.pause.setCheckable(True)
        self.pause.toggled.connect(self._pause_toggled)
        self._folder.clicked.connect(self.folder_wanted)
        layout = row(self._words, self._bar, 12, spacing=12)
        layout.addWidget(self._where, 1)
        layout.addWidget(self._folder)
        layout.addWidget(self.pause)
        layout.setContentsMargins(20, 6, 12, 6)
        self.setLayout(layout)
        self.show_progress(Progress())

    def show_folder(self, folder: Path, *, auto_save: bool) -> None:
        """Say where results go."""
        shown = short_path(folder)
        self._where.say(
            f"Saves to {shown} · never overwrites" if auto_save else "Kept until you save them"
        )

    def show_progress(self, progress: Progress) -> None:
        """Show how the batch gets on."""
        self._bar.setVisible(progress.running)
        self._bar.setMaximum(max(1, progress.total))
        self._bar.setValue(progress.finished)
        self._words.setText(progress_words(progress))

    def _pause_toggled(self, wanted: bool) -> None:
        self.pause.setText("Continue" if wanted else "Pause")
        self.pause.setAccessibleName("Continue sending" if wanted else "Pause sending")
        self.pause_chosen.emit(wanted)


def progress_words(progress: Progress) -> str:
    """Say how a batch gets on, or how it ended."""
    if not progress.total:
        return "Ready"
    parts = [f"{progress.saved} of {progress.total} saved"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.held:
        parts.append(f"{progress.held} need you" if progress.held > 1 else "1 needs you")
    return " · ".join(parts)
