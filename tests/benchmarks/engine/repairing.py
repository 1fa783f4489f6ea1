"""How near to the truth repairing comes, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from PIL import Image

from enhance_gui.service.engine.catalogue import PORTRAIT, RESTORE
from enhance_gui.service.engine.people.faces import find_faces
from tests.benchmarks.engine.figures import Array, Figure, noisy, rgb_psnr_db
from tests.benchmarks.engine.methods import enhanced
from tests.benchmarks.engine.sources import FACES, Photographs
from tests.benchmarks.engine.upscaling import Cuts

_NOISE = ((10, 36.3), (25, 31.2))
"""Standard deviations and the PSNR to be reached."""
_BAD_JPEG, _GOOD_JPEG = 40, 92
_BLUR_PX = 1.2
_PORTRAIT_NOISE = 15

_PORTRAIT_SIDE_PX = 640
_PORTRAIT_FACES = 4.0
"""Side of a portrait's cut, in sides of the face."""
_FACE_ROOM = 0.6
"""What is left out around a face where the rest is judged, in its sides."""
_EDGE_PX, _ORIGINAL_EDGE_PX = 9, 15
"""Sides of the squares in which a step is looked for; an edge may have moved a little."""
_STRONGEST_PERCENT = 2
_HIGHEST_PERCENT = 1
"""Of the strong edges, those that are raised by what is left of noise are not looked at."""


def judge_restoring(cuts: Cuts) -> list[Figure]:
    """Spoil photographs and have them restored; compare with the targets."""
    truths = [truth for photographs in cuts.values() for truth in photographs.values()]
    figures = []
    for deviation, target_db in _NOISE:
        psnrs_db = [
            rgb_psnr_db(enhanced(RESTORE, noisy(truth, deviation))[0], truth) for truth in truths
        ]
        name = f"restore, noise σ {deviation}: PSNR of RGB"
        figures.append(Figure(name, mean(psnrs_db), target_db, "dB"))
    gains_db = []
    for truth in truths:
        with _compressed(truth, _BAD_JPEG) as (path, before):
            gains_db.append(_gain_db(enhanced(RESTORE, path)[0], before, truth))
    name = f"restore, JPEG of quality {_BAD_JPEG}: gain"
    return [*figures, Figure(name, mean(gains_db), 1.2, "dB")]


def judge_leaving_alone(cuts: Cuts) -> list[Figure]:
    """Have clean pictures repaired: nothing is to be lost outside of faces."""
    truths = {name: truth for photographs in cuts.values() for name, truth in photographs.items()}
    losses_db: dict[int, dict[str, float]] = {RESTORE: {}, PORTRAIT: {}}
    changed = 0
    for name, truth in truths.items():
        after, message = enhanced(RESTORE, truth)
        changed += "nothing to repair" in message and not np.array_equal(after, truth)
        outside = _outside_faces(truth)
        with _compressed(truth, _GOOD_JPEG) as (path, before):
            for type_id, losses in losses_db.items():
                after, _ = enhanced(type_id, path)
                losses[name] = -_gain_db(after[outside], before[outside], truth[outside])
    figures = [
        Figure("restore found nothing, and pixels changed: pictures", changed, 0, "", at_most=True)
    ]
    for type_id, reported in ((RESTORE, "restore"), (PORTRAIT, "portrait")):
        name, loss_db = max(losses_db[type_id].items(), key=lambda each: each[1])
        reported = f"{reported} of a JPEG of quality {_GOOD_JPEG}: largest loss ({name})"
        figures.append(Figure(reported, loss_db, 0.3, "dB", at_most=True))
    return figures


