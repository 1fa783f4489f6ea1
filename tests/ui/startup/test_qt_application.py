"""The application is asked about its own events, and about no others."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, QObject

from enhance_gui.ui.startup.desktop_requests import DesktopRequests
from enhance_gui.ui.startup.qt_application import Application


def test_only_the_applications_own_events_are_asked_about(qapp: Application) -> None:
    asked: list[QObject | QEvent.Type] = []

    def take(event: QEvent) -> bool:
        asked.append(event.type())
        return event.type() == QEvent.Type.Quit

    qapp.taker = take
    try:
        qapp.sendEvent(QObject(), QEvent(QEvent.Type.User))
        assert asked == []
        assert qapp.sendEvent(qapp, QEvent(QEvent.Type.Quit))
        qapp.sendEvent(qapp, QEvent(QEvent.Type.User))
        assert asked == [QEvent.Type.Quit, QEvent.Type.User]
    finally:
        qapp.taker = None
    qapp.sendEvent(qapp, QEvent(QEvent.Type.User))
    assert len(asked) == 2


def test_nothing_of_the_program_sees_the_events_of_every_object(
    qapp: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each event of each widget would wait for Python's lock while a thread computes."""
    installed: list[QObject] = []
    monkeypatch.setattr(Application, "installEventFilter", lambda _, each: installed.append(each))
    DesktopRequests(qapp).close()
    assert installed == []


_FOREIGN = """
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from enhance_gui.ui.startup.desktop_requests import DesktopRequests
application = QApplication([])
quits = DesktopRequests(application)
quits.quit_wanted.connect(lambda: print("quit"))
application.sendEvent(QObject(), QEvent(QEvent.Type.Quit))
application.sendEvent(application, QEvent(QEvent.Type.Quit))
quits.close()
application.sendEvent(application, QEvent(QEvent.Type.Quit))
"""


def test_an_application_that_the_program_did_not_make_will_do() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FOREIGN], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("quit\n", "", 0)
