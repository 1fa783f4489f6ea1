"""The window that says which program this is, by whom, and on what it is built."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog, QWidget

from enhance_gui.core.settings.build_info import version_line
from enhance_gui.core.text.i18n import tr
from enhance_gui.core.text.joining import listed
from enhance_gui.ui.widgets.basics import button, column, label, row
from enhance_gui.ui.widgets.fitting import text_px

_BUILT_ON: Final = {
    "Qt for Python": ("PySide6_Essentials", "LGPL-3.0"),
    "httpx": ("httpx", "BSD-3-Clause"),
    "Pillow": ("pillow", "MIT-CMU"),
    "OpenCV": ("opencv-python-headless", "Apache-2.0"),
    "ONNX Runtime": ("onnxruntime", "MIT"),
    "ncnn": ("ncnn", "BSD-3-Clause"),
}
"""Of each: its package, and its licence."""


class AboutWindow(QDialog):
    """Shows version, licence and libraries."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Enhance GUI"))
        close = button(tr("Close"))
        close.clicked.connect(self.close)
        promise = tr(
            "Enhances pictures on this computer or through a service. Never pays twice, never "
            "loses a task, never overwrites a file."
        )
        licence = tr(
            "Free software under the MIT licence, by the Enhance GUI developers. It comes "
            "without any warranty."
        )
        built_on = tr("Built on {parts}.").format(parts=listed(_parts()))
        layout = column(
            label("Enhance GUI", "title"),
            label(version_line(), "quiet", wraps=True),
            label(promise, wraps=True),
            label(licence, wraps=True),
            label(built_on, "quiet", wraps=True),
            12,
            row(None, close),
            margins=(28, 24, 28, 20),
        )
        self.setLayout(layout)
        self.setMinimumWidth(text_px(460))

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Of a window's texts that wrap, Qt lets the last be cut.
        super().resizeEvent(event)
        if (layout := self.layout()) is not None:
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))


def _parts() -> list[str]:
    """Return the libraries, each with version and licence; those that are here."""
    parts = [f"Python {platform.python_version()} (PSF)"]
    for name, (package, licence) in _BUILT_ON.items():
        try:
            parts.append(f"{name} {version(package)} ({licence})")
        except PackageNotFoundError:
            continue
    return parts
