"""A window that something can be dragged out of, as out of a browser: a program of its own.

``python -m tests.desktop.drag_source FILE``: the file holds the formats as JSON, each with its
bytes in base64. Says "ready" when its window is there, and after each drag what became of it.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDrag, QMouseEvent, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

SIDE_PX = 120
TITLE = "Page"


class Source(QWidget):
    """Gives away what the file holds when it is dragged."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._said = False
        self.setWindowTitle(TITLE)
        self.setWindowFlags(Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setGeometry(0, 0, SIDE_PX, SIDE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        super().paintEvent(event)
        if not self._said:
            self._said = True
            print("ready", flush=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name
        mime = QMimeData()
        for name, data in json.loads(self._file.read_text()).items():
            mime.setData(name, base64.b64decode(data))
        drag = QDrag(self)
        drag.setMimeData(mime)
        pixmap = QPixmap(40, 30)
        pixmap.fill(Qt.GlobalColor.darkGreen)
        drag.setPixmap(pixmap)
        done = drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.LinkAction)
        print(done.name, flush=True)


def main() -> int:
    application = QApplication(sys.argv)
    source = Source(Path(sys.argv[1]))
    source.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
