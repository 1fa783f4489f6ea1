"""What the start page shows as a result is one."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image
from sample import enhance_sample

from enhance_gui.core.resources import resource
from tests.service.engine.photographs import Array, psnr_db

_SAME_DB = 45.0
"""Other processors round otherwise; plainly enlarged, the sample has less than 40."""


def pixels(path: Path) -> Array:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_the_enhanced_sample_is_what_the_engine_makes_of_it(tmp_path: Path) -> None:
    made = tmp_path / "enhanced.jpg"
    enhance_sample(made)
    likeness_db = psnr_db(pixels(resource("sample/enhanced.jpg")), pixels(made))
    assert likeness_db > _SAME_DB, "the engine has changed: run packaging/sample.py"


def test_the_sample_is_small_and_shows_what_it_is_about() -> None:
    file = resource("sample/sample.jpg").read_bytes()
    assert len(file) <= 150_000
    with Image.open(io.BytesIO(file)) as image:
        assert 320 <= max(image.size) <= 480
    assert "public domain" in resource("sample/README.txt").read_text("utf-8")
