"""The window about the program names its version, its licence, and what it is built on."""

from __future__ import annotations

import platform
from importlib.metadata import version

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from enhance_gui.core.settings.build_info import version_line
from enhance_gui.ui.help import about_window
from enhance_gui.ui.help.about_window import AboutWindow
from tests.ui.cut_texts import cut_texts

pytestmark = pytest.mark.usefixtures("qapp")


def shown_texts(window: AboutWindow) -> list[str]:
    return [each.text() for each in window.findChildren(QLabel)]


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
    libraries = {"Not here": ("no-such-package", "MIT"), "httpx": ("httpx", "BSD-3-Clause")}
    monkeypatch.setattr(about_window, "_BUILT_ON", libraries)
    parent = QWidget()
    built_on = shown_texts(AboutWindow(parent))[-1]
    assert built_on.endswith(f"httpx {version('httpx')} (BSD-3-Clause).")
    assert "Not here" not in built_on
