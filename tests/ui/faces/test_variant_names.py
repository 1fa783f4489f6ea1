"""The tints of the service of this computer go by names, and its text promises no more."""

from __future__ import annotations

import re

from enhance_gui.service.engine.catalogue import COLORIZE, ENHANCE_TYPES
from enhance_gui.service.engine.repair.tint import TINTS
from enhance_gui.ui.faces.texts import VARIANT_NAMES


def test_each_tint_has_a_name_on_the_screen() -> None:
    assert set(VARIANT_NAMES) == {tone.name for tone in TINTS}


def test_the_text_says_what_tinting_is_and_that_colours_are_not_known() -> None:
    (text,) = (each.description for each in ENHANCE_TYPES if each.id == COLORIZE)
    named = re.match(r"Tints a grey photograph .*such as (\S+) or (\S+);", text)
    assert named is not None
    assert set(named.groups()) < {tone.name for tone in TINTS}
    assert "does not know the true colours" in text
