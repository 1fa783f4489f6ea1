"""Opens up what stands for many inputs: folders of pictures and lists of addresses."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enhance_gui.core.dropped_data import read_text
from enhance_gui.core.image_sources import without_repeats
from enhance_gui.core.language import tr

PICTURE_ENDINGS: Final = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp"})
"""What is taken out of a folder. A file that is given by itself may have any ending."""

LIST_ENDINGS: Final = frozenset({".txt", ".csv", ".tsv", ".urls", ".list"})

_MOST_LIST_BYTES: Final = 16 * 2**20
_MOST_INPUTS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Expanded:
    """The inputs behind what was given."""

    inputs: tuple[str, ...]
    unusable: tuple[str, ...]
    """Why something gave nothing: a sentence each."""


def expand(inputs: Iterable[str]) -> Expanded:
    """Replace folders by the pictures in them and lists by the inputs they name.

    Reads the disk: to be called off the event loop.
    """
    found: list[str] = []
    unusable: list[str] = []
    for each in inputs:
        path = Path(each)
        if not path.is_absolute():
            found.append(each)
        elif path.is_dir():
            pictures = _pictures_in(path)
            found += pictures
            if not pictures:
                unusable.append(tr("“{folder}” holds no pictures.").format(folder=path.name))
        elif path.suffix.lower() in LIST_ENDINGS:
            listed = _read_list(path)
            found += listed.inputs
            unusable += listed.unusable
        else:
            found.append(each)
    return Expanded(tuple(without_repeats(found)[:_MOST_INPUTS]), tuple(unusable))


def _pictures_in(folder: Path) -> list[str]:
    pictures = [str(path) for path in _files_below(folder) if _is_picture(path)]
    return sorted(pictures, key=str.casefold)[:_MOST_INPUTS]


def _files_below(folder: Path) -> Iterator[Path]:
    # Links to folders are not followed: they may lead in a circle.
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in names if not name.startswith("."))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_ENDINGS


def _read_list(path: Path) -> Expanded:
    try:
        if path.stat().st_size > _MOST_LIST_BYTES:
            said = tr("“{file}” is far too large for a list of addresses.")
            return Expanded((), (said.format(file=path.name),))
        text = path.read_text("utf-8-sig", "replace")
    except OSError as error:
        said = tr("“{file}” cannot be read: {reason}.")
        return Expanded((), (said.format(file=path.name, reason=error.strerror),))
    listed = read_text(text)
    if not listed.inputs:
        return Expanded((), (tr("“{file}” names no pictures.").format(file=path.name),))
    return Expanded(listed.inputs, listed.unusable)
