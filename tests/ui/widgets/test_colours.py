"""What is written can be read: the contrasts of the window's colours, in both themes."""

from __future__ import annotations

import tomllib
from typing import Final

import pytest

from enhance_gui.core.resources import resource

GROUNDS: Final = ("window", "base", "midlight", "accent_soft", "warning_soft")
WRITTEN: Final = (
    *(("window_text", ground) for ground in GROUNDS),
    *(("placeholder_text", ground) for ground in GROUNDS),
    *(("link", ground) for ground in ("window", "base", "accent_soft")),
    *(("warning", ground) for ground in ("window", "base", "warning_soft")),
    *(("danger", ground) for ground in ("window", "base")),
    *(("highlighted_text", ground) for ground in ("highlight", "accent_hover")),
    ("tool_tip_text", "tool_tip_base"),
    ("button_text", "button"),
)
DRAWN: Final = (
    *(("highlight", ground) for ground in ("window", "base", "mid")),
    *(("dark", ground) for ground in ("window", "base", "button")),
)
"""Rings of the keyboard, bars, edges of boxes to tick, and words that are switched off."""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("pair", WRITTEN)
def test_words_stand_out_from_their_ground(theme: str, pair: tuple[str, str]) -> None:
    assert contrast(theme, *pair) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("pair", DRAWN)
def test_what_is_drawn_stands_out_from_its_ground(theme: str, pair: tuple[str, str]) -> None:
    assert contrast(theme, *pair) >= 3


def contrast(theme: str, one: str, other: str) -> float:
    """Return the ratio that WCAG 2 defines, 1 to 21."""
    table = tomllib.loads(resource("style/colours.toml").read_text("utf-8"))[theme]
    dim, bright = sorted(_luminance(table[name]) for name in (one, other))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
