"""Types of arguments that several commands have."""

from __future__ import annotations

import argparse
from pathlib import Path


def named(text: str) -> str:
    """Take a name; none at all is what a shell's variable gives that is not set."""
    if not text:
        raise argparse.ArgumentTypeError("must not be empty (is a variable not set?)")
    return text


def named_path(text: str) -> Path:
    """Take a path: as :func:`named`; an empty one would be the current folder."""
    return Path(named(text))
