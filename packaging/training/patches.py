"""The stream of patches that a net is trained on: the same for the same seed, from any step on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from training import degradations, drawings
from training.nets import Net
from training.photographs import Picture

PATCH_PX = 96
"""Side of what a net is to give."""
PATCHES = 8
"""In a step."""

_GRID_PX = 16
"""Side of what JPEG compresses at once where the colours are subsampled. A patch begins anywhere in
it, or its rim would tell the net where."""
_DETAILED = 6.0
"""What a patch loses by being halved (root of the mean square, of 255) from which on it is always
taken; others are taken in proportion, since what bicubic can do needs no learning."""
_LEAST_SHARE = 0.02
_DRAWN = 0.1
"""Of the patches."""
_BY_AREA = 0.6
"""Of the patches that are reduced, those by area mean, which loses more than bicubic."""
_JPEG_OF_ENLARGED = 0.35
_COLOURS_CHANGED = 0.25
"""Patches whose three colours change places: the photographs are mostly green and blue."""
_CLEAN, _NOISY, _JPEG = 0.1, 0.45, 0.8
"""Where among the patches to be cleaned the kinds end: clean, noisy, JPEG; the rest is both."""
_AHEAD = 32


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step is trained on."""

    spoilt: NDArray[np.uint8]
    """Shape (patches, height, width, 3)."""
    maps: NDArray[np.float32]
    """Shape (patches, maps)."""
    original: NDArray[np.uint8]
    """Shape (patches, PATCH_PX, PATCH_PX, 3)."""


def batch(
    net: Net, pictures: Sequence[Picture], drawn: Sequence[Picture], seed: int, step: int
) -> Batch:
    """Make the patches of a step out of photographs and drawings."""
    rng = np.random.default_rng((seed, step))
    made = [_pair(net, _cut(pictures, drawn, net.scale, rng), rng) for _ in range(PATCHES)]
    return Batch(
        np.stack([spoilt for spoilt, _, _ in made]),
        np.array([maps for _, maps, _ in made], np.float32),
        np.stack([original for _, _, original in made]),
    )


def stream(net: Net, pictures: Sequence[Picture], seed: int, step: int) -> Iterator[Batch]:
    """Yield the patches of each step from ``step`` on; some are made ahead, by a thread."""
    drawn = drawings.draw()
    with ThreadPoolExecutor(1) as thread:
        ahead: list[Future[Batch]] = []
        for coming in count(step):
            ahead.append(thread.submit(batch, net, pictures, drawn, seed, coming))
            if len(ahead) > _AHEAD:
                yield ahead.pop(0).result()


def _cut(
    pictures: Sequence[Picture],
    drawn: Sequence[Picture],
    scale: int,
    rng: np.random.Generator,
) -> Picture:
    """Cut a piece out of a picture, turned and mirrored; flat ones seldom."""
    side_px = PATCH_PX + _GRID_PX * scale
    chosen_from = drawn if rng.random() < _DRAWN else pictures
    areas = np.array([picture.shape[0] * picture.shape[1] for picture in chosen_from], float)
    shares = areas / areas.sum()
    while True:
        picture = chosen_from[rng.choice(len(chosen_from), p=shares)]
        top = rng.integers(picture.shape[0] - side_px + 1)
        left = rng.integers(picture.shape[1] - side_px + 1)
        piece = picture[top : top + side_px, left : left + side_px]
        if rng.random() < max(_LEAST_SHARE, _lost_by_halving(piece) / _DETAILED):
            break
    piece = np.rot90(piece, int(rng.integers(4)))
    if rng.random() < _COLOURS_CHANGED:
        piece = piece[..., rng.permutation(3)]
    return np.ascontiguousarray(piece[:, ::-1] if rng.random() < 0.5 else piece)


def _lost_by_halving(piece: Picture) -> float:
    """Return the root of the mean square that green differs by from its own 2×2 means."""
    green = piece[..., 1].astype(np.float32)
    height_px, width_px = green.shape
    blocks = green.reshape(height_px // 2, 2, width_px // 2, 2)
    return float(np.sqrt(np.mean(np.square(blocks - blocks.mean(axis=(1, 3), keepdims=True)))))


def _pair(
    net: Net, piece: Picture, rng: np.random.Generator
) -> tuple[Picture, tuple[float, ...], Picture]:
    """Spoil a piece; return a patch of it, the values of the maps, and what is to come of it."""
    told = dict.fromkeys(net.maps, 0.0)
    spoilt = piece
    if net.scale > 1:
        area = rng.random() < _BY_AREA
        reduce = degradations.reduced_by_area if area else degradations.reduced_by_bicubic
        spoilt = reduce(piece, net.scale)
        chosen = (False, rng.random() < _JPEG_OF_ENLARGED)
    else:
        draw = rng.random()
        chosen = (_CLEAN <= draw < _NOISY or draw >= _JPEG, draw >= _NOISY)
    if chosen[0]:
        # More of the weak noise, which is the common one.
        deviation = degradations.NOISE_LIMIT * rng.random() ** 2
        by_signal = rng.random() < 0.5
        spoilt, told["noise"] = degradations.noisy(spoilt, deviation, by_signal=by_signal, rng=rng)
    if chosen[1]:
        quality = int(rng.integers(degradations.QUALITIES[0], degradations.QUALITIES[1] + 1))
        subsampling = "4:2:0" if rng.random() < 0.5 else "4:4:4"
        spoilt, told["jpeg"] = degradations.through_jpeg(spoilt, quality, subsampling)
    top, left = rng.integers(_GRID_PX, size=2)
    side_px = PATCH_PX // net.scale
    original = piece[net.scale * top :, net.scale * left :][:PATCH_PX, :PATCH_PX]
    patch = spoilt[top:, left:][:side_px, :side_px]
    return patch, tuple(told[name] for name in net.maps), original
