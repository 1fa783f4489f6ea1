"""Types of arguments that several commands have."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path


def named(text: str) -> str:
    """Take a name; none at all is what a shell's variable gives that is not set."""
    if not text:
        raise argparse.ArgumentTypeError("must not be empty (is a variable not set?)")
    return text


def named_path(text: str) -> Path:
    """Take a path: as :func:`named`; an empty one would be the current folder."""
    return Path(named(text))


def whole_number(minimum: int, maximum: int, words: str) -> Callable[[str], int]:
    """Return what takes a whole number within bounds.

    :param words: what is said of anything else.
    """

    def take(text: str) -> int:
        # Not int() alone: it refuses texts of over 4,300 digits with an error of its own.
        is_number = text.isdecimal() and len(text) <= len(str(maximum))
        if not is_number or not minimum <= int(text) <= maximum:
            raise argparse.ArgumentTypeError(words)
        return int(text)

    return take


def number(is_fit: Callable[[float], bool], words: str) -> Callable[[str], float]:
    """Return what takes a number that is fit.

    :param words: what is said of anything else.
    """

    def take(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not is_fit(value):
            raise argparse.ArgumentTypeError(words)
        return value

    return take
