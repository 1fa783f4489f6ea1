"""The plot and the sheet of crops."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure as ResultPage
from PIL import Image, ImageDraw

from tests.benchmarks.engine.figures import Array
from tests.benchmarks.engine.upscaling import ORIGINAL, Scores

_CROP_PX = 128
_LARGER = 2
_LABEL_PX = 14
_MARKERS = "os^vD*PX<>hd"


def plot(scores: Scores, path: Path) -> None:
    """Draw quality against time."""
    result_page = ResultPage(figsize=(8, 5), layout="constrained")
    axes = result_page.subplots()
    for (name, seconds), marker in zip(scores.processors_s.items(), cycle(_MARKERS)):
        axes.plot(seconds, scores.gain_db(name, scores.all_names), marker, label=name)
    # Beside the points, names of methods that are alike would lie on each other.
    result_page.legend(loc="outside right upper")
    axes.set_xscale("log")
    axes.set_xlabel("seconds of processors for an input megapixel")
    axes.set_ylabel("PSNR above bicubic at ×2, in dB")
    axes.grid(alpha=0.3)
    result_page.savefig(path)


def draw_sheet(scores: Scores, path: Path) -> None:
    """Draw what each method made of the most detailed part of some photographs."""
    side_px, names = _CROP_PX * _LARGER, scores.some_names
    size_px = (len(scores.pictures) * side_px, _LABEL_PX + len(names) * side_px)
    sheet = Image.new("RGB", size_px, "white")
    draw = ImageDraw.Draw(sheet)
    parts = {name: _most_detailed(scores.pictures[ORIGINAL][name]) for name in names}
    for column, (method, pictures) in enumerate(scores.pictures.items()):
        draw.text((column * side_px + 2, 1), method, fill="black")
        for row, name in enumerate(names):
            crop = Image.fromarray(np.ascontiguousarray(pictures[name][parts[name]]))
            shown = crop.resize((side_px, side_px), Image.Resampling.NEAREST)
            sheet.paste(shown, (column * side_px, _LABEL_PX + row * side_px))
    sheet.save(path)


def _most_detailed(pixels: Array) -> tuple[slice, slice]:
    detail = np.abs(np.diff(pixels.astype(np.float32).mean(axis=2), axis=1))
    corners = [
        (top, left)
        for top in range(0, pixels.shape[0] - _CROP_PX + 1, _CROP_PX // 2)
        for left in range(0, pixels.shape[1] - _CROP_PX + 1, _CROP_PX // 2)
    ]
    top, left = max(
        corners,
        key=lambda at: float(detail[at[0] : at[0] + _CROP_PX, at[1] : at[1] + _CROP_PX].sum()),
    )
    return slice(top, top + _CROP_PX), slice(left, left + _CROP_PX)
