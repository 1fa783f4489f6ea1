"""The stream of patches that a net is trained on: the same for the same seed, from any step on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import cv2
import numpy as np
from numpy.typing import NDArray

from training import degradations
from training.nets import Net
from training.photographs import Picture

Plane = NDArray[np.floating]
"""Shape (height, width)."""

PATCH_PX = 96
"""Side of what a net is to give."""
PATCHES = 8
"""In a step."""

_GRID_PX = 16
"""Side of what JPEG compresses at once where the colours are subsampled. A patch begins anywhere in
it, or its rim would tell the net where."""
_LEARNABLE = 4.0
"""How much nearer than bicubic the teacher comes in a patch (root of the mean square, of 255) from
which on places are chosen no more often; below it, in proportion. Edges teach, while bicubic can do
what is flat, and nobody texture that is lost."""
_DETAILED = 6.0
"""For cleaning: likewise, what a patch loses by being halved."""
_LEAST_SHARE = 0.02
_STRIDE_PX = 8
"""Between places that are weighed against each other; a patch begins anywhere behind one."""
_JPEG_OF_ENLARGED = 0.35
_COLOURS_CHANGED = 0.25
"""Patches whose three colours change places: the photographs are mostly green and blue."""
_CLEAN, _NOISY, _JPEG = 0.1, 0.45, 0.8
"""Where among the patches to be cleaned the kinds end: clean, noisy, JPEG; the rest is both."""
_AHEAD = 32


@dataclass(frozen=True, slots=True)
class Source:
    """A picture that patches are cut out of."""

    original: Picture
    small: Picture
    """What the net gets, but for JPEG and noise: reduced by its scale."""
    taught: Picture
    """What the teacher makes of ``small``, as large as the original; or the original."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step is trained on."""

    spoilt: NDArray[np.uint8]
    """Shape (patches, height, width, 3)."""
    maps: NDArray[np.float32]
    """Shape (patches, maps)."""
    original: NDArray[np.uint8]
    """Shape (patches, PATCH_PX, PATCH_PX, 3)."""
    taught: NDArray[np.uint8]
    """What the teacher makes of it, likewise; where it was not asked, the original."""


class Material:
    """Pictures, and where in them patches teach most."""

    def __init__(self, net: Net, groups: Sequence[tuple[float, Sequence[Source]]]) -> None:
        """Look at all of them once.

        :param net: what the patches are for.
        :param groups: pictures, with the share of the patches that are cut out of them; the shares
            add up to 1.
        """
        self._net = net
        self._shares = [share for share, _ in groups]
        self._places = [_Places(net, sources) for _, sources in groups]

    def batch(self, seed: int, step: int) -> Batch:
        """Make the patches of a step."""
        rng = np.random.default_rng((seed, step))
        chosen = rng.choice(len(self._places), PATCHES, p=self._shares)
        made = [_patch(self._net, self._places[group].choose(rng), rng) for group in chosen]
        names = self._net.maps
        return Batch(
            np.stack([one.spoilt for one in made]),
            np.array([[one.told.get(name, 0.0) for name in names] for one in made], np.float32),
            np.stack([one.original for one in made]),
            np.stack([one.taught for one in made]),
        )

    def stream(self, seed: int, step: int) -> Iterator[Batch]:
        """Yield the patches of each step from ``step`` on; some are made ahead, by a thread."""
        with ThreadPoolExecutor(1) as thread:
            ahead: list[Future[Batch]] = []
            for coming in count(step):
                ahead.append(thread.submit(self.batch, seed, coming))
                if len(ahead) > _AHEAD:
                    yield ahead.pop(0).result()


