"""Finds where a crop was cut out of a picture.

The services that return faces do not say where in the picture they are, and they may have reduced
or enlarged the crop. So the crop's size in the picture is looked for together with its place: by
normalised cross-correlation (J. P. Lewis, "Fast normalized cross-correlation", Vision Interface
1995), first coarse over all sizes, then fine around the best ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from enhance_gui.core.images.areas import Place
from enhance_gui.imaging.decoders import decoders
from enhance_gui.imaging.detail import window_sums
from enhance_gui.imaging.shades import in_8_bits
from enhance_gui.imaging.verify import MAX_PIXELS

Plane = NDArray[np.float32]
"""Brightness, rows × columns."""


_PICTURE_SIDE_PX: Final = 2048
"""The picture is searched at this size at most."""
_CROP_SIDE_PX: Final = 512

_COARSE_SIDE_PX: Final = 32
"""Longer side of the crop in the search over all sizes: so small that a size wrong by a twentieth
still fits, so large that another face does not."""
_COARSE_STEP: Final = 1.06
_COARSE_MIN: Final = 0.55
"""Correlation below which a place is not searched closely."""
_CANDIDATES: Final = 4

_FINE_SIDE_PX: Final = 96
_FINE_SIZES: Final = tuple(1 + step / 100 for step in range(-6, 7))
_FINE_MARGIN: Final = 0.25
"""Around a coarse place, as a part of the crop."""
_LIGHT_SIDE_PX: Final = 8
"""The broad light and shade of a part, which many pictures share, fits into so few pixels; what
is left when it is taken away distinguishes one part from another."""
_FOUND: Final = 0.65
"""Correlation of that at which it is the same: crops that are there have 0.7 and more, even as a
small JPEG of theirs; of others the highest seen was 0.53."""
_MIN_SIDE: Final = 1 / 24
"""Of the picture's longer side: smaller crops are only found at the size their file has."""
_MIN_CONTRAST: Final = 4.0
"""Deviation of brightness (of 255) below which a crop fits anywhere."""


@dataclass(frozen=True, slots=True)
class _Hit:
    score: float
    left: float
    """All lengths in pixels of the searched picture."""
    top: float
    width: float
    height: float


def locate_crop(picture: Path, crop: Path) -> Place | None:
    """Find a crop in the picture that it was cut out of; ``None``: it is not in there.

    Both are taken upright, as they are shown. The crop may be reduced, enlarged or saved with
    loss, but neither turned nor bent. Takes a second or two: run it in a thread.

    ``None``, too, where a file cannot be read: whoever asks has another way to show the crop.
    """
    try:
        whole = _brightness(picture, _PICTURE_SIDE_PX)
        part = _brightness(crop, _CROP_SIDE_PX)
    # Pillow's decoders raise whatever broken bytes lead to; what it is makes no difference here.
    except Exception:  # noqa: BLE001
        return None
    if part.plane.std() < _MIN_CONTRAST:
        return None
    hit = _search(whole, part)
    if hit is None:
        return None
    height_px, width_px = whole.plane.shape
    return Place(
        hit.left / width_px, hit.top / height_px, hit.width / width_px, hit.height / height_px
    )


class _Reduced(NamedTuple):
    plane: Plane
    longest_px: int
    """Of the file itself."""


def _brightness(path: Path, side_px: int) -> _Reduced:
    with Image.open(path, formats=decoders()) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        longest_px = max(image.size)
        # A JPEG is decoded at the size that is needed, or at the next larger one.
        image.draft("L", (side_px, side_px))
        ImageOps.exif_transpose(image, in_place=True)
        upright = in_8_bits(image).convert("L")
    share = side_px / max(upright.size)
    if share < 1:
        size = (max(1, round(upright.width * share)), max(1, round(upright.height * share)))
        upright = upright.resize(size, Image.Resampling.BOX)
    return _Reduced(np.asarray(upright, np.float32), longest_px)


def _search(whole: _Reduced, part: _Reduced) -> _Hit | None:
    """Try the size that the crop's file has first, then all the others."""
    own = part.longest_px * max(whole.plane.shape) / whole.longest_px
    if own <= max(whole.plane.shape):
        near = _coarse(whole.plane, part.plane, own)
        if near is not None and (hit := _fine(whole.plane, part.plane, near)):
            return hit
    hits = [_coarse(whole.plane, part.plane, side) for side in _sides(whole.plane, part.plane)]
    likely = sorted((hit for hit in hits if hit is not None), key=lambda hit: -hit.score)
    for candidate in likely[:_CANDIDATES]:
        if hit := _fine(whole.plane, part.plane, candidate):
            return hit
    return None


