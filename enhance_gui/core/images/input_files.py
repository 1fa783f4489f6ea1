"""Expands inputs that stand for many: folders of pictures and lists of addresses."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from enhance_gui.core.images.drop_data import Dropped, read_text, shown_input
from enhance_gui.core.images.folder_scan import FolderScan
from enhance_gui.core.text.i18n import number, plural, tr

LIST_ENDINGS: Final = frozenset({".txt", ".csv", ".tsv", ".urls", ".list"})

_MAX_LIST_BYTES: Final = 16 * 2**20
_MAX_INPUTS: Final = 100_000
_MAX_SHOWN: Final = 2


def expand(inputs: Iterable[str], *, from_text: bool = False) -> Dropped:
    """Replace folders by the pictures in them and lists by the inputs they name.

    Reads the disk: to be called off the event loop.

    :param from_text: whether they only stood in a text: folders are then refused, since one line
        that nobody has read would bring in all pictures of a person.
    """
    found: list[str] = []
    unusable: list[str] = []
    scan = FolderScan()
    for input_ in inputs:
        path = Path(input_)
        if not path.is_absolute():
            found.append(input_)
            continue
        try:
            opened = _open_up(path, scan, from_text=from_text)
        except (OSError, ValueError) as error:
            opened = _unreadable(path, error)
        found += opened.inputs
        unusable += opened.unusable
    each_once = tuple(dict.fromkeys(found))
    taken = each_once[:_MAX_INPUTS]
    if left_out := scan.left_out_text(len(taken), len(each_once) - len(taken)):
        # First: of many sentences the window shows the first ones.
        unusable.insert(0, left_out)
    return Dropped(taken, tuple(unusable))


def problems_text(unusable: Sequence[str]) -> str:
    """Return why inputs cannot be used, as one text: of many the first, and how many more."""
    shown = list(unusable[:_MAX_SHOWN])
    if more := len(unusable) - len(shown):
        text = plural("{count} more cannot be used.", "{count} more cannot be used.", more)
        shown.append(text.format(count=number(more)))
    return " ".join(shown)


def is_folder(path: Path) -> bool:
    """Return whether this is a folder; what cannot be read is none."""
    return os.path.isdir(path)  # noqa: PTH112  a Path's raises where it may not look


def is_file(path: Path) -> bool:
    """Return whether this is a file; what cannot be read is none."""
    return os.path.isfile(path)  # noqa: PTH113  a Path's raises where it may not look


def _open_up(path: Path, scan: FolderScan, *, from_text: bool) -> Dropped:
    """:raises OSError: it cannot be looked at.
    :raises ValueError: no file can have such a path.
    """
    if _leads_to_folder(path):
        return _refused_folder(path) if from_text else _pictures_in(path, scan)
    return _read_list(path) if path.suffix.lower() in LIST_ENDINGS else Dropped((str(path),))


def _leads_to_folder(path: Path) -> bool:
    """:raises OSError: it cannot be looked at; from Python 3.14 on, ``is_dir`` is false instead."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False


def _refused_folder(folder: Path) -> Dropped:
    text = tr("“{folder}” is a folder that a text names: drop the folder itself, or open it here.")
    return Dropped(unusable=(text.format(folder=folder.name or folder),))


def _pictures_in(folder: Path, scan: FolderScan) -> Dropped:
    pictures = scan.pictures_in(folder)
    if not pictures:
        return Dropped(
            unusable=(tr("“{folder}” contains no pictures.").format(folder=folder.name),)
        )
    return Dropped(tuple(pictures))


def _read_list(path: Path) -> Dropped:
    """:raises OSError: it cannot be read."""
    if path.stat().st_size > _MAX_LIST_BYTES:
        text = tr("“{file}” is far too large for a list of addresses.")
        return Dropped(unusable=(text.format(file=path.name),))
    listed = read_text(path.read_text("utf-8-sig", "replace"))
    if not listed.inputs:
        return Dropped(unusable=(tr("“{file}” names no pictures.").format(file=path.name),))
    return listed


def _unreadable(path: Path, error: OSError | ValueError) -> Dropped:
    reason = error.strerror if isinstance(error, OSError) else tr("no file can have such a path")
    text = tr("“{file}” cannot be read: {reason}.")
    return Dropped(unusable=(text.format(file=shown_input(path.name), reason=reason),))
