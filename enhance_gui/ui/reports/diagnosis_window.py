"""The window of the diagnosis report, which is shown before it is copied or saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDate, QDir, QSize
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QPlainTextEdit, QProgressBar, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.settings.page import say
from enhance_gui.ui.widgets.basics import button, column, label, row
from enhance_gui.ui.widgets.fitting import resize_to_fit


class DiagnosisWindow(QDialog):
    """Makes the report at once; copies or saves only what is shown."""

    def __init__(self, parent: QWidget, account: AccountBridge) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Diagnosis"))
        resize_to_fit(self, QSize(820, 640))
        self._account = account
        self._target = ""
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Report"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.text.setTabChangesFocus(True)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName(tr("Looking"))
        self.state = label("", "quiet", wraps=True)
        self.again = button(tr("Refresh"), tip=tr("Refresh the report"))
        self.copy = button(tr("Copy"), tip=tr("Copy the report as it is shown"))
        self.keep = button(tr("Save…"), tip=tr("Save the report as it is shown"))
        close = button(tr("Close"), tip=tr("Close this window (Esc)"))
        self.again.clicked.connect(self.look)
        self.copy.clicked.connect(self._copy)
        self.keep.clicked.connect(self._choose_file)
        close.clicked.connect(self.close)
        layout = column(label(_promise(), "quiet", wraps=True), spacing=12)
        layout.addWidget(self.text, 1)
        layout.addWidget(self._busy)
        layout.addWidget(self.state)
        layout.addLayout(row(self.again, None, self.copy, self.keep, close, spacing=10))
        layout.setContentsMargins(24, 20, 24, 18)
        self.setLayout(layout)
        account.diagnosed.connect(self._show)
        account.saved.connect(self._say_saved)
        account.message.connect(self._say_problem)
        self.look()

    def look(self) -> None:
        """Make the report anew."""
        self._become_busy(True)
        say(self.state, tr("Checking… Services that do not respond take longest."))
        self._account.diagnose()

    def save(self, target: Path) -> None:
        """Save what is shown."""
        self._target = str(target)
        self._account.save_text(f"{self.text.toPlainText()}\n", target)

    def _show(self, report: str) -> None:
        self.text.setPlainText(report)
        self._become_busy(False)
        say(self.state, "")

    def _become_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)
        for each in (self.again, self.copy, self.keep):
            each.setEnabled(not busy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        say(self.state, tr("Copied."))

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, tr("Save the report"), QDir.homePath())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # Nothing is ever replaced: where the name is taken the file gets the next free one.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setNameFilters([tr("Text (*.txt)")])
        dialog.setDefaultSuffix("txt")
        today = QDate.currentDate().toString("yyyy-MM-dd")
        dialog.selectFile(f"enhance-gui-diagnosis-{today}.txt")
        dialog.fileSelected.connect(lambda path: self.save(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _say_problem(self, words: str) -> None:
        say(self.state, words, problem=True)

    def _say_saved(self, asked: str, path: str) -> None:
        if asked == self._target:
            say(self.state, tr("Saved as “{name}”.").format(name=Path(path).name))


def _promise() -> str:
    return tr(
        "It holds no token and no secret part of an address; it does name folders, services and "
        "the last lines of the log. Read it before you pass it on: nothing is sent anywhere."
    )