def _sides(whole: Plane, part: Plane) -> Iterator[float]:
    """Yield the longer side that the crop may have in the picture, largest first."""
    height, width = part.shape
    side = max(height, width) * min(whole.shape[0] / height, whole.shape[1] / width)
    minimum = max(_COARSE_SIDE_PX, _MIN_SIDE * max(whole.shape))
    while side >= minimum:
        yield side
        side /= _COARSE_STEP


def _coarse(whole: Plane, part: Plane, side: float) -> _Hit | None:
    """Find the best place of the crop with its longer side ``side`` pixels of the picture."""
    scale = min(1.0, _COARSE_SIDE_PX / side)
    hit = _best(_resized(whole, scale), _resized(part, scale * side / max(part.shape)))
    if hit is None or hit.score < _COARSE_MIN:
        return None
    return _Hit(
        hit.score, *(length / scale for length in (hit.left, hit.top, hit.width, hit.height))
    )


def _fine(whole: Plane, part: Plane, near: _Hit) -> _Hit | None:
    """Find place and size exactly, around a coarse place; ``None``: the crop is not there."""
    side = max(near.width, near.height)
    scale = min(1.0, _FINE_SIDE_PX / side)
    margin = _FINE_MARGIN * side
    top, left = max(0, int(near.top - margin)), max(0, int(near.left - margin))
    bottom, right = (int(near.top + near.height + margin), int(near.left + near.width + margin))
    window = _resized(whole[top : bottom + 1, left : right + 1], scale)
    light = _LIGHT_SIDE_PX / max(1.0, scale * side)
    window = _without_light(window, light)
    best: _Hit | None = None
    for size in _FINE_SIZES:
        pattern = _resized(part, scale * size * side / max(part.shape))
        hit = _best(window, _without_light(pattern, light))
        if hit is not None and (best is None or hit.score > best.score):
            best = hit
    if best is None or best.score < _FOUND:
        return None
    return _Hit(
        best.score,
        left + best.left / scale,
        top + best.top / scale,
        best.width / scale,
        best.height / scale,
    )


def _without_light(plane: Plane, light: float) -> Plane:
    """Take away what is left of a plane when it is reduced to the share ``light``."""
    small = Image.fromarray(_resized(plane, light))
    broad = small.resize((plane.shape[1], plane.shape[0]), Image.Resampling.BICUBIC)
    return plane - np.asarray(broad, np.float32)


def _best(whole: Plane, part: Plane) -> _Hit | None:
    """Return the place of highest correlation; ``None`` where the part does not fit in."""
    rows, columns = part.shape
    if rows > whole.shape[0] or columns > whole.shape[1] or min(part.shape) < 2:
        return None
    scores = correlation(whole, part)
    top, left = np.unravel_index(np.argmax(scores), scores.shape)
    return _Hit(float(scores[top, left]), float(left), float(top), float(columns), float(rows))


def correlation(whole: Plane, part: Plane) -> Plane:
    """Return the normalised correlation, -1 to 1, of a part with every place it fits in.

    :param whole: rows × columns; :param part: not larger in either.
    :returns: (rows - part's rows + 1) × (columns - part's columns + 1).
    """
    rows, columns = part.shape
    shape = (whole.shape[0] - rows + 1, whole.shape[1] - columns + 1)
    # In the middle of its range the sums below lose the least to rounding.
    ground = whole - np.float32(whole.mean())
    pattern = part - part.mean(dtype=np.float64).astype(np.float32)
    size = [_fast_length(length) for length in whole.shape]
    product = np.fft.irfft2(
        np.fft.rfft2(ground, size) * np.conj(np.fft.rfft2(pattern, size)), size
    )[: shape[0], : shape[1]]
    count = rows * columns
    sums = window_sums(ground.astype(np.float64), rows, columns)
    squares = window_sums(ground.astype(np.float64) ** 2, rows, columns)
    spread = np.sqrt(np.maximum(squares - sums**2 / count, count * _MIN_SPREAD))
    norm = float(np.sqrt(np.sum(pattern.astype(np.float64) ** 2)))
    result: Plane = (product / (spread * max(norm, _TINY))).astype(np.float32)
    return result


_MIN_SPREAD: Final = 1.0
"""Variance below which a place counts as flat: it correlates with nothing."""
_TINY: Final = 1e-6


def _fast_length(length: int) -> int:
    """Return the next length that has no prime factor above 5."""
    while True:
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 1


def _resized(plane: Plane, scale: float) -> Plane:
    if scale == 1:
        return plane
    size = (max(1, round(plane.shape[1] * scale)), max(1, round(plane.shape[0] * scale)))
    how = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(plane).resize(size, how), np.float32)
