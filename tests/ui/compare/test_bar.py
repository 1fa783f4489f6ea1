"""The controls follow the view, and the view follows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QToolButton

from enhance_gui.ui.compare import texts
from enhance_gui.ui.compare.bar import CompareBar
from enhance_gui.ui.compare.mode import CompareMode
from tests.ui.compare.parts import BLUE, RED, plain, show, shown_view

pytestmark = pytest.mark.usefixtures("qapp")


def button(bar: CompareBar, name: str) -> QToolButton:
    found = [child for child in bar.findChildren(QToolButton) if child.accessibleName() == name]
    assert len(found) == 1, name
    return found[0]


def zoom_text(bar: CompareBar) -> str:
    label = bar.findChild(QLabel)
    assert isinstance(label, QLabel)
    return label.text()


def test_every_control_does_what_it_says(tmp_path: Path) -> None:
    with shown_view() as view:
        bar = CompareBar(view)
        show(
            view,
            plain(tmp_path / "before.png", RED, (600, 400)),
            plain(tmp_path / "after.png", BLUE, (1200, 800)),
        )
        assert zoom_text(bar) == "After: 33 %"
        assert not button(bar, "Fit").isEnabled()
        assert not button(bar, "Zoom out").isEnabled()
        button(bar, "Actual size").click()
        assert zoom_text(bar) == "After: 100 %"
        assert not button(bar, "Actual size").isEnabled()
        button(bar, "Zoom in").click()
        assert view.viewport.zoom == 1.5
        button(bar, "Zoom out").click()
        button(bar, "Fit").click()
        assert view.viewport.state.camera.fitted
        assert not bar.findChildren(QToolButton, "none")
        button(bar, "Single").click()
        assert view.viewport.state.mode is CompareMode.SINGLE
        button(bar, "Show before").click()
        assert button(bar, "Show after").isVisibleTo(bar)
        view.viewport.set_mode(CompareMode.SIDE_BY_SIDE)
        assert button(bar, "Side by side").isChecked()
        assert not button(bar, "Single").isChecked()
        bar.deleteLater()


def test_without_a_pair_there_is_nothing_to_choose(tmp_path: Path) -> None:
    with shown_view() as view:
        bar = CompareBar(view)
        assert zoom_text(bar) == ""
        assert not any(
            child.isEnabled() for child in bar.findChildren(QToolButton) if child.text() == ""
        )
        show(view, plain(tmp_path / "before.png", RED), None)
        assert zoom_text(bar).startswith("Before: ")
        assert not button(bar, "Single").isEnabled()
        assert button(bar, "Zoom in").isEnabled()
        bar.deleteLater()


@pytest.mark.parametrize(
    ("zoom", "text"),
    [(0.354, "35 %"), (1.0, "100 %"), (0.0512, "5.1 %"), (0.05, "5 %"), (32, "3200 %")],
)
def test_percent(zoom: float, text: str) -> None:
    assert texts.percent(zoom) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 kB"), (3 * 2**20, "3.0 MB")],
)
def test_size_in_words(count: int, text: str) -> None:
    assert texts.size_bytes(count) == text
