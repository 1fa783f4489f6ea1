"""The Qt application, with handlers of the events that it receives itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """Passes events of the application itself, not of a widget, to handlers.

    An event filter before the application would be asked about every event of every object: some
    hundred for one picture that is shown, and each has to wait for Python's lock while a thread
    holds it.
    """

    _takers: tuple[Callable[[QEvent], bool], ...] = ()

    def add_taker(self, take: Callable[[QEvent], bool]) -> None:
        self._takers = (*self._takers, take)

    def remove_taker(self, take: Callable[[QEvent], bool]) -> None:
        """Remove a handler; nothing happens where it is not there."""
        self._takers = tuple(taker for taker in self._takers if taker != take)

    def event(self, event: QEvent) -> bool:
        return any(take(event) for take in self._takers) or super().event(event)


def take_events(application: QApplication, take: Callable[[QEvent], bool]) -> Callable[[], object]:
    """Pass the application's events to ``take``; return a function that ends that.

    An application that this program did not make, such as of a script, gets an event filter.

    :param take: returns whether the event has been seen to; Qt then does nothing about it.
    """
    if isinstance(application, Application):
        application.add_taker(take)
        return partial(application.remove_taker, take)
    asking = _Filter(application, take)
    application.installEventFilter(asking)
    return partial(application.removeEventFilter, asking)


class _Filter(QObject):
    def __init__(self, application: QApplication, take: Callable[[QEvent], bool]) -> None:
        super().__init__(application)
        self._take = take

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return watched is self.parent() and self._take(event)
