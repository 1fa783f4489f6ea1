"""Sharpening that leaves noise alone and draws no halos."""

from __future__ import annotations

import cv2
import numpy as np

from enhance_gui.service.engine.planes import Plane, blurred

OVERLAP_PX = 16
"""What tiles need, for spreads up to 4 pixels."""

_CORE = 2.0
"""Differences of this size and below are noise, or the eye does not miss them."""
_OVERSHOOT = 6.0
"""How far a pixel may go beyond the brightest and darkest of its neighbours."""
_NEIGHBOURHOOD = np.ones((3, 3), np.uint8)


def sharpen(luma: Plane, amount: float, spread_px: float) -> Plane:
    """Strengthen detail of about ``spread_px`` (unsharp masking with a dead zone and a limit)."""
    detail = luma - blurred(luma, spread_px)
    strong = np.sign(detail) * np.maximum(np.abs(detail) - _CORE, 0)
    darkest = np.asarray(cv2.erode(luma, _NEIGHBOURHOOD), np.float32) - _OVERSHOOT
    brightest = np.asarray(cv2.dilate(luma, _NEIGHBOURHOOD), np.float32) + _OVERSHOOT
    sharp: Plane = np.clip(luma + amount * strong, darkest, brightest)
    return sharp
