"""The window that says which program this is, by whom, and on what it is built."""

from __future__ import annotations

import platform
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NamedTuple

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from enhance_gui.core.settings.build_info import version_line
from enhance_gui.core.text.i18n import tr
from enhance_gui.core.text.joining import listed
from enhance_gui.ui.widgets.basics import button, column, label, row
from enhance_gui.ui.widgets.fitting import text_px

HOME_PAGE: Final = "https://github.com/enhance-gui/enhance-gui"
LICENCE_PAGE: Final = "https://opensource.org/license/mit"


class _Library(NamedTuple):
    package: str
    licence: str
    home_page: str


_BUILT_ON: Final = {
    "Qt for Python": _Library("PySide6_Essentials", "LGPL-3.0", "https://pyside.org"),
    "httpx": _Library("httpx", "BSD-3-Clause", "https://www.python-httpx.org"),
    "Pillow": _Library("pillow", "MIT-CMU", "https://python-pillow.github.io"),
    "OpenCV": _Library("opencv-python-headless", "Apache-2.0", "https://opencv.org"),
    "ONNX Runtime": _Library("onnxruntime", "MIT", "https://onnxruntime.ai"),
    "MNN": _Library("mnn", "Apache-2.0", "https://github.com/alibaba/MNN"),
    "ncnn": _Library("ncnn", "BSD-3-Clause", "https://github.com/Tencent/ncnn"),
}


class AboutWindow(QDialog):
    """Shows version, licence and libraries, with links to where they come from."""

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
        pages = [_link(tr("Website"), HOME_PAGE), _link(tr("Licence text"), LICENCE_PAGE)]
        layout = column(
            label("Enhance GUI", "title"),
            label(version_line(), "quiet", wraps=True),
            label(promise, wraps=True),
            label(licence, wraps=True),
            _linked(" · ".join(pages)),
            _linked(built_on, "quiet"),
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


def _linked(text: str, kind: str = "") -> QLabel:
    """Return a label whose links open in the browser, by the keyboard too."""
    made = label("", kind, wraps=True)
    made.setTextFormat(Qt.TextFormat.RichText)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.LinksAccessibleByMouse
        | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
    )
    made.linkActivated.connect(lambda address: QDesktopServices.openUrl(QUrl(address)))
    made.setText(text)
    return made


def _link(text: str, address: str) -> str:
    return f'<a href="{address}">{escape(text)}</a>'


def _parts() -> list[str]:
    """Return the libraries as HTML, each with version and licence; those that are here."""
    parts = [f"{_link('Python', 'https://www.python.org')} {platform.python_version()} (PSF)"]
    for name, library in _BUILT_ON.items():
        try:
            number = escape(version(library.package))
        except PackageNotFoundError:
            continue
        parts.append(f"{_link(name, library.home_page)} {number} ({library.licence})")
    return parts
