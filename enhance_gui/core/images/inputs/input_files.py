"""Expands inputs that stand for many: folders of pictures and lists of addresses."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from enhance_gui.core.images.inputs.drop_data import Dropped, read_text, shown_input
from enhance_gui.core.images.inputs.folder_scan import FolderScan
from enhance_gui.core.images.inputs.list_text import MAX_LIST_BYTES, NoText, read_list_text
from enhance_gui.core.images.inputs.source import LocalFile, parse_source
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.text.i18n import N_, number, plural, tr
from enhance_gui.core.text.joining import sentences

GUESSED: Final = N_(
    "“{file}” is not in UTF-8: it was read as Western European text (Windows-1252). If letters in "
    "names are wrong, save it as UTF-8."
)
NO_LIST: Final = N_("“{file}” is no text: a list is a text file with one input a line.")

LIST_ENDINGS: Final = frozenset({".txt", ".csv", ".tsv", ".urls", ".list"})

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
    return sentences(*shown)


def open_folders(inputs: Iterable[str], folder: Path) -> Dropped:
    """Replace those inputs that are folders by the pictures in them; all else stays as given.

    Reads the disk. A folder without pictures stays, too, so that it has an end of its own.

    :param folder: absolute; the one that relative paths start from.
    """
    found: list[str] = []
    notes: list[str] = []
    for input_ in inputs:
        path = _path_of(input_, folder)
        opened = Dropped() if path is None or not is_folder(path) else expand([str(path)])
        found += opened.inputs or [input_]
        notes += opened.unusable
    return Dropped(tuple(found), tuple(notes))


def _path_of(input_: str, folder: Path) -> Path | None:
    try:
        source = parse_source(input_, folder)
    except AddressNotUsable:
        return None
    return source.path if isinstance(source, LocalFile) else None


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
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for
        return Dropped((str(path),))
    if found.st_size > MAX_LIST_BYTES:
        text = tr("“{file}” is far too large for a list of addresses.")
        return Dropped(unusable=(text.format(file=path.name),))
    try:
        read = read_list_text(path.read_bytes())
    except NoText:
        return Dropped(unusable=(tr(NO_LIST).format(file=path.name),))
    listed = read_text(read.text)
    if not listed.inputs:
        return Dropped(unusable=(tr("“{file}” names no pictures.").format(file=path.name),))
    if read.is_guess:
        notes = (tr(GUESSED).format(file=path.name), *listed.unusable)
        return replace(listed, unusable=notes)
    return listed


def _unreadable(path: Path, error: OSError | ValueError) -> Dropped:
    reason = error.strerror if isinstance(error, OSError) else tr("no file can have such a path")
    text = tr("“{file}” cannot be read: {reason}.")
    return Dropped(unusable=(text.format(file=shown_input(path.name), reason=reason),))
