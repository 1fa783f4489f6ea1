"""Two results of one source beside each other: neither is before, neither is after."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel, QToolButton

from enhance_gui.ui.compare.bar import CompareBar
from enhance_gui.ui.compare.mode import CompareMode
from enhance_gui.ui.compare.pictures.picture import PictureFile
from enhance_gui.ui.compare.view import CompareView
from tests.ui.compare.parts import (
    BLUE,
    RED,
    colour_at,
    hold_space,
    near,
    plain,
    press_key,
    seen,
    shown_view,
    wait_until,
)
from tests.ui.compare.test_opening import texture_in_view, textured

pytestmark = pytest.mark.usefixtures("qapp")

GREEN = (20, 150, 40)


def show(view: CompareView, left: Path, right: Path, **how: int) -> None:
    """Show two results, named after their files, and wait for them."""
    files = (PictureFile(path, path.stem.title(), named=True) for path in (left, right))
    view.show_pair(*files, **how)  # type: ignore[arg-type]
    wait_until(lambda: not view.busy)


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    return plain(tmp_path / "portrait.png", RED, (600, 400))


@pytest.fixture
def upscale(tmp_path: Path) -> Path:
    return plain(tmp_path / "upscale.png", BLUE, (1200, 800))


def test_they_go_by_their_names(portrait: Path, upscale: Path) -> None:
    with shown_view() as view:
        bar = CompareBar(view)
        show(view, portrait, upscale)
        flip = next(each for each in bar.findChildren(QToolButton) if "Show" in each.text())
        zoom = bar.findChild(QLabel)
        assert isinstance(zoom, QLabel)
        texts = [flip.text(), zoom.text(), view.accessibleDescription()]
        hold_space(view, 50)
        texts += [flip.text(), view.accessibleDescription()]
        view.viewport.set_mode(CompareMode.SIDE_BY_SIDE)
        texts.append(view.accessibleDescription())
        view.viewport.set_mode(CompareMode.SINGLE)
        texts.append(view.accessibleDescription())
        assert texts[0] == "Show left"
        assert texts[1] == "Right: 33 %"
        assert "“Portrait” to its left, “Upscale” to its right." in texts[2]
        assert "in pixels of “Upscale”" in texts[2]
        assert texts[3] == "Show both"
        assert texts[4].startswith("“Portrait”. Space shows “Upscale”.")
        assert "“Portrait” first, “Upscale” second" in texts[5]
        assert texts[6].startswith("“Upscale”. Space shows “Portrait”.")
        assert not [text for text in texts if "before" in text.lower() or "after" in text.lower()]
        bar.deleteLater()


def test_every_mode_shows_both_over_the_same_place(portrait: Path, upscale: Path) -> None:
    with shown_view() as view:
        show(view, portrait, upscale)
        image = seen(view)
        assert near(colour_at(image, 60, 200), RED)
        assert near(colour_at(image, 340, 200), BLUE)
        hold_space(view, 50)
        assert near(colour_at(seen(view), 340, 200), RED)
        hold_space(view, 50)
        view.viewport.set_mode(CompareMode.SINGLE)
        assert near(colour_at(seen(view), 60, 200), BLUE)
        assert press_key(view, Qt.Key.Key_Space)
        assert near(colour_at(seen(view), 60, 200), RED)


def test_another_partner_keeps_the_place_and_so_does_changing_sides(
    tmp_path: Path, portrait: Path, upscale: Path
) -> None:
    restored = plain(tmp_path / "restored.png", GREEN, (900, 600))
    with shown_view() as view:
        show(view, portrait, upscale)
        view.viewport.zoom_by(4, QPointF(120, 90))
        place = view.viewport.state.camera.visible
        for pair in ((restored, upscale), (restored, portrait), (portrait, restored)):
            show(view, *pair)
            camera = view.viewport.state.camera
            assert not camera.fitted
            for side in ("left", "top", "width", "height"):
                assert getattr(camera.visible, side)() == pytest.approx(
                    getattr(place, side)(), abs=0.005
                )


def test_an_enlarged_result_opens_at_100_percent_beside_another_one(tmp_path: Path) -> None:
    one, other = textured(tmp_path / "one.png", 0.5), textured(tmp_path / "other.png", 1)
    with Image.open(one) as image:
        image.resize((1200, 800)).save(one)
    original_px = 600 * 400
    with shown_view(600, 300) as view:
        show(view, one, other, at_detail=True, original_px=original_px)
        assert view.viewport.zoom == 1.0
        assert texture_in_view(view)
    with shown_view(600, 300) as view:
        show(view, one, other, at_detail=True, original_px=1200 * 800)
        assert view.viewport.state.camera.fitted, "both are as large as the original"
