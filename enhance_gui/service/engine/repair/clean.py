"""Detects and removes noise and JPEG artefacts.

K. Zhang, W. Zuo, L. Zhang, "FFDNet: toward a fast and flexible solution for CNN-based image
denoising" (IEEE TIP 2018): a net that gets the noise; where it is not installed, the cosine
transforms of ``denoise`` do it. JPEG without noise is left to waifu2x, too, whose result is made
small again: the mean of both is nearer to the original than either (quality 25: 1.4 dB, 1.0 by
FFDNet alone). A net of our own, "cleaner", takes the place of both where it was measured to do as
well, or FFDNet is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2

from enhance_gui.core.services.model_files import has_net
from enhance_gui.service.engine.enlarge.doubling import find_waifu2x
from enhance_gui.service.engine.nets.nets import Net, find_net
from enhance_gui.service.engine.pixels.planes import (
    inner,
    join,
    resize,
    rgb_of,
    rounded,
    split,
    with_alpha_of,
)
from enhance_gui.service.engine.pixels.tiles import Pixels
from enhance_gui.service.engine.repair.denoise import (
    FAINTEST,
    OVERLAP_PX,
    denoise,
    estimate_coarse_noise,
    estimate_noise,
)

TILE_SIDE_PX = 256

_OF_ESTIMATE = 1.5
"""Noise of red, green and blue alike is two thirds as strong in brightness; beyond that, a little
more than is there leaves the least error."""
_JPEG_FROM = 0.35
"""Weaker JPEG (quality 85 and better) leaves nothing that cleaning would not also take from the
photograph."""
_JPEG_AS_NOISE = 12.0
"""FFDNet cleans a JPEG best as if its strength times this were noise: 5 at quality 75, 9 at 40."""
_NOISE_HIDDEN_FROM = 0.32
"""Weaker JPEG (quality 87 and better) leaves noise as it is."""
_STRONGEST_NOISE = 50.0
"""Of 255: as much as either net has been trained with; the unit of "cleaner"'s map."""


@dataclass(frozen=True, slots=True)
class Cleaning:
    """Takes noise and the traces of JPEG out of tiles."""

    overlap_px: int
    clean: Callable[[Pixels], Pixels]
    """Tile to tile, as ``map_blocks`` wants it."""


def find_cleaning(pixels: Pixels, jpeg_strength: float) -> Cleaning | None:
    """Return what cleans this picture; ``None``: it is clean.

    :param jpeg_strength: as ``Picture`` has it.
    """
    luma_noise, colour_noise = estimate_noise(pixels)
    if jpeg_strength >= _NOISE_HIDDEN_FROM:
        hidden = estimate_coarse_noise(pixels)
        # What is less is no stronger than what this JPEG has put in itself.
        if _OF_ESTIMATE * hidden > _JPEG_AS_NOISE * jpeg_strength:
            luma_noise = max(luma_noise, hidden)
    strongest = max(luma_noise, colour_noise)
    noise = min(_OF_ESTIMATE * strongest, _STRONGEST_NOISE) if strongest >= FAINTEST else 0.0
    jpeg = jpeg_strength if jpeg_strength >= _JPEG_FROM else 0.0
    if not noise and not jpeg:
        return None
    cleaner = find_net("cleaner") if has_net("cleaner") else None
    if cleaner is not None and (cleaner.facts.is_as_good(jpeg) or not has_net("ffdnet-color")):
        return _by_net(cleaner, noise=noise / _STRONGEST_NOISE, jpeg=jpeg)
    denoiser = find_net("ffdnet-color")
    if denoiser is not None:
        enlarger = None if noise else find_waifu2x(jpeg)
        strength = max(noise, _JPEG_AS_NOISE * jpeg) / 255
        return _by_net(denoiser, enlarger, noise=strength)
    if not noise:
        return None
    return Cleaning(OVERLAP_PX, lambda tile: _by_transforms(tile, luma_noise, colour_noise))


def _by_transforms(tile: Pixels, luma_noise: float, colour_noise: float) -> Pixels:
    return join(denoise(split(tile), luma_noise, colour_noise), tile.dtype)


def _by_net(net: Net, enlarger: Net | None = None, **maps: float) -> Cleaning:
    """Clean with a net that gets these maps, and where there is one with an enlarger, too."""
    rim_px = net.facts.margin_px

    def clean(tile: Pixels) -> Pixels:
        colour = rgb_of(tile)
        cleaned = net(colour, **maps)
        if enlarger is not None:
            large = enlarger(inner(colour, rim_px - enlarger.facts.margin_px))
            size_px = (cleaned.shape[1], cleaned.shape[0])
            cleaned = 0.5 * (cleaned + resize(large, size_px, cv2.INTER_AREA))
        if tile.shape[2] < 3:
            cleaned = cleaned.mean(axis=2, keepdims=True)
        return with_alpha_of(inner(tile, rim_px), rounded(cleaned, tile.dtype))

    return Cleaning(rim_px, clean)
