"""The window about the program names its version, its licence, and what it is built on."""

from __future__ import annotations

import platform
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from enhance_gui.core.settings.build_info import version_line
from enhance_gui.ui.help import about_window
from enhance_gui.ui.help.about_window import HOME_PAGE, LICENCE_PAGE, AboutWindow
from tests.ui.cut_texts import cut_texts

CHECKOUT = Path(__file__).parents[3]

pytestmark = pytest.mark.usefixtures("qapp")


def shown_texts(window: AboutWindow) -> list[str]:
    return [
        QTextDocumentFragment.fromHtml(each.text()).toPlainText()
        for each in window.findChildren(QLabel)
    ]


class Opened(QObject):
    """What the desktop was told to open."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    @Slot(QUrl)
    def take(self, address: QUrl) -> None:
        self.addresses.append(address.toString())


def test_it_names_version_licence_and_libraries_whole_and_closes() -> None:
    parent = QWidget()
    window = AboutWindow(parent)
    window.show()
    QApplication.processEvents()
    texts = shown_texts(window)
    assert version_line() in texts
    assert any("MIT licence" in text for text in texts)
    built_on = next(text for text in texts if text.startswith("Built on "))
    assert f"Python {platform.python_version()} (PSF)" in built_on
    for package, name in (("PySide6_Essentials", "Qt for Python"), ("httpx", "httpx")):
        assert f"{name} {version(package)} (" in built_on
    assert cut_texts(window) == []
    (close,) = window.findChildren(QPushButton)
    close.click()
    assert not window.isVisible()


def test_a_library_that_is_not_here_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    httpx = about_window._BUILT_ON["httpx"]
    libraries = {"Not here": httpx._replace(package="no-such-package"), "httpx": httpx}
    monkeypatch.setattr(about_window, "_BUILT_ON", libraries)
    parent = QWidget()
    built_on = shown_texts(AboutWindow(parent))[-1]
    assert built_on.endswith(f"httpx {version('httpx')} (BSD-3-Clause).")
    assert "Not here" not in built_on


def test_each_of_its_links_opens_by_the_keyboard_and_is_the_packages_own() -> None:
    opened = Opened()
    QDesktopServices.setUrlHandler("https", opened, "take")  # type: ignore[arg-type]
    try:
        parent = QWidget()
        window = AboutWindow(parent)
        window.show()
        window.activateWindow()
        QApplication.processEvents()
        named = [re.findall('href="(.*?)"', each.text()) for each in window.findChildren(QLabel)]
        for place, addresses in enumerate(named):
            label = window.findChildren(QLabel)[place]
            for _ in addresses:
                label.setFocus(Qt.FocusReason.TabFocusReason)
                QTest.keyClick(label, Qt.Key.Key_Tab)
                QTest.keyClick(label, Qt.Key.Key_Return)
    finally:
        QDesktopServices.unsetUrlHandler("https")
    assert opened.addresses == [address for addresses in named for address in addresses]
    assert opened.addresses[:2] == [HOME_PAGE, LICENCE_PAGE]
    assert len(opened.addresses) == 3 + len(about_window._BUILT_ON)


def test_its_website_is_that_of_the_packages() -> None:
    identity = (CHECKOUT / "packaging" / "building" / "identity.py").read_text(encoding="utf-8")
    assert f'HOME_PAGE: Final = "{HOME_PAGE}"' in identity
