"""A program that says when its window is painted first, and what was loaded by then.

``python -m tests.benchmarks.painting``: Enhance GUI itself; with ``bare``: a window of Qt with
nothing in it, to compare with. Each ends by itself after it has reported, in lines of JSON: the
first paint of the window, and for Enhance GUI also the first one with everything in it. Times are
those of ``time.monotonic``.
"""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow

BARE = "bare"
FIRST = "first paint"
FULL = "full paint"


class FirstPaint(QObject):
    """Watches all events of a program, and quits it after the last paint of interest."""

    def __init__(self, wanted: list[str]) -> None:
        super().__init__()
        self._wanted = wanted

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        if event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow):
            self._painted(FIRST if watched.centralWidget() is None else FULL)
        return False

    def _painted(self, what: str) -> None:
        if what not in self._wanted:
            return
        now_s = time.monotonic()
        print(json.dumps([what, now_s, sorted(sys.modules)]), flush=True)
        self._wanted.remove(what)
        if not self._wanted:
            QCoreApplication.quit()


def main() -> int:
    is_bare = sys.argv[1:] == [BARE]
    application = QApplication(["enhance-gui"])
    watching = FirstPaint([FIRST] if is_bare else [FIRST, FULL])
    application.installEventFilter(watching)
    if is_bare:
        window = QMainWindow()
        window.resize(1180, 780)
        window.show()
        return application.exec()
    from enhance_gui.command_line.main import run

    return run([])


if __name__ == "__main__":
    sys.exit(main())