def judge_portraits(photographs: Photographs) -> list[Figure]:
    """Spoil portraits and have them enhanced; compare with the undegraded originals."""
    figures = []
    portraits = _portraits(photographs)
    print(f"\n{len(portraits)} portraits; gain of the PSNR of RGB in dB, height of edges:\n")
    for name, spoil in _SPOILED.items():
        gains_db, heights = [], []
        for truth in portraits.values():
            with TemporaryDirectory() as folder:
                path = Path(folder) / ("in.jpg" if name == "JPEG" else "in.png")
                spoil(Image.fromarray(truth), path)
                with Image.open(path) as image:
                    before = np.asarray(image.convert("RGB"))
                after, _ = enhanced(PORTRAIT, path)
            gains_db.append(_gain_db(after, before, truth))
            heights.append(_edge_height(after, truth))
        print(f"{name}: {_listed(gains_db)}; {_listed(heights)}", flush=True)
        figures += [
            Figure(f"portrait, {name}: least gain", min(gains_db), 0.0, "dB"),
            Figure(f"portrait, {name}: highest edge", max(heights), 1.1, "×", at_most=True),
        ]
    return figures


def _save_blurred(image: Image.Image, path: Path) -> None:
    blurred = cv2.GaussianBlur(np.asarray(image), (0, 0), _BLUR_PX)
    Image.fromarray(np.asarray(blurred, np.uint8)).save(path)


def _save_noisy(image: Image.Image, path: Path) -> None:
    Image.fromarray(noisy(np.asarray(image), _PORTRAIT_NOISE)).save(path)


_SPOILED: Mapping[str, Callable[[Image.Image, Path], None]] = {
    "blur": _save_blurred,
    "noise": _save_noisy,
    "JPEG": lambda image, path: image.save(path, quality=_BAD_JPEG),
}


def _portraits(photographs: Photographs) -> dict[str, Array]:
    """Return the portraits, and the surroundings of the largest face of each group."""
    portraits = {}
    for package, file in FACES:
        if not photographs.has(package, file):
            continue
        pixels = photographs.whole(package, file)
        largest = max(find_faces(pixels), key=lambda face: face.side_px)
        side_px = min(round(largest.side_px * _PORTRAIT_FACES), *pixels.shape[:2])
        left_px, top_px = (
            min(max(0, begin_px - (side_px - largest.side_px) // 2), length_px - side_px)
            for begin_px, length_px in (
                (largest.left_px, pixels.shape[1]),
                (largest.top_px, pixels.shape[0]),
            )
        )
        cut = pixels[top_px : top_px + side_px, left_px : left_px + side_px]
        if side_px > _PORTRAIT_SIDE_PX:
            size_px = (_PORTRAIT_SIDE_PX, _PORTRAIT_SIDE_PX)
            cut = np.asarray(cv2.resize(cut, size_px, interpolation=cv2.INTER_AREA), np.uint8)
        portraits[file] = np.ascontiguousarray(cut)
    return portraits


def _edge_height(after: Array, truth: Array) -> float:
    """Return how many times as high as the original's the steps across strong edges are."""
    heights, originals = _ranges(after, _EDGE_PX), _ranges(truth, _ORIGINAL_EDGE_PX)
    strong = originals >= np.percentile(originals, 100 - _STRONGEST_PERCENT)
    return float(np.percentile(heights[strong] / originals[strong], 100 - _HIGHEST_PERCENT))


def _ranges(pixels: Array, side_px: int) -> Array:
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    around = np.ones((side_px, side_px), np.uint8)
    return np.asarray(cv2.dilate(luma, around) - cv2.erode(luma, around))


def _outside_faces(pixels: Array) -> Array:
    outside = np.ones(pixels.shape[:2], bool)
    for face in find_faces(pixels):
        room_px = round(face.side_px * _FACE_ROOM)
        outside[
            max(0, face.top_px - room_px) : face.top_px + face.side_px + room_px,
            max(0, face.left_px - room_px) : face.left_px + face.side_px + room_px,
        ] = False
    return outside


@contextmanager
def _compressed(pixels: Array, quality: int) -> Iterator[tuple[Path, Array]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "in.jpg"
        Image.fromarray(pixels).save(path, quality=quality)
        with Image.open(path) as image:
            yield path, np.asarray(image.convert("RGB"))


def _gain_db(after: Array, before: Array, truth: Array) -> float:
    return rgb_psnr_db(after, truth) - rgb_psnr_db(before, truth)


def _listed(values: list[float]) -> str:
    return " ".join(f"{value:.2f}" for value in values)
