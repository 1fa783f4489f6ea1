"""The message in the list where there is nothing to list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QVBoxLayout, QWidget

from enhance_gui.core.text.joining import ended, sentences
from enhance_gui.ui.gallery.texts import EmptyTexts
from enhance_gui.ui.widgets.basics import label


class EmptyPage(QWidget):
    """A title and a sentence over a view, which keeps the keyboard and the mouse."""

    def __init__(self, view: QAbstractScrollArea) -> None:
        super().__init__(view.viewport())
        self._ground = view.viewport()
        self._title = label("", "title", wraps=True)
        self._sentence = label("", "quiet", wraps=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 32, 32, 32)
        layout.setSpacing(8)
        layout.addStretch(2)
        for part in (self._title, self._sentence):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(part)
        layout.addStretch(3)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self._ground.installEventFilter(self)

    def show_text(self, text: EmptyTexts | None) -> None:
        """Show these texts; ``None``: nothing."""
        if text is not None:
            self._title.setText(text.title)
            self._sentence.setText(text.sentence)
            self.setAccessibleName(sentences(ended(text.title), text.sentence))
            self.setGeometry(self._ground.rect())
        self.setVisible(text is not None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._ground:
            self.setGeometry(self._ground.rect())
        return super().eventFilter(watched, event)
