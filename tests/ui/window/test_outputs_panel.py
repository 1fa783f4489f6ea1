"""The variants of a result: named, each there once, and saved as copies with the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QListView, QPushButton

from enhance_gui.core.images.areas import Place
from enhance_gui.core.tasks.records import Variants
from enhance_gui.core.text.i18n import set_language
from enhance_gui.storage.settings.translations import translation
from enhance_gui.ui.compare.mode import CompareMode, Side
from enhance_gui.ui.compare.view import CompareView
from enhance_gui.ui.window.outputs_panel import CropLocator, OutputsPanel
from tests.ui.compare.parts import BLUE, RED, plain, wait_until

pytestmark = pytest.mark.usefixtures("qapp")

TONES = Variants(1, {1: "hand-tinted", 2: "sepia", 3: "of another time"})


@pytest.fixture
def parts() -> Iterator[OutputsPanel]:
    view = CompareView()
    made = OutputsPanel(view, CropLocator(lambda *_: None, lambda *_: None, lambda *_: (0.5, 0.5)))
    yield made
    for widget in (made, view):
        widget.close()
        widget.deleteLater()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Return the picture before, the result, and two variants beside it."""
    names = ("a", "a-tinted", "a-tinted-variant-2", "a-tinted-variant-3")
    return [plain(tmp_path / f"{name}.png", BLUE) for name in names]


def names(parts: OutputsPanel) -> list[str]:
    (entries,) = parts.strip.findChildren(QListView)
    model = entries.model()
    return [
        str(model.index(row, 0).data(Qt.ItemDataRole.DisplayRole))
        for row in range(model.rowCount())
    ]


def save(parts: OutputsPanel, words: str) -> list[Path]:
    copies: list[list[Path]] = []
    parts.copies_wanted.connect(copies.append)
    (button,) = (child for child in parts.strip.findChildren(QPushButton) if words in child.text())
    assert button.isEnabled()
    button.click()
    return copies[-1]


def test_the_result_is_the_first_of_them_under_its_name(
    parts: OutputsPanel, files: list[Path]
) -> None:
    before, after, *beside = files
    parts.show_result(before, after, beside, TONES)
    assert names(parts) == ["Hand-tinted", "Sepia", "Version 3"]
    assert parts.strip.chosen_number == 1
    assert save(parts, "this version") == [after]
    assert save(parts, "all versions") == [after, *beside]


def test_the_result_may_be_any_of_them(parts: OutputsPanel, files: list[Path]) -> None:
    before, after, *_, third = files
    parts.show_result(before, after, [third], Variants(4))
    assert names(parts) == ["Version 3", "Version 4"]
    assert parts.strip.chosen_number == 4
    assert save(parts, "this version") == [after]


def test_a_result_that_is_none_of_them_stands_before_them(
    parts: OutputsPanel, files: list[Path]
) -> None:
    before, after, *beside = files
    parts.show_result(before, after, beside)
    assert names(parts) == ["Main result", "Version 2", "Version 3"]
    assert parts.strip.chosen_number == 0


def test_what_earlier_versions_saved_twice_is_shown_as_it_is(
    parts: OutputsPanel, files: list[Path]
) -> None:
    before, after, *beside = files
    first = plain(after.with_name("a-tinted-variant-1.png"), RED)
    parts.show_result(before, after, [first, *beside], TONES)
    assert names(parts) == ["Main result", "Hand-tinted", "Sepia", "Version 3"]


def test_a_variant_is_shown_under_its_name(parts: OutputsPanel, files: list[Path]) -> None:
    before, after, *beside = files
    view = parts._view
    view.viewport.set_mode(CompareMode.SINGLE)
    parts.show_result(before, after, beside, TONES)
    wait_until(lambda: not view.busy)
    assert view._shown[Side.AFTER].file.label == "Hand-tinted"
    parts.strip.chosen.emit(2)
    wait_until(lambda: not view.busy)
    assert view._shown[Side.AFTER].file.label == "Sepia"


def test_their_names_are_spoken_in_german(parts: OutputsPanel, files: list[Path]) -> None:
    before, after, *beside = files
    set_language(translation("de"))
    try:
        parts.show_result(before, after, beside, TONES)
        assert names(parts) == ["Handkoloriert", "Sepia", "Variante 3"]
    finally:
        set_language(None)


def test_a_face_whose_place_is_told_is_not_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    place = Place(0.25, 0.25, 0.5, 0.5, 3.5)
    view = CompareView()
    view.resize(400, 400)

    def locate(*looked_for: Path) -> None:
        asked.append(looked_for)

    def before_of(*reported: object) -> None:
        asked.append(reported[-1])

    parts = OutputsPanel(view, CropLocator(locate, before_of, lambda *_: (0.5, 0.5)))
    before, after, face = (
        plain(tmp_path / f"{name}.png", BLUE) for name in ("a", "a-portrait", "a-portrait-face-1")
    )
    shown: list[QRectF] = []
    monkeypatch.setattr(view, "zoom_to", shown.append)
    parts.show_result(before, after, [face], Variants(places={1: place}))
    wait_until(lambda: asked == [place])
    parts.strip.chosen.emit(1)
    assert shown == [QRectF(0.25, 0.25, 0.5, 0.5)]
    assert asked == [place]
    for widget in (parts, view):
        widget.close()
        widget.deleteLater()
