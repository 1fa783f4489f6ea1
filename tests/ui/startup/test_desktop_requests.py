"""What macOS hands over to be opened reaches the window, also what comes before there is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent

from enhance_gui.ui.startup.desktop_requests import DesktopRequests
from enhance_gui.ui.startup.qt_application import Application


@pytest.fixture
def requests(qapp: Application) -> Iterator[DesktopRequests]:
    made = DesktopRequests(qapp)
    yield made
    made.close()


def test_what_comes_before_the_window_waits_for_it(
    qapp: Application, requests: DesktopRequests
) -> None:
    qapp.sendEvent(qapp, QFileOpenEvent("/pictures/ä.jpg"))
    qapp.sendEvent(qapp, QFileOpenEvent("/pictures/b.jpg"))
    received: list[Sequence[str]] = []
    requests.deliver_to(received.append)
    assert received == [["/pictures/ä.jpg", "/pictures/b.jpg"]]


def test_what_comes_later_arrives_at_once_and_once(
    qapp: Application, requests: DesktopRequests
) -> None:
    received: list[Sequence[str]] = []
    requests.deliver_to(received.append)
    qapp.sendEvent(qapp, QFileOpenEvent("/pictures/a.jpg"))
    qapp.sendEvent(qapp, QFileOpenEvent(QUrl("https://example.org/b.jpg")))
    qapp.sendEvent(qapp, QEvent(QEvent.Type.User))
    assert received == [["/pictures/a.jpg"], ["https://example.org/b.jpg"]]


def test_after_the_end_nothing_is_taken(qapp: Application, requests: DesktopRequests) -> None:
    received: list[Sequence[str]] = []
    requests.deliver_to(received.append)
    requests.close()
    qapp.sendEvent(qapp, QFileOpenEvent("/pictures/a.jpg"))
    assert received == []
