"""Where a net is said to do as well as those of others is where it was measured to."""

from __future__ import annotations

import pytest
from training.measure import Figure, reached

_AREA_DB, _JPEG_85_DB, _JPEG_50_DB, _JPEG_30_DB = 33.13, 31.58, 29.93, 28.94
"""What waifu2x makes of pictures reduced by area mean."""


@pytest.mark.parametrize(
    ("gains_db", "plainly", "up_to"),
    [
        ((0.0, 0.1, 0.1, 0.1), True, 0.82),
        ((-0.01, 0.1, 0.1, -0.1), False, 0.64),
        ((0.1, 0.1, -0.1, 0.1), True, 0.35),
        ((0.1, -0.1, 0.1, 0.1), True, 0.0),
    ],
)
def test_it_reaches_others_up_to_the_first_strength_of_jpeg_where_it_falls_short(
    gains_db: tuple[float, ...], plainly: bool, up_to: float
) -> None:
    plain, weak, middle, strong = gains_db
    figures = [
        # It is projected back; and bicubic does not count.
        Figure("area", 31.0, 20.0, round(_AREA_DB + plain, 2)),
        Figure("bicubic", 31.0, 20.0, 20.0),
        # What was a JPEG is used as it is.
        Figure("area, JPEG 50", 28.0, round(_JPEG_50_DB + middle, 2), 20.0, 0.632),
        Figure("area, JPEG 85", 30.0, round(_JPEG_85_DB + weak, 2), 20.0, 0.347),
        Figure("area, JPEG 30", 27.0, round(_JPEG_30_DB + strong, 2), 20.0, 0.815),
    ]
    wanted = {"reaches_others": plainly, "reaches_others_up_to_jpeg": up_to}
    assert reached(figures) == wanted
