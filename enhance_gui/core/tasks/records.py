"""Reads a task's stored record: its faces or variants, which are missing, the service's message."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from enhance_gui.core.images.areas import Place, read_place
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task

PART: Final = re.compile(r"-(face|variant)-(\d+)$")
"""How the saved files of faces and variants end, by their place in the service's list."""

MAX_NOTE_CHARS: Final = 200
"""More is cut off: it is somebody else's text, beside a picture that is there."""

_SAYS_NOTHING: Final = frozenset({"ok", "success", "succeeded", "done", "finished", "none", "null"})
"""What many services put there when all is well."""


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
    """Read the faces or variants of a task."""
    return NONE if task.record is None else _variants(task.record)


@lru_cache(maxsize=1000)
def _variants(record: bytes) -> Variants:
    fields: dict[str, Any] = json.loads(record)
    entries = _entries(fields)
    names = {n: str(entry["x_name"]) for n, entry in entries.items() if entry.get("x_name")}
    # A portrait is as large as its picture; of this one the record has the upright sides.
    size_px = (int(fields.get("outpathwidth") or 0), int(fields.get("outpathheight") or 0))
    reported = {n: read_place(entry.get("x_place"), size_px) for n, entry in entries.items()}
    places = {n: place for n, place in reported.items() if place is not None}
    return Variants(_main_entry(fields), names, places)


def missing_parts(task: Task) -> tuple[str, ...]:
    """Return the names of what a saved task lacks, such as ``face-2``."""
    if task.state is not TaskState.SAVED or task.record is None:
        return ()
    return _missing(task.record, task.files[1:])


@lru_cache(maxsize=1000)
def _missing(record: bytes, beside: tuple[Path, ...]) -> tuple[str, ...]:
    fields: dict[str, Any] = json.loads(record)
    count = len(fields.get("facelist") or ())
    if count <= len(beside):
        return ()
    saved = [found for each in beside if (found := PART.search(each.stem)) is not None]
    main = _main_entry(fields)
    word = next((found[1] for found in saved), "variant" if main else "face")
    there = {main, *(int(found[2]) for found in saved)}
    return tuple(f"{word}-{n}" for n in range(1, count + 1) if n not in there)


def _entries(fields: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """Return the entries of the ``facelist`` by their place in it, from 1; odd ones are none."""
    numbered = enumerate(fields.get("facelist") or (), start=1)
    return {number: entry for number, entry in numbered if isinstance(entry, dict)}


def _main_entry(fields: Mapping[str, Any]) -> int:
    """Return the place of the entry that is the main result: the first of its address.

    A record that names no main result has its first entry for one.
    """
    main = fields.get("outputurl")
    urls = {number: entry.get("outputurl") for number, entry in _entries(fields).items()}
    return next((number for number, url in urls.items() if url and url == (main or url)), 0)


def service_note(task: Task) -> str:
    """Return the message of a saved task's record, without a full stop; empty: there is none.

    A record without an error code has not failed, whatever its ``errormsg`` says: that no face was
    found, say. The text is the service's: it may look like HTML, and must not be read as that.
    """
    return _note(task.record) if task.state is TaskState.SAVED and task.record is not None else ""


@lru_cache(maxsize=1000)
def _note(record: bytes) -> str:
    # As it came in it was made one line without hidden characters.
    text = str(json.loads(record).get("errormsg") or "").strip().rstrip(".")
    if text.casefold() in _SAYS_NOTHING:
        return ""
    return text if len(text) <= MAX_NOTE_CHARS else text[: MAX_NOTE_CHARS - 1].rstrip() + "…"
