"""How good a net is, on photographs that none is trained on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import matplotlib
import numpy as np
import skimage
from numpy.typing import NDArray
from PIL import Image

from training import degradations
from training.nets import Net
from training.photographs import BRIGHTNESS, Picture
from training.running import Runner

_SKIMAGE = Path(skimage.__file__).parent / "data"
_FILES = {
    "astronaut": _SKIMAGE / "astronaut.png",
    "coffee": _SKIMAGE / "coffee.png",
    "chelsea": _SKIMAGE / "chelsea.png",
    "hopper": Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg",
}
_NOISE_SEED = 7
_OTHERS_DB = {
    "area": 33.13,
    "area, JPEG 85": 31.58,
    "area, JPEG 50": 29.93,
    "area, JPEG 30": 28.94,
    "bicubic": 33.39,
    "bicubic, JPEG 85": 31.58,
    "bicubic, JPEG 50": 29.86,
    "bicubic, JPEG 30": 28.95,
    "noise 10": 36.47,
    "noise 25": 31.56,
    "JPEG 75": 36.35,
    "JPEG 40": 32.96,
    "JPEG 20": 30.70,
    "noise 10, JPEG 60": 33.00,
}
"""What the program makes of the same photographs with the nets of others.

Enlarging: waifu2x (photo), its level chosen by the JPEG's tables and, where it is no JPEG, with one
back-projection. Cleaning: FFDNet, told the true noise; of JPEG alone the mean of it and waifu2x."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Mean PSNR over the photographs, in dB."""

    spoilt_by: str
    before_db: float
    """Without a net: enlarged by OpenCV's bicubic, or as it is."""
    net_db: float
    projected_db: float | None = None
    """With one back-projection by area mean; ``None``: the net does not enlarge."""
    jpeg: float = 0.0
    """How strongly the pictures were compressed, as the map ``jpeg`` has it."""


def reached(measured: Sequence[Figure]) -> dict[str, bool | float]:
    """Return where a net does as well as those of others, as ``NAME.toml`` says it.

    Without JPEG in the mean of cleaned pictures, or of those reduced by area mean, which is what
    enlarging is judged by; and up to which strength of JPEG. As the program uses it: an enlarged
    picture is projected back unless it was a JPEG.
    """
    gains_db: dict[float, list[float]] = {}
    for one in measured:
        if one.spoilt_by == "bicubic":
            continue
        projected_db = None if one.jpeg else one.projected_db
        used_db = one.net_db if projected_db is None else projected_db
        gains_db.setdefault(one.jpeg, []).append(used_db - _OTHERS_DB[one.spoilt_by])
    up_to = 0.0
    for strength in sorted(set(gains_db) - {0.0}):
        if np.mean(gains_db[strength]) < 0:
            break
        up_to = math.ceil(100 * strength) / 100
    return {
        "reaches_others": bool(np.mean(gains_db[0.0]) >= 0),
        "reaches_others_up_to_jpeg": up_to,
    }


def figures(net: Net, runner: Runner) -> Iterator[Figure]:
    """Measure a net: enlarging against bicubic by brightness, cleaning in RGB."""
    pictures = [_photograph(path) for path in _FILES.values()]
    if net.scale > 1:
        reductions = {
            "area": degradations.reduced_by_area,
            "bicubic": degradations.reduced_by_bicubic,
        }
        for name, reduce in reductions.items():
            reduced = [reduce(picture, net.scale) for picture in pictures]
            for quality in (None, 85, 50, 30):
                spoilt_by = name if quality is None else f"{name}, JPEG {quality}"
                yield _enlarging(spoilt_by, net, runner, pictures, reduced, quality)
        return
    for deviation, quality in ((10, None), (25, None), (0, 75), (0, 40), (0, 20), (10, 60)):
        yield _cleaning(runner, pictures, deviation, quality)


def _enlarging(
    spoilt_by: str,
    net: Net,
    runner: Runner,
    originals: list[Picture],
    reduced: list[Picture],
    quality: int | None,
) -> Figure:
    results, strength = [], 0.0
    for original, small in zip(originals, reduced, strict=True):
        fed = small
        if quality is not None:
            fed, strength = degradations.through_jpeg(small, quality, "4:2:0")
        large = runner(fed, {"jpeg": strength})
        candidates = (_enlarged(fed, net.scale), large, _projected_back(fed, large, net.scale))
        results.append([psnr_db(original @ BRIGHTNESS, one @ BRIGHTNESS) for one in candidates])
    before_db, net_db, projected_db = np.mean(results, axis=0).round(2).tolist()
    return Figure(spoilt_by, before_db, net_db, projected_db, round(strength, 3))


def _cleaning(
    runner: Runner, originals: list[Picture], deviation: int, quality: int | None
) -> Figure:
    results, strength = [], 0.0
    rng = np.random.default_rng(_NOISE_SEED)
    for original in originals:
        fed, noise = degradations.noisy(original, deviation, by_signal=False, rng=rng)
        if quality is not None:
            fed, strength = degradations.through_jpeg(fed, quality, "4:2:0")
        cleaned = runner(fed, {"noise": noise, "jpeg": strength})
        results.append([psnr_db(original, fed), psnr_db(original, cleaned)])
    named = [f"noise {deviation}"] * (deviation > 0) + [f"JPEG {quality}"] * (quality is not None)
    before_db, net_db = np.mean(results, axis=0).round(2).tolist()
    return Figure(", ".join(named), before_db, net_db, jpeg=round(strength, 3))


def psnr_db(one: NDArray[np.generic], other: NDArray[np.generic]) -> float:
    """Return the peak signal-to-noise ratio of two arrays of values up to 255."""
    error = float(np.mean(np.square(one.astype(np.float64) - other.astype(np.float64))))
    return float(10 * np.log10(255**2 / error))


def _photograph(path: Path) -> Picture:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    height_px, width_px = (side // 4 * 4 for side in pixels.shape[:2])
    cut: Picture = pixels[:height_px, :width_px]
    return cut


def _enlarged(values: NDArray[Any], scale: int) -> NDArray[Any]:
    return cv2.resize(values, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)


def _projected_back(small: Picture, large: Picture, scale: int) -> Picture:
    """Correct a result by what it lacks once it is reduced again."""
    whole = large.astype(np.float32)
    size_px = (small.shape[1], small.shape[0])
    lacking = small - cv2.resize(whole, size_px, interpolation=cv2.INTER_AREA)
    projected: Picture = np.clip(np.rint(whole + _enlarged(lacking, scale)), 0, 255).astype(
        np.uint8
    )
    return projected
