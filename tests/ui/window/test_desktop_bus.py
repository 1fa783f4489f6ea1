"""The desktop is told of a batch in the types that its services take, and never waited for."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from enhance_gui.ui.window import desktop_bus
from enhance_gui.ui.window.announcer import Announcer
from enhance_gui.ui.window.batch_progress import Progress
from enhance_gui.ui.window.desktop_bus import DesktopBus
from tests.support.contention import assert_in_time
from tests.support.fake_desktop import FakeDesktop
from tests.support.keyrings.secret_service import session_bus, without_session_bus
from tests.ui.conftest import Run, Wait

pytestmark = pytest.mark.usefixtures("qapp")

needs_bus = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")

LAUNCHER_ENTRY = "application://enhance-gui.desktop"


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    with session_bus(monkeypatch, tmp_path / "session") as address:
        yield address


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desktop that a busy computer keeps from answering is not what is tried here."""
    monkeypatch.setattr(desktop_bus, "ANSWER_LIMIT_S", 60.0)


@needs_bus
def test_a_notification_has_the_types_of_the_specification(bus: str) -> None:
    with FakeDesktop(bus) as desktop:
        speaking = DesktopBus()
        speaking.notify("Enhance GUI", "3 are saved.")
        [first] = desktop.notified()
        assert (first.member, first.types) == ("Notify", "susssasa{sv}i")
        hints = {"desktop-entry": ("s", "enhance-gui")}
        words = ("Enhance GUI", "3 are saved.")
        assert first.body == ("Enhance GUI", 0, "enhance-gui", *words, [], hints, -1)
        speaking.notify("Enhance GUI", "The picture is saved.")
        assert desktop.notified(2)[1].body[1] == 42, "it takes the place of the one before"
        speaking.close()


@needs_bus
def test_progress_has_the_types_that_launchers_read_and_ends_with_the_window(
    bus: str, qapp: object
) -> None:
    with FakeDesktop(bus) as desktop:
        announcer = Announcer(QWidget(), notify=True)
        announcer.show_progress(Progress(total=4, saved=1))
        announcer.close()
        reported, taken_back = desktop.launched(2)
        assert (reported.member, reported.types) == ("Update", "sa{sv}")
        assert reported.body[0] == LAUNCHER_ENTRY
        assert reported.body[1] == {
            "progress": ("d", 0.25),
            "progress-visible": ("b", True),
            "count": ("x", 3),
            "count-visible": ("b", True),
        }
        assert taken_back.body[1]["progress-visible"] == ("b", False)
        assert taken_back.body[1]["count-visible"] == ("b", False)


@needs_bus
def test_a_refused_notification_is_told_in_another_way(bus: str, arun: Run, until: Wait) -> None:
    async def job() -> None:
        with FakeDesktop(bus, refuses=True):
            await _unreceived(until)

    arun(job())


@needs_bus
def test_without_a_notification_service_it_is_told_in_another_way(
    bus: str, arun: Run, until: Wait
) -> None:
    arun(_unreceived(until))


def test_without_a_bus_it_is_told_in_another_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arun: Run, until: Wait
) -> None:
    without_session_bus(monkeypatch, tmp_path)
    arun(_unreceived(until))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    arun(_unreceived(until))


async def _unreceived(until: Wait) -> None:
    received: list[tuple[str, str]] = []
    speaking = DesktopBus()
    speaking.unreceived.connect(lambda title, words: received.append((title, words)))
    speaking.show_progress(0.5, 1)
    speaking.notify("Enhance GUI", "3 are saved.")
    await until(lambda: received == [("Enhance GUI", "3 are saved.")], "it is told")
    speaking.close()


def test_a_bus_that_hangs_holds_up_neither_the_window_nor_its_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")

        def set_language() -> float:
            begin_s = time.monotonic()
            speaking.show_progress(0.5, 1)
            speaking.notify("Enhance GUI", "3 are saved.")
            return time.monotonic() - begin_s

        def end() -> float:
            begin_s = time.monotonic()
            speaking.close()
            return time.monotonic() - begin_s

        speaking = DesktopBus()
        assert_in_time(set_language, 0.2)
        assert_in_time(end, 1.0)
