"""Finds, among inputs, files and the photographs that would lose their colours by colourising."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from enhance_gui.core.images.inputs.source import LocalFile, parse_source
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.imaging.colours import is_coloured


def local_files(inputs: Iterable[str], folder: Path | None = None) -> Iterator[tuple[str, Path]]:
    """Yield those inputs that are files of this computer, with their paths. For a thread.

    :param folder: absolute; the one that relative paths start from; by default the process's own.
    """
    for text in inputs:
        # The system refuses names that are too long, and folders that may not be searched.
        with suppress(AddressNotUsable, OSError):
            source = parse_source(text, folder)
            # Whoever opens a pipe waits until something comes.
            if isinstance(source, LocalFile) and source.path.is_file():
                yield text, source.path


def coloured_files(inputs: Iterable[str], folder: Path | None = None) -> list[str]:
    """Return those of the files that have colours; as :func:`local_files`."""
    return [text for text, path in local_files(inputs, folder) if is_coloured(path)]
