"""The window of the diagnosis report, which is shown before it is copied or saved."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QProgressBar, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.reports.report_window import ReportWindow
from enhance_gui.ui.settings.page import show_message
from enhance_gui.ui.widgets.basics import button, column, label, row


class DiagnosisWindow(ReportWindow):
    """Makes the report at once; copies or saves only what is shown."""

    def __init__(self, parent: QWidget, account: AccountBridge) -> None:
        super().__init__(parent, account, tr("Diagnosis"), QSize(820, 640))
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
        self.state.setWordWrap(True)
        self.again = button(tr("Refresh"), tip=tr("Refresh the report"))
        self.copy = button(tr("Copy"), tip=tr("Copy the report as it is shown"))
        self.keep = button(tr("Save…"), tip=tr("Save the report as it is shown"))
        close = button(tr("Close"), tip=tr("Close this window (Esc)"))
        self.again.clicked.connect(self.look)
        self.copy.clicked.connect(self._copy)
        self.keep.clicked.connect(self._choose_file)
        close.clicked.connect(self.close)
        promise = tr(
            "It holds no token and no secret part of an address; it does name folders, services "
            "and the last lines of the log. Read it before you pass it on: nothing is sent "
            "anywhere."
        )
        layout = column(label(promise, "quiet", wraps=True), spacing=12)
        layout.addWidget(self.text, 1)
        layout.addWidget(self._busy)
        layout.addWidget(self.state)
        layout.addLayout(row(self.again, None, self.copy, self.keep, close, spacing=10))
        layout.setContentsMargins(24, 20, 24, 18)
        self.setLayout(layout)
        account.diagnosed.connect(self._show)
        self.look()

    def look(self) -> None:
        """Make the report anew."""
        self._become_busy(True)
        show_message(self.state, tr("Checking… Services that do not respond take longest."))
        self._account.diagnose()

    def content(self) -> str:
        return f"{self.text.toPlainText()}\n"

    def _show(self, report: str) -> None:
        self.text.setPlainText(report)
        self._become_busy(False)
        show_message(self.state, "")

    def _become_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)
        for each in (self.again, self.copy, self.keep):
            each.setEnabled(not busy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        show_message(self.state, tr("Copied."))

    def _choose_file(self) -> None:
        name = "enhance-gui-diagnosis.txt"
        self.choose_file(tr("Save the report"), name, tr("Text (*.txt)"))
