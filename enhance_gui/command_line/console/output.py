"""Prints on standard output and error, which survive a broken pipe and characters that they cannot
encode.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError

WAITING_FOR_MANAGER: Final = (
    "waiting for the password manager; it may have opened a window that asks for its password"
)

_SPACES: Final = frozenset(map(chr, (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
"""Spaces of other widths: harmless, although they count as not printable."""
_STANDARD_ERROR: Final = 2


def open_standard_streams(*, as_json: bool) -> None:
    """Have standard output and error take whatever is written, even where they are closed.

    :param as_json: what is written is read by a program, as UTF-8 whatever the computer uses.
    """
    # A file that is opened later would get the number of one that is closed, and be written into.
    while (file := os.open(os.devnull, os.O_RDWR)) <= _STANDARD_ERROR:
        os.set_inheritable(file, True)
    os.close(file)
    # Not closed: they have to last until the last word of the program.
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    # The escape of a letter that is none is one that JSON knows, too.
    encoding = "utf-8" if as_json else None
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


class OutputLost(Exception):
    """Standard output takes nothing more; the text is the system's reason."""


def print_out(text: str) -> None:
    """Print what the command was asked for.

    :raises BrokenPipeError: whoever was to read it has gone.
    :raises OutputLost: it leads to a disk that is full, say.
    """
    try:
        # A program gets every name as it is.
        shown = "\n".join(map(plain, text.split("\n"))) if sys.stdout.isatty() else text
        print(shown, flush=True)  # noqa: T201  this is what the command is for
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget_the_rest()
        raise OutputLost(error.strerror) from error


def _forget_the_rest() -> None:
    """Lead standard output nowhere.

    The interpreter writes what is left at its end, and would fail once more.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_message(line: str) -> None:
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

    explanation = explain(error)
    print_message(f"enhance-gui: {sentence(error)}.")
    print_message(f"  {explanation.meaning} {explanation.next_step}")


def print_waiting(waits: bool) -> None:
    """Print that the password manager is waited for, where it is."""
    if waits:
        print_message(WAITING_FOR_MANAGER)
