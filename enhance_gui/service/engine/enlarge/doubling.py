"""Doubles parts of a picture, each by the cheapest that does nearly as well as the best.

The best is our own net, or waifu2x where that was measured to do better, as it does with strong
JPEG. Much of a camera's picture is sky, wall, skin or out of focus, and there a net of a quarter of
the size does as well: what doubles a part is chosen by how fine its finest detail is, after X. Kong
et al., "ClassSR: a general framework to accelerate super-resolution networks by data
characteristic" (CVPR 2021). Where the nets are not installed a classical doubling does it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from enhance_gui.core.services.model_files import has_net
from enhance_gui.service.engine.nets.nets import Colour, Net, find_net
from enhance_gui.service.engine.pixels.planes import Plane, inner, resize, stretch

CLEAN_BELOW: Final = 0.15
"""Strength of JPEG; a weaker one leaves nothing to clean."""

_LEVELS: Final = ((0.6, 3), (0.48, 2), (0.41, 1), (CLEAN_BELOW, 0))
"""From which strength of JPEG on (qualities 55, 71, 79, 97) which of waifu2x's levels it takes."""

PLAIN: Final = 2.5
"""As ``finest_detail`` measures: up to here cubic interpolation does nearly as well as a net. In
1,120 parts of 28 photographs of cameras, reduced by half, it loses less than 0.2 dB of 53 dB and
more, and no 16×16 pixels differ by more than 0.7 of 255 (root mean square)."""
_SMOOTH: Final = 6.0
"""Up to here the small net does nearly as well as the large one: it loses less than 0.1 dB there,
and less than 0.15 of JPEGs of quality 85, of 44 dB and more."""
_FINE_PX: Final = 3
_DETAIL_PX: Final = 4
DETAIL_REACH_PX: Final = 2
"""So much more of a picture ``finest_detail`` has to see, or it misses an edge at the rim."""

_CUBIC_REACH_PX: Final = 2
_CLASSICAL_REACH_PX: Final = 16
_ROUNDS_BEFORE: Final = 2
_ROUNDS_AFTER: Final = 2
_BILATERAL_DIAMETER_PX: Final = 7
_BILATERAL_RANGE: Final = 25.0
_BILATERAL_SPREAD_PX: Final = 2.0


@dataclass(frozen=True, slots=True)
class Doubling:
    """Doubles the sides of parts of a picture."""

    lost_px: int
    """Pixels of each side of a part of which nothing comes back."""
    run: Callable[[Colour], Colour]


def find_doubling(
    jpeg_strength: float, *, quick: bool = False, also_turned: bool = False
) -> Doubling:
    """Return what doubles the parts of a picture.

    :param jpeg_strength: how strongly the picture was compressed, as ``Picture`` has it.
    :param quick: with the small net, even where a larger one does better.
    :param also_turned: whether our own net doubles a part twice, the second time upside down, and
        the mean is taken: R. Timofte et al., "Seven ways to improve example-based single image
        super resolution" (CVPR 2016).
    """
    small = _find_own("quick")
    own = small if quick else _find_own("default")
    to_clean = jpeg_strength if jpeg_strength >= CLEAN_BELOW else 0.0
    is_as_good = own is not None and own.facts.is_as_good(to_clean)
    if not quick and (own is None or (not is_as_good and has_net("waifu2x-photo"))):
        other = find_waifu2x(jpeg_strength)
        return _CLASSICAL if other is None else _by(other, jpeg_strength)
    if own is None:
        return _CLASSICAL
    best = _by(own, jpeg_strength)
    lesser = []
    if not to_clean:
        lesser.append((PLAIN, _CUBIC))
    if is_as_good and small is not None and small is not own:
        lesser.append((_SMOOTH, _by(small, jpeg_strength)))
    return _by_detail(lesser, _also_turned(best) if also_turned else best)


def find_waifu2x(jpeg_strength: float) -> Net | None:
    """Return waifu2x's net that cleans as much as so strong a JPEG needs; None: it is not here."""
    level = next((level for minimum, level in _LEVELS if jpeg_strength >= minimum), None)
    name = "waifu2x-photo" if level is None else f"waifu2x-photo-{level}"
    return find_net(name)


def project_back(small: Plane, large: Plane, factor: int, rounds: int) -> Plane:
    """Correct an enlarged picture so that, shrunk again, it is the picture.

    M. Irani and S. Peleg, "Improving resolution by image registration" (CVGIP 1991).
    """
    size_px = (small.shape[1], small.shape[0])
    for _ in range(rounds):
        missing = small - resize(large, size_px, cv2.INTER_AREA)
        large = large + stretch(missing, factor, cv2.INTER_CUBIC)
    return large


def finest_detail(colour: Colour) -> float:
    """Return the largest mean over 4×4 pixels of how far they are from the means around them.

    In the colour that differs most, of 255.
    """
    fine = np.abs(colour - cv2.blur(colour, (_FINE_PX, _FINE_PX))).max(axis=2)
    return float(cv2.blur(fine, (_DETAIL_PX, _DETAIL_PX)).max())


def _find_own(name: str) -> Net | None:
    return find_net(name) if has_net(name) else None


def _by(net: Net, jpeg_strength: float) -> Doubling:
    return Doubling(net.facts.margin_px, lambda colour: net(colour, jpeg=jpeg_strength))


def _also_turned(doubling: Doubling) -> Doubling:
    def run(colour: Colour) -> Colour:
        turned = doubling.run(np.ascontiguousarray(colour[::-1, ::-1]))[::-1, ::-1]
        return (doubling.run(colour) + turned) / np.float32(2)

    return Doubling(doubling.lost_px, run)


def _by_detail(lesser: Sequence[tuple[float, Doubling]], best: Doubling) -> Doubling:
    """Return what doubles each part by the first whose limit its detail does not reach."""
    if not lesser:
        return best
    lost_px = max(one.lost_px for one in (best, *(one for _, one in lesser)))

    def run(colour: Colour) -> Colour:
        detail = finest_detail(inner(colour, lost_px - DETAIL_REACH_PX))
        chosen = next((one for limit, one in lesser if detail < limit), best)
        return chosen.run(inner(colour, lost_px - chosen.lost_px))

    return Doubling(lost_px, run)


def _stretch_cubically(colour: Colour) -> Colour:
    return inner(stretch(colour, 2, cv2.INTER_CUBIC), 2 * _CUBIC_REACH_PX)


_CUBIC = Doubling(_CUBIC_REACH_PX, _stretch_cubically)


def _double_classically(colour: Colour) -> Colour:
    """Double by nothing but back-projection; between its rounds the ringing is filtered out."""
    ycc = np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2YCrCb), np.float32)
    luma, chroma = np.ascontiguousarray(ycc[..., 0]), np.ascontiguousarray(ycc[..., 1:])
    large = project_back(luma, stretch(luma, 2, cv2.INTER_LANCZOS4), 2, _ROUNDS_BEFORE)
    smooth = cv2.bilateralFilter(
        large, _BILATERAL_DIAMETER_PX, _BILATERAL_RANGE, _BILATERAL_SPREAD_PX
    )
    large = project_back(luma, np.asarray(smooth, np.float32), 2, _ROUNDS_AFTER)
    toned = project_back(chroma, stretch(chroma, 2, cv2.INTER_LANCZOS4), 2, 1)
    together = cv2.cvtColor(np.dstack([large, toned]), cv2.COLOR_YCrCb2RGB)
    return inner(np.asarray(together, np.float32), 2 * _CLASSICAL_REACH_PX)


_CLASSICAL = Doubling(_CLASSICAL_REACH_PX, _double_classically)
