"""A line over the pictures that shows what has just happened; it goes away by itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QStackedWidget, QWidget

from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.widgets.basics import button, label, row, single_shot, tool

SHOWN_MS: Final = 7000
OFFERED_MS: Final = 12000
"""The same where there is something to do about it."""

Offer = tuple[str, Callable[[], object]]
"""What a button says, and what it does."""

MAX_WAITING: Final = 3
"""So many notices, the newest, wait for their turn."""

_CROSS: Final = "✕"
_MAX_WIDTH_PX: Final = 720
_GAP_PX: Final = 10
"""Smaller than what a note in the comparison has: none looks out from below."""
_MOVED_BY: Final = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class Toast(QFrame):
    """Floats at the bottom of the pages, in front of the one that is shown."""

    def __init__(self, parent: QStackedWidget, *bars: QWidget) -> None:
        """:param bars: lie at the bottom of pages, and are not to be covered."""
        super().__init__(parent)
        self._bars = bars
        self.setProperty("kind", "notice")
        self.setAccessibleName(tr("Notice"))
        self._text = label(wraps=True)
        self._came_from: QWidget | None = None
        self._waiting: deque[tuple[str, tuple[Offer, ...]]] = deque(maxlen=MAX_WAITING)
        """Notices that came while a question was open: none of them may answer it with a no. Nor
        may a mere sentence take away what is offered."""
        self._actions = row()
        self._close = tool(_CROSS, name=tr("Close the notice"))
        self._close.clicked.connect(self.dismiss)
        layout = row(spacing=8)
        layout.addWidget(self._text, 1)
        layout.addLayout(self._actions)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.setContentsMargins(16, 10, 8, 10)
        self.setLayout(layout)
        self._timer = single_shot(self, SHOWN_MS, self.dismiss)
        self._after = single_shot(self, 0, self._show_waiting)
        parent.installEventFilter(self)
        for bar in bars:
            bar.installEventFilter(self)
        parent.currentChanged.connect(self._place)
        self.hide()

    @property
    def text(self) -> str:
        """Its text; empty while it is hidden."""
        return self._text.text() if self.isVisible() else ""

    @property
    def asks(self) -> bool:
        """Whether it shows a question that is not answered yet."""
        return self.isVisible() and not self._timer.isActive()

    @property
    def _offers(self) -> bool:
        """Whether it shows a notice with something to do about it."""
        return self.isVisible() and self._timer.isActive() and self._actions.count() > 0

    def show_message(self, text: str) -> None:
        """Show a sentence, and announce it to screen readers; it waits for what is offered."""
        self._notify(text)

    def offer(self, text: str, action: str, does: Callable[[], object], *further: Offer) -> None:
        """Show a sentence, and for a while buttons that do something about it."""
        self._notify(text, (action, does), *further)

    def withdraw(self, text: str) -> None:
        """Show this sentence no longer, nor later."""
        kept = [each for each in self._waiting if each[0] != text]
        self._waiting = deque(kept, MAX_WAITING)
        if self.text == text:
            self.dismiss()

    def ask(
        self, text: str, yes: str, does: Callable[[], object], no: str, *further: Offer
    ) -> None:
        """Ask a question; it stays until it is answered, and Esc means no.

        The keyboard focus goes to the no, and back afterwards.
        """
        self._show(text, (yes, does), *further)
        self._close.setText(no)
        self._close.setAccessibleName(no)
        self._place()
        self._timer.stop()
        self._came_from = QApplication.focusWidget()
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        """Hide it."""
        came_from, self._came_from = self._came_from, None
        if came_from is not None and self.isAncestorOf(QApplication.focusWidget() or self.window()):
            came_from.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()
        if self._waiting:
            # Not before what the answer itself has to say.
            self._after.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _act(self, does: Callable[[], object]) -> None:
        self.dismiss()
        does()

    def _notify(self, text: str, *offers: Offer) -> None:
        """Show a notice, once what may not be replaced by it has had its time."""
        if self.asks or (self._offers and not offers):
            self._waiting.append((text, offers))
            return
        self._show(text, *offers)
        if offers:
            self._timer.start(OFFERED_MS)

    def _show_waiting(self) -> None:
        if self._waiting and not self.isVisible():
            text, offers = self._waiting.popleft()
            self._notify(text, *offers)

    def _show(self, text: str, *offers: Offer) -> None:
        self.dismiss()
        while (old := self._actions.takeAt(0)) is not None:
            if (gone := old.widget()) is not None:
                gone.setParent(None)
                gone.deleteLater()
        for action, does in offers:
            made = button(action)
            made.clicked.connect(lambda _=False, does=does: self._act(does))
            self._actions.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
            # Before the cross, as they stand.
            self.setTabOrder(made, self._close)
        self._close.setText(_CROSS)
        self._close.setAccessibleName(tr("Close the notice"))
        self._text.setText(text)
        self.setAccessibleDescription(text)
        self.show()
        self._place()
        self._timer.start(SHOWN_MS)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVED_BY and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        width = min(_MAX_WIDTH_PX, parent.width() - 2 * _GAP_PX)
        height = max(self.heightForWidth(width), self.sizeHint().height())
        tops = [each.mapTo(parent, QPoint()).y() for each in self._bars if each.isVisible()]
        floor = min(tops, default=parent.height())
        self.setGeometry((parent.width() - width) // 2, floor - _GAP_PX - height, width, height)
        # A stack of pages raises the page that it turns to.
        self.raise_()
