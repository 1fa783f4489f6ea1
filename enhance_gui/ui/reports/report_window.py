"""What the windows have in common whose content can be saved as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QDate, QDir, QSize
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.bridges.account_bridge import AccountBridge
from enhance_gui.ui.settings.page import show_message
from enhance_gui.ui.widgets.basics import label
from enhance_gui.ui.widgets.fitting import resize_to_fit


class ReportWindow(QDialog):
    """Saves what it shows, and says what became of that."""

    def __init__(self, parent: QWidget, account: AccountBridge, title: str, size: QSize) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        resize_to_fit(self, size)
        self._account = account
        self._target = ""
        self.state = label("", "quiet")
        account.saved.connect(self._show_saved)
        account.message.connect(self._show_problem)

    def content(self) -> str:
        """Return what is shown, as the text to save."""
        raise NotImplementedError

    def save(self, target: Path) -> None:
        """Save what is shown."""
        self._target = str(target)
        self._account.save_text(self.content(), target)

    def choose_file(self, title: str, name: str, files: str) -> None:
        """Ask where to save it.

        :param name: of the file, which gets today's date too.
        :param files: the kind of file as Qt has it: "Text (*.txt)".
        """
        today = QDate.currentDate().toString("yyyy-MM-dd")
        named = Path(QDir.homePath(), name)
        path = named.with_stem(f"{named.stem}-{today}")
        ask_where_to_save(self, title, path, self.save, files)

    def _show_problem(self, text: str) -> None:
        show_message(self.state, text, problem=True)

    def _show_saved(self, asked: str, path: str) -> None:
        if asked == self._target:
            show_message(self.state, tr("Saved as “{name}”.").format(name=Path(path).name))


def ask_where_to_save(
    parent: QWidget, title: str, path: Path, save: Callable[[Path], object], files: str = ""
) -> None:
    """Ask for the place of a file.

    :param path: what is offered.
    :param save: is given what was chosen.
    :param files: the kind of file; empty: any.
    """
    dialog = QFileDialog(parent, title, str(path))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    # Nothing is ever replaced: where the name is taken the file gets the next free one.
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    if files:
        dialog.setOption(QFileDialog.Option.HideNameFilterDetails)
        dialog.setNameFilters([files])
        # The filter has made the first of its endings that of the file.
        dialog.selectFile(str(path))
    dialog.setDefaultSuffix(path.suffix.lstrip("."))
    dialog.fileSelected.connect(lambda chosen: save(Path(chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
