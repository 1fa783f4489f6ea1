"""How a pair is opened: an enlarged result where there is most to see, everything else fitted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, QRectF, Qt

from enhance_gui.ui.compare.mode import CompareMode
from enhance_gui.ui.compare.view import CompareView
from tests.ui.compare.parts import press_key, show, shown_view

pytestmark = pytest.mark.usefixtures("qapp")

ROOT = Path(__file__).resolve().parents[3]
HINT = "Fit (0)"
TEXTURE = (900, 560, 1020, 680)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return textured(tmp_path / "before.png", 0.5)


@pytest.fixture
def after(tmp_path: Path) -> Path:
    return textured(tmp_path / "after.png", 1)


def textured(path: Path, scale: float) -> Path:
    """Write a flat picture of 1200 × 800 with one textured place, reduced to a scale."""
    image = Image.new("RGB", (1200, 800), (90, 120, 110))
    left, top, right, bottom = TEXTURE
    sides = right - left, bottom - top
    grain = Image.frombytes("RGB", sides, Random(7).randbytes(sides[0] * sides[1] * 3))
    image.paste(grain, (left, top))
    image.resize((round(1200 * scale), round(800 * scale)), Image.Resampling.BOX).save(path)
    return path


def texture_in_view(view: CompareView) -> bool:
    left, top, right, bottom = TEXTURE
    place = QRectF(left / 1200, top / 800, (right - left) / 1200, (bottom - top) / 800)
    return view.viewport.state.camera.visible.contains(place)


@pytest.mark.parametrize("mode", list(CompareMode))
def test_an_enlarged_result_opens_at_100_percent_where_there_is_most_to_see(
    before: Path, after: Path, mode: CompareMode
) -> None:
    with shown_view(600, 300) as view:
        view.viewport.set_mode(mode)
        show(view, before, after, at_detail=True)
        assert view.viewport.zoom == 1.0
        assert texture_in_view(view)
        assert HINT in view.accessibleDescription()
        assert press_key(view, Qt.Key.Key_0)
        assert view.viewport.state.camera.fitted
        assert HINT not in view.accessibleDescription()


def test_it_opens_fitted_where_nobody_asked_or_it_is_not_enlarged(
    before: Path, after: Path, tmp_path: Path
) -> None:
    with shown_view() as view:
        show(view, before, after)
        assert view.viewport.state.camera.fitted
        show(view, textured(tmp_path / "hardly.png", 0.83), after, at_detail=True)
        assert view.viewport.state.camera.fitted
        show(view, None, after, at_detail=True)
        assert view.viewport.state.camera.fitted
        assert HINT not in view.accessibleDescription()


def test_the_user_s_own_place_stays(before: Path, after: Path, tmp_path: Path) -> None:
    with shown_view() as view:
        show(view, before, after, at_detail=True)
        view.viewport.pan(QPointF(30, 30))
        own = view.viewport.state.camera
        assert HINT not in view.accessibleDescription()
        show(view, before, textured(tmp_path / "other.png", 1), at_detail=True)
        assert view.viewport.state.camera == own
        view.viewport.fit()
        show(view, before, after, at_detail=True)
        assert view.viewport.state.camera.fitted


def test_a_result_that_arrives_opens_so_unless_the_user_looks_somewhere_already(
    before: Path, after: Path, tmp_path: Path
) -> None:
    with shown_view() as view:
        show(view, before, None)
        show(view, before, after, at_detail=True)
        assert view.viewport.zoom == 1.0
        assert texture_in_view(view)
        other = textured(tmp_path / "other.png", 0.5)
        show(view, other, None)
        view.viewport.zoom_by(4, QPointF(10, 10))
        seen = view.viewport.state.camera.visible
        show(view, other, after, at_detail=True)
        assert view.viewport.state.camera.visible.center() == seen.center()


def test_a_result_that_is_seen_whole_at_100_percent_needs_no_hint(
    before: Path, after: Path
) -> None:
    with shown_view(1300, 900) as view:
        show(view, before, after, at_detail=True)
        assert view.viewport.zoom == 1.0
        assert HINT not in view.accessibleDescription()


PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
app = QApplication([])
from tests.ui.compare.parts import show, shown_view
from tests.ui.compare.test_opening import texture_in_view
with shown_view(200, 150) as view:
    show(view, Path(sys.argv[1]), Path(sys.argv[2]), at_detail=True)
    camera = view.viewport.state.camera
    print(view.viewport.zoom, camera.pane.width(), camera.target.width(), texture_in_view(view))
"""


def test_on_a_dense_screen_a_pixel_of_the_result_is_one_of_the_screen(
    before: Path, after: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(before), str(after)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": "2"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.split() == ["1.0", "400.0", "1200.0", "True"]
