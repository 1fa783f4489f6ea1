"""Looks into the clipboards of a display, or fills them: a program of its own.

``python -m tests.desktop.clipboard``: prints what both hold, every format of it, as JSON with the
bytes in base64. With a text: puts that into both, says "ready", and holds it until it is ended.
"""

from __future__ import annotations

import base64
import json
import sys

from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication

MODES = {"clipboard": QClipboard.Mode.Clipboard, "primary": QClipboard.Mode.Selection}


def main() -> int:
    application = QApplication(sys.argv)
    clipboard = QApplication.clipboard()
    if len(sys.argv) > 1:
        for mode in MODES.values():
            clipboard.setText(sys.argv[1], mode)
        print("ready", flush=True)
        return application.exec()
    held = {}
    for name, mode in MODES.items():
        mime = clipboard.mimeData(mode)
        formats = mime.formats() if mime is not None else []
        held[name] = {format_: _base64(bytes(mime.data(format_).data())) for format_ in formats}
    print(json.dumps(held))
    return 0


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    sys.exit(main())
