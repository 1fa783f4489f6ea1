"""Reads the service's message about a finished task: that no face was found, say."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Final

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task

MAX_NOTE_CHARS: Final = 200
"""More is cut off: it is somebody else's text, beside a picture that is there."""

_SAYS_NOTHING: Final = frozenset({"ok", "success", "succeeded", "done", "finished", "none", "null"})
"""What many services put there when all is well."""


def service_note(task: Task) -> str:
    """Return the message of a saved task's record, without a full stop; empty: there is none.

    A record without an error code has not failed, whatever its ``errormsg`` says. The text is
    the service's: it may look like HTML, and must not be read as that.
    """
    return _read(task.record) if task.state is TaskState.SAVED and task.record is not None else ""


@lru_cache(maxsize=1000)
def _read(record: bytes) -> str:
    # As it came in it was made one line without hidden characters.
    said = str(json.loads(record).get("errormsg") or "").strip().rstrip(".")
    if said.casefold() in _SAYS_NOTHING:
        return ""
    return said if len(said) <= MAX_NOTE_CHARS else said[: MAX_NOTE_CHARS - 1].rstrip() + "…"