class _Places:
    """Places where patches may begin, in the pictures of a group."""

    def __init__(self, net: Net, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._side_px = PATCH_PX // net.scale + _GRID_PX
        weighed = _learnable if net.scale > 1 else _lost_by_halving
        grids = [_means(weighed(source), self._side_px) for source in sources]
        limit = _LEARNABLE if net.scale > 1 else _DETAILED
        shares = [np.clip(np.sqrt(grid) / limit, _LEAST_SHARE, 1) for grid in grids]
        self._columns = [grid.shape[1] for grid in grids]
        self._begins = np.cumsum([0, *(grid.size for grid in grids)])
        self._ends = np.cumsum(np.concatenate([share.ravel() for share in shares]))

    def choose(self, rng: np.random.Generator) -> _Place:
        """Choose a place."""
        place = int(np.searchsorted(self._ends, rng.random() * self._ends[-1], "right"))
        number = int(np.searchsorted(self._begins, place, "right")) - 1
        corner = divmod(place - int(self._begins[number]), self._columns[number])
        source = self._sources[number]
        top, left = (
            min(_STRIDE_PX * at + int(rng.integers(_STRIDE_PX)), length_px - self._side_px)
            for at, length_px in zip(corner, source.small.shape[:2], strict=True)
        )
        return _Place(source, top, left)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a patch begins, in what the net gets."""

    source: Source
    top: int
    left: int


@dataclass(frozen=True, slots=True)
class _Patch:
    spoilt: Picture
    told: Mapping[str, float]
    original: Picture
    taught: Picture


def _patch(net: Net, place: _Place, rng: np.random.Generator) -> _Patch:
    """Cut out a patch and spoil it."""
    source, top, left = place.source, place.top, place.left
    scale, side_px = net.scale, PATCH_PX // net.scale
    wide_px = side_px + _GRID_PX
    small, original, taught = _turned(
        (
            _piece(source.small, top, left, wide_px),
            _piece(source.original, scale * top, scale * left, scale * wide_px),
            _piece(source.taught, scale * top, scale * left, scale * wide_px),
        ),
        rng,
    )
    spoil = _compressed_at_times if scale > 1 else _noisy_or_compressed
    spoilt, told = spoil(small, rng)
    if told:
        taught = original
    top, left = rng.integers(_GRID_PX, size=2)
    return _Patch(
        _piece(spoilt, top, left, side_px),
        told,
        _piece(original, scale * top, scale * left, PATCH_PX),
        _piece(taught, scale * top, scale * left, PATCH_PX),
    )


def _piece(picture: Picture, top: int, left: int, side_px: int) -> Picture:
    return picture[top : top + side_px, left : left + side_px]


def _turned(pictures: Sequence[Picture], rng: np.random.Generator) -> list[Picture]:
    """Turn, mirror and exchange the colours of pictures alike."""
    turns = int(rng.integers(4))
    columns = slice(None, None, -1) if rng.random() < 0.5 else slice(None)
    colours = rng.permutation(3) if rng.random() < _COLOURS_CHANGED else slice(None)
    turned = (np.rot90(picture, turns)[:, columns][..., colours] for picture in pictures)
    return [np.ascontiguousarray(picture) for picture in turned]


def _compressed_at_times(
    piece: Picture, rng: np.random.Generator
) -> tuple[Picture, dict[str, float]]:
    if rng.random() >= _JPEG_OF_ENLARGED:
        return piece, {}
    compressed, jpeg = _through_jpeg(piece, rng)
    return compressed, {"jpeg": jpeg}


def _noisy_or_compressed(
    piece: Picture, rng: np.random.Generator
) -> tuple[Picture, dict[str, float]]:
    spoilt, told = piece, {}
    draw = rng.random()
    if _CLEAN <= draw < _NOISY or draw >= _JPEG:
        # More of the weak noise, which is the common one.
        deviation = degradations.NOISE_LIMIT * rng.random() ** 2
        by_signal = rng.random() < 0.5
        spoilt, told["noise"] = degradations.noisy(spoilt, deviation, by_signal=by_signal, rng=rng)
    if draw >= _NOISY:
        spoilt, told["jpeg"] = _through_jpeg(spoilt, rng)
    return spoilt, told


def _through_jpeg(piece: Picture, rng: np.random.Generator) -> tuple[Picture, float]:
    quality = int(rng.integers(degradations.QUALITIES[0], degradations.QUALITIES[1] + 1))
    subsampling = "4:2:0" if rng.random() < 0.5 else "4:4:4"
    return degradations.through_jpeg(piece, quality, subsampling)


def _learnable(source: Source) -> Plane:
    """Return by how much the teacher is nearer than bicubic, at ``small``'s size.

    In squares of green; below zero where it is farther.
    """
    green = source.original[..., 1].astype(np.float32)
    given = source.small[..., 1].astype(np.float32)
    plain = cv2.resize(given, green.shape[::-1], interpolation=cv2.INTER_CUBIC)
    gained = np.square(plain - green) - np.square(source.taught[..., 1] - green)
    return np.asarray(cv2.resize(gained, given.shape[::-1], interpolation=cv2.INTER_AREA))


def _lost_by_halving(source: Source) -> Plane:
    """Return the squares that green differs by from its own 2×2 means."""
    height_px, width_px = (side // 2 * 2 for side in source.original.shape[:2])
    green = source.original[:height_px, :width_px, 1].astype(np.float32)
    half_px = (green.shape[1] // 2, green.shape[0] // 2)
    halved = cv2.resize(green, half_px, interpolation=cv2.INTER_AREA)
    plain = cv2.resize(halved, green.shape[::-1], interpolation=cv2.INTER_NEAREST)
    lost: Plane = np.square(green - plain)
    return lost


def _means(squares: Plane, side_px: int) -> Plane:
    """Return the means over squares of ``side_px`` that begin at every eighth place; 0 at least."""
    sums = cv2.integral(squares, sdepth=cv2.CV_64F)
    whole = sums[side_px:, side_px:] - sums[side_px:, :-side_px]
    whole += sums[:-side_px, :-side_px] - sums[:-side_px, side_px:]
    means: Plane = np.maximum(whole[::_STRIDE_PX, ::_STRIDE_PX] / side_px**2, 0)
    return means
