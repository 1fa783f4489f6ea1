"""A window that says what is dropped on it: a program of its own.

``python -m tests.desktop.drop_target``: says "ready" when its window is there, and then
of each drop one line of JSON: the formats, each with its bytes in base64.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from tests.desktop.screen import Screen

LEFT_PX, SIDE_PX = 1000, 400


class _Window(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.setWindowFlags(Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setGeometry(LEFT_PX, 0, SIDE_PX, SIDE_PX)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  Qt's name
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802  Qt's name
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  Qt's name
        mime = event.mimeData()
        held = {name: bytes(mime.data(name).data()) for name in mime.formats()}
        said = {name: base64.b64encode(data).decode() for name, data in held.items()}
        print(json.dumps(said), flush=True)
        event.acceptProposedAction()


class Target:
    """The window, as a test sees it."""

    way = tuple((LEFT_PX + SIDE_PX // 2 + step, SIDE_PX // 2 + step) for step in (0, 20, 30, 34))
    """Places through which the mouse gets to its middle, as a hand moves it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def dropped(self) -> dict[str, bytes]:
        """Wait for a drop; return its formats."""
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.readline())
        return {name: base64.b64decode(data) for name, data in said.items()}


@contextmanager
def drop_target(screen: Screen) -> Iterator[Target]:
    """Show the window, in a program of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.desktop.drop_target"],
        env={**os.environ, "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield Target(process)
    finally:
        process.kill()
        process.communicate()


def main() -> int:
    application = QApplication(sys.argv)
    window = _Window()
    window.show()
    print("ready", flush=True)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
