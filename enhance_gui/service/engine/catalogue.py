"""Lists the engine's enhance types, and limits how large a result may become."""

from __future__ import annotations

from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.core.services.own_models import OwnModel

PORTRAIT = 1
UPSCALE_2 = 2
UPSCALE_4 = 3
RESTORE = 4
COLORIZE = 5
QUICK_UPSCALE_2 = 6
AI_DETAIL_4 = 7
AI_DETAIL_2 = 8

# The first one is what the app offers before anybody has chosen. All there are; ``is_offered``
# returns which of them can be done here.
ENHANCE_TYPES: tuple[EnhanceType, ...] = (
    EnhanceType(
        UPSCALE_2,
        "Upscale ×2",
        "Twice the width and height, with sharper edges than plain enlarging gives.",
        outputs=Outputs.NONE,
    ),
    EnhanceType(
        UPSCALE_4,
        "Upscale ×4",
        "Four times the width and height; detail that the picture never had is not invented.",
        outputs=Outputs.NONE,
    ),
    EnhanceType(
        QUICK_UPSCALE_2,
        "Quick upscale ×2",
        "Twice the width and height in a fraction of the time, a little less sharp.",
        outputs=Outputs.NONE,
    ),
    EnhanceType(
        AI_DETAIL_4,
        "AI detail ×4",
        "Four times the width and height, crisp, with detail that is made up to fit: for show, not "
        "for evidence. It takes minutes.",
        outputs=Outputs.NONE,
    ),
    EnhanceType(
        AI_DETAIL_2,
        "AI detail ×2",
        "Twice the width and height, crisp, with detail that is made up to fit: for show, not for "
        "evidence. It takes minutes.",
        outputs=Outputs.NONE,
    ),
    EnhanceType(
        PORTRAIT,
        "Portrait",
        "Takes out noise and sharpens what is soft at the same size, faces more than the rest; "
        "each face also comes enlarged as its own picture.",
        outputs=Outputs.FACES,
    ),
    EnhanceType(
        RESTORE,
        "Restore old photo",
        "Fills scratches, takes out noise and the traces of JPEG and brings faded contrast and "
        "colour back, each only where it is.",
        outputs=Outputs.NONE,
    ),
    EnhanceType(
        COLORIZE,
        "Colorize Black White Photo",
        "Tints a grey photograph in several ways to choose from, such as sepia or hand-tinted; "
        "it does not know the true colours.",
        outputs=Outputs.VARIANTS,
    ),
)

MAX_RESULT_SIDE_PX = 18_432
"""Longest side of a result: twice the largest picture that is taken."""

_FACTORS = {UPSCALE_2: 2, UPSCALE_4: 4, QUICK_UPSCALE_2: 2, AI_DETAIL_4: 4, AI_DETAIL_2: 2}


def factor_of(type_id: int, own_model: OwnModel | None = None) -> int:
    """Return how many times the sides of the input the sides of the result are.

    :param own_model: the user's model that the type stands for.
    """
    return _FACTORS.get(type_id, 1) if own_model is None else own_model.factor


def output_pixels_allowed(factor: int, width_px: int, height_px: int) -> str | None:
    """Return why the result would be too large, in one clause for people; ``None``: it is not.

    :param factor: how many times the sides of the input the sides of the result are.
    """
    width_px, height_px = width_px * factor, height_px * factor
    if max(width_px, height_px) <= MAX_RESULT_SIDE_PX:
        return None
    return (
        f"the result would have {width_px} × {height_px} pixels; "
        f"at most {MAX_RESULT_SIDE_PX} a side are possible, "
        f"so this type takes pictures up to {MAX_RESULT_SIDE_PX // factor} pixels a side"
    )
