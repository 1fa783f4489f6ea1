"""Prints messages for people on standard error."""

from __future__ import annotations

import sys
from typing import Final

from enhance_gui.core.errors import EnhanceError

WAITING_FOR_MANAGER: Final = (
    "waiting for the password manager; it may have opened a window that asks for its password"
)

_SPACES: Final = frozenset(map(chr, (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
"""Spaces of other widths: harmless, although they count as not printable."""


def say(line: str) -> None:
    """Print a line for people."""
    print(plain(line), file=sys.stderr, flush=True)  # noqa: T201  this is the program's voice


def plain(line: str) -> str:
    """Return a line without characters that move the cursor or turn the order of letters.

    They come with names of files and words of others; what they would do is shown as escapes.
    """
    if line.isprintable():
        return line
    return "".join(map(_plain_char, line))


def _plain_char(char: str) -> str:
    if char.isprintable() or char in _SPACES:
        return char
    return char.encode("unicode_escape").decode()


def complain(error: EnhanceError) -> None:
    """Print what happened, what it means and what to do next."""
    # Loaded here, not above: most runs have nothing to complain of.
    from enhance_gui.core.text.explanations import explain, sentence

    words = explain(error)
    say(f"enhance-gui: {sentence(error)}.")
    say(f"  {words.meaning} {words.next_step}")
