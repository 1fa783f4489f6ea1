"""Words on standard error."""

from __future__ import annotations

import sys
from typing import Final

from enhance_gui.core.errors import EnhanceError

WAITING_FOR_MANAGER: Final = (
    "waiting for the password manager; it may have opened a window that asks for its password"
)


def say(line: str) -> None:
    """Print a line for people."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201  this is the program's voice


def complain(error: EnhanceError) -> None:
    """Print what happened, what it means and what to do next."""
    # Loaded here, not above: most runs have nothing to complain of.
    from enhance_gui.core.explanations import explain, sentence

    words = explain(error)
    say(f"enhance-gui: {sentence(error)}.")
    say(f"  {words.meaning} {words.next_step}")
