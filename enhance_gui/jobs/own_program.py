"""How this program starts itself once more, as a child of its own."""

from __future__ import annotations

import sys


def own_program() -> list[str]:
    """Return the command of this program, from a checkout, a wheel or a frozen build."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", __package__.partition(".")[0]]
