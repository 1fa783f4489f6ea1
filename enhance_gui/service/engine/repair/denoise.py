"""Estimates noise, and removes it without blurring.

Estimate: the filter of J. Immerkær, "Fast noise variance estimation" (CVIU 1996), which cancels
flat, sloped and evenly curved brightness; but instead of its mean over the picture, which texture
inflates, a low percentile of its means over small blocks. On photographs with added noise of
standard deviation 2 to 13 this is right to about a tenth. Noise is everywhere: where the quietest
blocks have none, the others have fine texture, as of rock, and not noise.

JPEG takes the finest noise away and leaves the coarser: of a deviation of 15 a quality of 75 leaves
a third for this filter to find, of one of 10 a quality of 60 leaves nothing. So it is estimated at
half the size, where noise is half as strong and JPEG took little of it. At a quarter of the size
noise is weaker still; texture is not, which tells them apart. The grain of film is noise.

Removal: thresholding of overlapping 8×8 cosine transforms, as in G. Yu and G. Sapiro, "DCT image
denoising: a simple and effective image denoising algorithm" (IPOL 2011), with eight of the 64
shifts and the weights of O. Guleryuz (2007): within 0.3 dB of all shifts for an eighth of the
time, and a decibel better than a bilateral filter.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from enhance_gui.service.engine.pixels.planes import Plane, Planes, resize, split
from enhance_gui.service.engine.pixels.tiles import Pixels

OVERLAP_PX = 16
"""What tiles need: a multiple of the block, so that all tiles lay the same grid of blocks."""
FAINTEST = 1.5
"""Weaker noise cannot be distinguished from the fine texture of a clean photograph."""

_BLOCK_PX = 8
# One shift in each row and column: of all sets of eight the most even cover, by experiment.
_SHIFTS = tuple((i, 3 * i % _BLOCK_PX) for i in range(_BLOCK_PX))
_THRESHOLD = 2.5  # times the noise; 2.2 and 2.8 leave more error
_SMALLEST_WEIGHT = 1e-6

_SAMPLE_SIDE_PX = 512
_SAMPLES_A_SIDE = 4
_MEAN_BLOCK_PX = 16
_PERCENTILE = 20
_QUIETEST_PERCENTILE = 5
_MINIMUM_OF_QUIETEST = 1.0
"""Photographs with noise have more in their quietest blocks; textured ones that were reduced to a
third, 0.5 to 0.9."""
_OF_QUIETEST_AT_HALF = 2.5
"""Noise is half as strong there, a little less in the quietest blocks, and JPEG took some."""
_EVENNESS_OF_NOISE = 0.72
"""Noise is about as strong in the quietest blocks, 0.8 to 0.9 times; texture is not everywhere."""
_FEWEST_BLOCKS = 16
"""At a quarter of the size, 256 by 256 pixels of the whole: fewer would show texture as evenly
spread as noise."""
_COARSEST_NOISE = 0.9
"""Noise is at a quarter of the size 0.5 to 0.8 times as strong as at half of it."""
_DARK, _BRIGHT = 16, 240  # beyond, clipping hides noise


def estimate_noise(pixels: Pixels) -> tuple[float, float]:
    """Return the standard deviation of the noise in brightness and in colour, of 0 to 255.

    Colour is the stronger of Cr and Cb, and 0 for a grey picture; what is not everywhere is 0, too.
    Looks at 16 samples at most.
    """
    luma_means: list[Plane] = []
    colour_means: list[Plane] = []
    for sample in samples(pixels):
        planes = split(sample)
        usable = _usable(planes.luma)
        luma_means.append(_block_noise(planes.luma)[usable])
        if planes.chroma is not None:
            both = [_block_noise(np.ascontiguousarray(planes.chroma[..., c])) for c in (0, 1)]
            colour_means.append(np.maximum(*both)[usable])
    return _low_percentile(luma_means), _low_percentile(colour_means)


def estimate_coarse_noise(pixels: Pixels) -> float:
    """Return the standard deviation of the noise that a picture had before it became a JPEG.

    In brightness, of 0 to 255; 0 where none is found, or it could be texture, or the picture is too
    small to tell. Looks at 16 samples at most.
    """
    halves: list[Plane] = []
    quarters: list[Plane] = []
    for sample in samples(pixels):
        if min(sample.shape[:2]) < 4 * _MEAN_BLOCK_PX:
            continue
        luma = split(sample).luma
        for found, shorter in ((halves, 2), (quarters, 4)):
            height_px, width_px = (side // shorter for side in luma.shape)
            whole = luma[: height_px * shorter, : width_px * shorter]
            reduced = resize(whole, (width_px, height_px), cv2.INTER_AREA)
            found.append(_block_noise(reduced)[_usable(reduced)])
    if sum(map(len, quarters)) < _FEWEST_BLOCKS:
        return 0.0
    at_half, at_quarter = _percentiles(halves), _percentiles(quarters)
    is_even = at_half[0] >= _EVENNESS_OF_NOISE * at_half[1]
    is_fine = at_quarter[1] <= _COARSEST_NOISE * at_half[1]
    return _OF_QUIETEST_AT_HALF * at_half[0] if is_even and is_fine else 0.0


def samples(pixels: Pixels) -> list[Pixels]:
    """Cut up to 16 tiles out of the picture, evenly spread."""

    def starts(length_px: int) -> list[int]:
        room = max(0, length_px - _SAMPLE_SIDE_PX)
        count = min(_SAMPLES_A_SIDE, math.ceil(length_px / _SAMPLE_SIDE_PX))
        return [round(room * n / max(1, count - 1)) for n in range(count)]

    height_px, width_px = pixels.shape[:2]
    return [
        pixels[top : top + _SAMPLE_SIDE_PX, left : left + _SAMPLE_SIDE_PX]
        for top in starts(height_px)
        for left in starts(width_px)
    ]


def denoise(planes: Planes, luma_noise: float, colour_noise: float) -> Planes:
    """Take noise of these standard deviations out; what is below ``FAINTEST`` stays."""
    luma, chroma = planes.luma, planes.chroma
    if luma_noise >= FAINTEST:
        luma = denoise_plane(luma, luma_noise)
    if chroma is not None and colour_noise >= FAINTEST:
        both = [denoise_plane(np.ascontiguousarray(chroma[..., c]), colour_noise) for c in (0, 1)]
        chroma = np.dstack(both)
    return Planes(luma, chroma, planes.alpha)


def denoise_plane(plane: Plane, noise: float) -> Plane:
    """Take noise of standard deviation ``noise`` out of one plane of values 0 to 255."""
    size = _BLOCK_PX
    height_px, width_px = plane.shape
    rows, columns = math.ceil(height_px / size) + 1, math.ceil(width_px / size) + 1
    after = (size, rows * size - height_px), (size, columns * size - width_px)
    padded = np.pad(plane, after, "reflect")
    total = np.zeros(padded.shape, np.float32)
    weights = np.full(padded.shape, _SMALLEST_WEIGHT, np.float32)
    for down, right in _SHIFTS:
        area = (slice(down, down + rows * size), slice(right, right + columns * size))
        cells = padded[area].reshape(rows, size, columns, size).swapaxes(1, 2)
        kept, weight = _threshold(cells.reshape(-1, size * size), _THRESHOLD * noise)
        total_cells = total[area].reshape(rows, size, columns, size)
        total_cells += kept.reshape(rows, columns, size, size).swapaxes(1, 2)
        weight_cells = weights[area].reshape(rows, size, columns, size)
        weight_cells += weight.reshape(rows, 1, columns, 1)
        total[area] = total_cells.reshape(rows * size, columns * size)
        weights[area] = weight_cells.reshape(rows * size, columns * size)
    inner = (slice(size, size + height_px), slice(size, size + width_px))
    clean: Plane = total[inner] / weights[inner]
    return clean


def _threshold(blocks: Plane, limit: float) -> tuple[Plane, Plane]:
    """Drop the small coefficients of each block; weigh blocks by how few are left."""
    coefficients: Plane = np.matmul(blocks, _TRANSFORM.T)
    keep = np.abs(coefficients) > limit
    keep[:, 0] = True
    weight: Plane = np.float32(1) / keep.sum(axis=1, dtype=np.float32)
    np.multiply(coefficients, keep, out=coefficients)
    np.multiply(coefficients, weight[:, None], out=coefficients)
    kept: Plane = np.matmul(coefficients, _TRANSFORM)
    return kept, weight


def _cosine_transform(size: int) -> Plane:
    """Return the matrix of the two-dimensional orthonormal DCT-II of flattened blocks."""
    k, i = np.arange(size)[:, None], np.arange(size)[None]
    line = np.sqrt(2 / size) * np.cos(np.pi * (2 * i + 1) * k / (2 * size))
    line[0] /= np.sqrt(2)
    return np.kron(line, line).astype(np.float32)


_TRANSFORM = _cosine_transform(_BLOCK_PX)

_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_IMMERKAER_SCALE = np.float32(math.sqrt(math.pi / 2) / 6)


def _block_noise(plane: Plane) -> Plane:
    kernel = _IMMERKAER * _IMMERKAER_SCALE
    filtered = cv2.filter2D(plane, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
    return _block_means(np.abs(np.asarray(filtered, np.float32)))


def _block_means(plane: Plane) -> Plane:
    size = _MEAN_BLOCK_PX
    rows, columns = max(1, plane.shape[0] // size), max(1, plane.shape[1] // size)
    return resize(plane[: rows * size, : columns * size], (columns, rows), cv2.INTER_AREA)


def _usable(plane: Plane) -> NDArray[np.bool_]:
    """Return in which blocks noise shows: not where it is clipped."""
    brightness = _block_means(plane)
    return (brightness > _DARK) & (brightness < _BRIGHT)


def _low_percentile(means: list[Plane]) -> float:
    quietest, low = _percentiles(means)
    return low if quietest >= _MINIMUM_OF_QUIETEST else 0.0


def _percentiles(means: list[Plane]) -> tuple[float, float]:
    """Return what the quietest blocks have, and a low percentile; 0 where there are none."""
    together = np.concatenate(means) if means else np.zeros(0, np.float32)
    if not together.size:
        return 0.0, 0.0
    quietest, low = np.percentile(together, (_QUIETEST_PERCENTILE, _PERCENTILE))
    return float(quietest), float(low)
