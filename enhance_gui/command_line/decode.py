"""``enhance-gui decode``: what the program starts to have a large picture decoded; for no user."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import ResultNotAsPromised
from enhance_gui.core.pictures import PictureHeader

_MOST_BYTES: Final = 4 * 2**30
"""Above what any picture within the limit takes, but for the largest WebP."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command; without a help it stays out of the list of commands."""
    parser = commands.add_parser("decode")
    parser.add_argument("path", type=Path)
    parser.add_argument("format")
    parser.add_argument("width_px", type=int)
    parser.add_argument("height_px", type=int)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Decode the picture; return 0 where it is whole."""
    _limit_memory()
    # Loaded here, not above: the other commands do without.
    from enhance_gui.imaging.verify import decode_picture

    header = PictureHeader(arguments.format, arguments.width_px, arguments.height_px)
    try:
        decode_picture(arguments.path, header)
    except (ResultNotAsPromised, OSError):
        return 1
    return 0


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
