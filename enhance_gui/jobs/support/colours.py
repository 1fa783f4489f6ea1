"""Finds photographs that would lose their own colours by being colourised."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from enhance_gui.core.images.source import LocalFile, parse_source
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.imaging.colours import is_coloured


def coloured_files(inputs: Iterable[str], folder: Path | None = None) -> list[str]:
    """Return those inputs that are files of this computer and have colours. For a thread.

    :param folder: absolute; the one that relative paths start from; by default the process's own.
    """
    return [text for text in inputs if _is_coloured_file(text, folder)]


def _is_coloured_file(text: str, folder: Path | None) -> bool:
    try:
        source = parse_source(text, folder)
    except AddressNotUsable:
        return False
    # Whoever opens a pipe waits until something comes.
    return isinstance(source, LocalFile) and source.path.is_file() and is_coloured(source.path)
