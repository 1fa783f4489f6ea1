"""Whatever form a picture's file has, its result looks like it.

A longer run: ``pytest tests/service/engine/test_colours_kept.py --hypothesis-profile=thorough``.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import cv2
import numpy as np
from hypothesis import given, note
from hypothesis import strategies as st
from PIL import Image, ImageCms

from enhance_gui.service.engine.catalogue import QUICK_UPSCALE_2
from tests.service.engine.photographs import work
from tests.support.described.pictures import Described, Floats, in_srgb, off, others, pngs

_MOST_OFF = 4.0


def _seen(path: Path) -> Floats:
    """Return what a result looks like, by LittleCMS and not by the program; as ``look`` is."""
    with Image.open(path) as image:
        profile = image.info.get("icc_profile")
        alpha = np.full(image.size[::-1], 255.0)
        if image.mode.startswith("I;16"):
            grey = np.rint(np.asarray(image, np.float64) / 257).astype(np.uint8)
            plain = Image.fromarray(grey)
        else:
            if image.mode in ("LA", "RGBA"):
                alpha = np.asarray(image.getchannel("A"), np.float64)
            # Pillow opens grey of 16 bits with transparency as RGBA.
            is_grey = image.mode in ("L", "LA") or _space(profile) == "GRAY"
            plain = image.convert("L" if is_grey else "RGB")
        return np.dstack([in_srgb(plain, profile), alpha])


def _space(profile: bytes | None) -> str:
    if profile is None:
        return ""
    return ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip()


def _halved(large: Floats) -> Floats:
    """Return the mean of each four pixels, weighed by how visible they are."""
    alpha = large[..., 3:]
    together = np.dstack([large[..., :3] * alpha, alpha])
    sides = large.shape[1] // 2, large.shape[0] // 2
    small = np.asarray(cv2.resize(together, sides, interpolation=cv2.INTER_AREA), np.float64)
    return np.dstack([small[..., :3] / np.maximum(small[..., 3:], 1e-6), small[..., 3]])


@given(st.one_of(pngs(), others()))
def test_a_result_looks_like_its_picture(described: Described) -> None:
    note(described.what)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"in.{described.kind}"
        source.write_bytes(described.data)
        after = work(QUICK_UPSCALE_2, source).after
        large = _seen(Path(folder) / after.name)
    height, width = described.look.shape[:2]
    assert (after.width_px, after.height_px) == (2 * width, 2 * height)
    assert off(_halved(large), described.look) < _MOST_OFF
