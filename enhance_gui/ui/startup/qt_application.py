"""The Qt application, with a handler of the events that it receives itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """Passes events of the application itself, not of a widget, to a handler.

    An event filter before the application would be asked about every event of every object: some
    hundred for one picture that is shown, and each has to wait for Python's lock while a thread
    holds it.
    """

    taker: Callable[[QEvent], bool] | None = None
    """Returns whether the event has been seen to; Qt then does nothing about it."""

    def event(self, event: QEvent) -> bool:
        return (self.taker is not None and self.taker(event)) or super().event(event)
