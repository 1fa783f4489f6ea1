"""Whatever form a picture's file has, comparison and list show what it looks like.

A longer run: ``pytest tests/ui/compare/test_colours_shown.py --hypothesis-profile=thorough``. Kinds
that Qt does not read come from the service's reader, whose tests are
``tests/service/engine/test_colours_kept.py``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from enhance_gui.ui.compare.pictures.reading import read_facts, read_whole
from enhance_gui.ui.widgets.tiles import TileSpec, read_tile
from tests.support.described.pictures import Described, Floats, off, others, pngs

_MOST_OFF = 1.5
_READ_BY_QT = ("jpg", "webp", "bmp", "gif")


def _seen(image: QImage) -> Floats:
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1)
    pixels = rows[:, : 4 * plain.width()].reshape(plain.height(), plain.width(), 4)
    return pixels.astype(np.float64)


@given(described=st.one_of(pngs(), others(_READ_BY_QT)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_comparison_and_list_show_what_a_picture_looks_like(
    qapp: QApplication, described: Described
) -> None:
    note(described.what)
    height, width = described.look.shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"in.{described.kind}"
        path.write_bytes(described.data)
        compared = read_whole(read_facts(path))
        tile = read_tile(TileSpec(path, width, height, radius_px=0))
        assert tile is not None
        assert off(_seen(compared), described.look) < _MOST_OFF
        assert off(_seen(tile), described.look) < _MOST_OFF
