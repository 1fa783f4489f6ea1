"""Finds the pictures in folders, and counts by kind what is left out of them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from enhance_gui.core.images.formats import PICTURE_ENDINGS
from enhance_gui.core.text.i18n import number, plural
from enhance_gui.core.text.joining import clauses, ended, listed

_NEVER_COUNTED: Final = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"})
"""What systems put into folders, in small letters; most of it is hidden."""

_SIDECAR_ENDINGS: Final = frozenset({".json", ".xmp", ".aae"})
"""Files about a picture, this program's own among them: they lie beside many, and are none."""

_KIND: Final = re.compile(r"\.[a-z0-9]{1,5}")
_MAX_NAMED: Final = 6


class FolderScan:
    """Looks through folders one after the other, and keeps count of what it leaves out.

    Reads the disk: to be used off the event loop.
    """

    def __init__(self) -> None:
        self._left_out: Counter[str] = Counter()
        """Files that are no pictures, by their ending in capital letters; empty: none to name."""
        self._closed = 0
        """Folders within the folders that cannot be read."""

    def pictures_in(self, folder: Path) -> list[str]:
        """Return the paths of the pictures in a folder and below it, sorted."""
        pictures: list[str] = []
        for path in self._files_below(folder):
            ending = path.suffix.lower()
            if ending in PICTURE_ENDINGS:
                pictures.append(str(path))
            elif path.name.lower() not in _NEVER_COUNTED and ending not in _SIDECAR_ENDINGS:
                kind = ending[1:].upper() if _KIND.fullmatch(ending) else ""
                self._left_out[kind] += 1
        return sorted(pictures, key=str.casefold)

    def left_out_text(self, added: int, too_many: int) -> str:
        """Return what was left out, in a sentence; empty where that is nothing.

        :param added: how many inputs are added.
        :param too_many: how many more there are than are taken at once.
        """
        parts = []
        if count := self._left_out.total():
            text = plural(
                "{count} file left out ({kinds})", "{count} files left out ({kinds})", count
            )
            parts.append(text.format(count=number(count), kinds=_named(self._left_out)))
        if count := too_many:
            text = plural(
                "{count} picture left out, more than are taken at once",
                "{count} pictures left out, more than are taken at once",
                count,
            )
            parts.append(text.format(count=number(count)))
        if count := self._closed:
            text = plural(
                "{count} folder that cannot be read", "{count} folders that cannot be read", count
            )
            parts.append(text.format(count=number(count)))
        if not parts:
            return ""
        pictures = plural("{count} picture added", "{count} pictures added", added)
        return ended(clauses([pictures.format(count=number(added)), *parts]))

    def _files_below(self, folder: Path) -> Iterator[Path]:
        # Links to folders are not followed: they may lead in a circle.
        for parent, folders, names in os.walk(folder, onerror=self._not_read):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from (Path(parent, name) for name in names if not name.startswith("."))

    def _not_read(self, _error: OSError) -> None:
        self._closed += 1


def _named(counts: Counter[str]) -> str:
    """Return the commonest kinds with how many of each: "2 CR2, 1 PSD"."""
    kinds = sorted((kind for kind in counts if kind), key=lambda kind: (-counts[kind], kind))
    shown = [f"{number(counts[kind])} {kind}" for kind in kinds[:_MAX_NAMED]]
    if others := counts.total() - sum(counts[kind] for kind in kinds[:_MAX_NAMED]):
        text = plural("{count} other", "{count} others", others)
        shown.append(text.format(count=number(others)))
    return listed(shown)
