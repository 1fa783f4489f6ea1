"""Finds which faces or variants of a saved result are missing."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.tasks.variants import main_entry

PART: Final = re.compile(r"-(face|variant)-(\d+)$")
"""How the saved files of faces and variants end, by their place in the service's list."""


def missing_parts(task: Task) -> tuple[str, ...]:
    """Return the names of what a saved task lacks, such as ``face-2``."""
    if task.state is not TaskState.SAVED or task.record is None:
        return ()
    return _missing(task.record, task.files[1:])


@lru_cache(maxsize=1000)
def _missing(record: bytes, beside: tuple[Path, ...]) -> tuple[str, ...]:
    fields: dict[str, Any] = json.loads(record)
    entries = fields.get("facelist") or ()
    if len(entries) <= len(beside):
        return ()
    saved = [found for each in beside if (found := PART.search(each.stem)) is not None]
    main = main_entry(fields)
    word = next((found[1] for found in saved), "variant" if main else "face")
    there = {main, *(int(found[2]) for found in saved)}
    return tuple(f"{word}-{n}" for n in range(1, len(entries) + 1) if n not in there)
