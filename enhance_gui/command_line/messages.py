"""Words on standard error."""

from __future__ import annotations

import sys
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.explanations import explain, sentence

WAITING_FOR_MANAGER: Final = (
    "waiting for the password manager; it may have opened a window that asks for its password"
)


def say(line: str) -> None:
    """Print a line for people."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201  this is the program's voice


def complain(error: EnhanceError) -> None:
    """Print what happened, what it means and what to do next."""
    words = explain(error)
    say(f"enhance-gui: {sentence(error)}.")
    say(f"  {words.meaning} {words.next_step}")
