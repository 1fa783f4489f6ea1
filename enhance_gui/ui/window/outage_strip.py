"""The strip that tells of a service out of reach, as long as it is; it asks for no decision."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Final

from PySide6.QtCore import QDateTime, QLocale, QTimer, Signal
from PySide6.QtWidgets import QFrame

from enhance_gui.core.clock import Clock
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.text.i18n import number, plural, tr
from enhance_gui.core.text.joining import ended, sentences
from enhance_gui.ui.bridges.task_bridge import NextTry, ServiceStatusChanged
from enhance_gui.ui.gallery.texts import service_name
from enhance_gui.ui.widgets.basics import button, column, holder, label
from enhance_gui.ui.widgets.flow_layout import TextAndButtons

_COUNT_MS: Final = 500
"""The time that is left, and the number of what waits, are looked at anew so often."""


class OutageStrip(QFrame):
    """Shows the service that has been out of reach the longest, of those that pictures wait for."""

    try_wanted = Signal(str)
    """Ask the service of this name now."""
    here_wanted = Signal(str)
    """Enhance on this computer what has not been sent to the service of this name."""

    def __init__(self, clock: Clock, waiting: Callable[[str], tuple[int, int]]) -> None:
        """:param waiting: returns how many pictures wait for a service, and how many of these have
        not been sent.
        """
        super().__init__()
        self.setProperty("kind", "attention")
        self.setAccessibleName(tr("A service cannot be reached"))
        self._clock = clock
        self._waiting = waiting
        self._since: dict[str, datetime] = {}
        self._next_try_s: dict[str, float] = {}
        """When a service is asked next, by the clock."""
        self._service = ""
        """The one that is shown."""
        self._title = label("", "heading", wraps=True)
        self._text = label(wraps=True)
        self._try = button(tr("Try now"), tip=tr("Ask the service at once"))
        self._here = button(
            tr("Use this computer"),
            tip=tr("Enhance here what has not been sent; nothing is charged for it"),
        )
        self._try.clicked.connect(lambda: self.try_wanted.emit(self._service))
        self._here.clicked.connect(lambda: self.here_wanted.emit(self._service))
        texts = column(self._title, self._text, spacing=2)
        layout = TextAndButtons(holder(texts), self._try, self._here, spacing=10)
        self.setLayout(column(layout, margins=(20, 10, 20, 10)))
        self._counting = QTimer(self, interval=_COUNT_MS)
        self._counting.timeout.connect(self._show)
        self.hide()

    def on_service_status(self, event: ServiceStatusChanged) -> None:
        """Show that a service has got out of reach, or no longer."""
        if event.out_of_reach:
            self._since.setdefault(event.service, self._clock.wall())
        else:
            self._since.pop(event.service, None)
        self._show()

    def on_next_try(self, event: NextTry) -> None:
        """Show when a service is asked next."""
        if event.next_try_s is None:
            self._next_try_s.pop(event.service, None)
        else:
            self._next_try_s[event.service] = event.next_try_s
        self._show()

    def _show(self) -> None:
        # A service that nothing waits for is not asked, so nobody would see that it is back.
        service = next((each for each in self._since if self._waiting(each)[0]), "")
        self._service = service
        self.setVisible(bool(service))
        if not self._since:
            self._counting.stop()
        else:
            self._counting.start()
        if not service:
            return
        since, (waiting, unsent) = self._since[service], self._waiting(service)
        title = tr("{service} cannot be reached")
        self._title.setText(title.format(service=service_name(service)))
        text = plural(
            "{count} picture waits, and nothing is charged for that.",
            "{count} pictures wait, and nothing is charged for that.",
            waiting,
        )
        waits = text.format(count=number(waiting))
        self._text.setText(sentences(self._tried(service, since), waits))
        # Without the seconds: a screen reader would hear of a change each time.
        self.setAccessibleDescription(sentences(ended(self._title.text()), waits))
        self._here.setVisible(unsent > 0 and service != LOCAL_SERVICE_NAME)

    def _tried(self, service: str, since: datetime) -> str:
        """Return since when a service is out of reach, and when it is asked next."""
        moment = QDateTime.fromSecsSinceEpoch(int(since.timestamp())).time()
        time = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
        next_try_s = self._next_try_s.get(service)
        if next_try_s is None:
            return tr("Since {time}.").format(time=time)
        left_s = math.ceil(next_try_s - self._clock.now_s())
        if left_s <= 0:
            return tr("Since {time}; it is being asked now.").format(time=time)
        return tr("Since {time}; next try in {count} s.").format(time=time, count=number(left_s))
