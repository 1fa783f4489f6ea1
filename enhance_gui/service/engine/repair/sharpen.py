"""Sharpens what is soft, without strengthening noise or drawing haloes."""

from __future__ import annotations

import cv2
import numpy as np

from enhance_gui.service.engine.pixels.planes import Plane, blurred

OVERLAP_PX = 16
"""What tiles need."""

_SPREAD_PX = 1.0
"""Size of the detail that is strengthened."""
_CORE = 2.0
"""Differences of this size and below are noise, or the eye does not miss them."""
_OVERSHOOT = 0.05
"""How far a pixel may go beyond the brightest and darkest of its neighbours, in their difference:
an edge becomes a tenth higher at most."""
_EDGE_PX = 4
_STRONGEST_PERCENT = 2
_MIN_EDGE = 16
_SOFT, _SHARP = 0.38, 0.46
"""Steepness of edges; photographs sharp to the pixel have 0.5 to 0.6, the same blurred with a
standard deviation of 0.8 pixels 0.40, of 1.5 pixels 0.32."""
_NEIGHBOURHOOD = np.ones((3, 3), np.uint8)


def sharpen(luma: Plane, amount: float) -> Plane:
    """Strengthen fine detail (unsharp masking with a dead zone and a limit)."""
    detail = luma - blurred(luma, _SPREAD_PX)
    strong = np.sign(detail) * np.maximum(np.abs(detail) - _CORE, 0)
    darkest = np.asarray(cv2.erode(luma, _NEIGHBOURHOOD), np.float32)
    brightest = np.asarray(cv2.dilate(luma, _NEIGHBOURHOOD), np.float32)
    beyond = _OVERSHOOT * (brightest - darkest)
    sharp: Plane = np.clip(luma + amount * strong, darkest - beyond, brightest + beyond)
    return sharp


def find_softness(luma: Plane) -> float:
    """Return how soft the strongest edges are: 0, sharp to the pixel, to 1.

    The edges' steepest pixel is compared with what they rise over four; noise and texture do not
    count.
    """
    steepness = [_steepness(luma), _steepness(np.ascontiguousarray(luma.T))]
    together = np.concatenate(steepness)
    if not together.size:
        return 0.0
    return float(np.clip((_SHARP - np.median(together)) / (_SHARP - _SOFT), 0, 1))


def _steepness(luma: Plane) -> Plane:
    if luma.shape[1] <= _EDGE_PX:
        return np.zeros(0, np.float32)
    rise = np.abs(luma[:, _EDGE_PX:] - luma[:, :-_EDGE_PX])
    steps = np.abs(np.diff(luma, axis=1))
    width_px = rise.shape[1]
    steepest = np.maximum.reduce([steps[:, n : n + width_px] for n in range(_EDGE_PX)])
    strong = rise >= max(np.percentile(rise, 100 - _STRONGEST_PERCENT), _MIN_EDGE)
    of_rise: Plane = steepest[strong] / rise[strong]
    return of_rise
