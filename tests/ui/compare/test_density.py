"""On screens of high density, 100 % is one pixel of the picture on one pixel of the screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
app = QApplication([])
from enhance_gui.ui.compare.mode import CompareMode
from tests.ui.compare.parts import show, shown_view, wait_until
path, out = Path(sys.argv[1]), sys.argv[2]
with shown_view(200, 150) as view:
    view.viewport.set_mode(CompareMode.SINGLE)
    show(view, None, path)
    view.viewport.actual_size()
    wait_until(lambda: not view.viewport.animation.running)
    shot = view.grab().toImage()
    shot.save(out)
    corner = view.viewport.state.camera.target.topLeft()
    print(shot.width(), shot.height(), view.viewport.zoom, corner.x(), corner.y())
"""


@pytest.mark.parametrize(("scaling", "width"), [("1.5", 300), ("2", 400)])
def test_at_100_percent_no_pixel_is_changed(tmp_path: Path, scaling: str, width: int) -> None:
    source = Image.frombytes("RGB", (700, 600), Random(1).randbytes(700 * 600 * 3))
    source.save(tmp_path / "noise.png")
    shot = tmp_path / "shot.png"
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "noise.png"), str(shot)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scaling},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    seen_width, height, zoom, left, top = (float(part) for part in ran.stdout.split())
    assert (seen_width, height, zoom) == (width, width * 3 / 4, 1.0)
    box = (round(-left), round(-top), round(-left) + width, round(-top) + round(height))
    with Image.open(shot) as seen:
        for x, y in ((3, height - 3), (width - 2, height - 2), (width // 2, height // 2)):
            place = (int(x), int(y))
            assert seen.convert("RGB").getpixel(place) == source.crop(box).getpixel(place)
