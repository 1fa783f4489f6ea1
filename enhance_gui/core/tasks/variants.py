"""Reads the entries of a task's ``facelist``: their names, and which is the main result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from enhance_gui.core.images.areas import Place, read_place
from enhance_gui.core.tasks.task import Task


class Variants(NamedTuple):
    """The entries of a record; numbers are places in the list, from 1."""

    main: int = 0
    """The entry that is the main result, and so not saved a second time; 0: none is."""
    names: Mapping[int, str] = {}
    """Only this program's own service names variants."""
    places: Mapping[int, Place] = {}
    """Where in the picture faces are; only this program's own service reports that."""


NONE: Final = Variants()


def variants_of(task: Task) -> Variants:
    """Read a task's record."""
    return NONE if task.record is None else _read(task.record)


@lru_cache(maxsize=1000)
def _read(record: bytes) -> Variants:
    fields: dict[str, Any] = json.loads(record)
    entries = fields.get("facelist") or ()
    names = {
        number: str(entry["x_name"])
        for number, entry in enumerate(entries, start=1)
        if isinstance(entry, dict) and entry.get("x_name")
    }
    # A portrait is as large as its picture; of this one the record has the upright sides.
    size_px = (int(fields.get("outpathwidth") or 0), int(fields.get("outpathheight") or 0))
    reported = {
        number: read_place(entry.get("x_place"), size_px)
        for number, entry in enumerate(entries, start=1)
        if isinstance(entry, dict)
    }
    places = {number: place for number, place in reported.items() if place is not None}
    return Variants(main_entry(fields), names, places)


def main_entry(fields: Mapping[str, Any]) -> int:
    """Return the place of the entry that is the main result: the first of its address.

    A record that names no main result has its first entry for one.
    """
    main = fields.get("outputurl")
    for number, entry in enumerate(fields.get("facelist") or (), start=1):
        url = entry.get("outputurl") if isinstance(entry, dict) else None
        if url and url == (main or url):
            return number
    return 0
