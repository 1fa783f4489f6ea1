"""The window of the user guide, with its chapters beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QTextBlock
from PySide6.QtWidgets import QDialog, QListWidget, QTextBrowser, QWidget

from enhance_gui.core.resources import resource
from enhance_gui.core.text.i18n import ENGLISH, fact, tr
from enhance_gui.ui.widgets.basics import row
from enhance_gui.ui.widgets.fitting import resize_to_fit, text_px

_CHAPTER: Final = 2
"""Level of the headings that are chapters."""
_CHAPTERS_WIDTH_PX: Final = 230
_GAP_PX: Final = 4
_MARGIN_PX: Final = 24


class GuideWindow(QDialog):
    """Shows ``resources/help/guide.md``, or its translation."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("User guide"))
        resize_to_fit(self, QSize(940, 720))
        self.text = QTextBrowser()
        self.text.setAccessibleName(tr("User guide"))
        self.text.setOpenLinks(False)
        self.text.document().setDocumentMargin(_MARGIN_PX)
        self.text.setMarkdown(_guide().read_text(encoding="utf-8"))
        self.chapters = QListWidget()
        self.chapters.setAccessibleName(tr("Chapters"))
        self.chapters.setFixedWidth(text_px(_CHAPTERS_WIDTH_PX))
        self.chapters.setWordWrap(True)
        self.chapters.setSpacing(_GAP_PX)
        self._begins = [block for block in self._blocks() if _is_chapter(block)]
        self.chapters.addItems([block.text() for block in self._begins])
        self.chapters.currentRowChanged.connect(self._show_chapter)
        self.setLayout(row(self.chapters, self.text, spacing=0, grows=self.text))
        self.text.setFocus()

    def _blocks(self) -> list[QTextBlock]:
        document = self.text.document()
        return [document.findBlockByNumber(each) for each in range(document.blockCount())]

    def _show_chapter(self, number: int) -> None:
        layout = self.text.document().documentLayout()
        top = layout.blockBoundingRect(self._begins[number]).top()
        self.text.verticalScrollBar().setValue(round(top) - _MARGIN_PX)


def _guide() -> Path:
    """Return the guide in the window's language or, where it is not translated, in English."""
    translated = resource("help") / f"guide.{fact('language', ENGLISH)}.md"
    return translated if translated.is_file() else resource("help/guide.md")


def _is_chapter(block: QTextBlock) -> bool:
    return block.blockFormat().headingLevel() == _CHAPTER
