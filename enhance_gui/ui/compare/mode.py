"""The modes of the comparison, and its two sides."""

from __future__ import annotations

from enum import StrEnum


class CompareMode(StrEnum):
    """How before and after share the view."""

    DIVIDER = "divider"
    """One picture, before to the left of a line and after to its right."""
    SIDE_BY_SIDE = "side_by_side"
    """Two panes that show the same place."""
    SINGLE = "single"
    """One at a time."""


class Side(StrEnum):
    """One of the two pictures."""

    BEFORE = "before"
    AFTER = "after"
