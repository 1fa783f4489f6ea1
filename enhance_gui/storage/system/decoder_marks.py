"""Marks the picture that is being decoded, so that the next start knows what crashed the last.

A decoder that crashes, or takes all memory, takes the program with it, and would do so at each
start. A process can be ended at any other moment, too, which is no fault of a picture: so a mark
stands only while a decoder has the picture, for milliseconds, and counts only where the program
has ended under it twice in a row.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from enhance_gui.storage.folders import make_private

ENDS_TO_SET_ASIDE: Final = 2

FORGOTTEN_AFTER_S: Final = 86_400.0
"""A mark expires after a day: the program may then be newer, or have more memory."""


class WorkMarks:
    """The decoder marks of one list of tasks, or of the previews: a small file each.

    Named after the task, or after what else identifies the picture.

    They are not synced: what a power cut takes away was no fault of a picture.
    """

    def __init__(self, folder: Path, wall_s: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._ends = self._ends_by_mark(wall_s())
        """How often in a row the program has ended under a mark, by its name."""
        self._aside = {each for each, ends in self._ends.items() if ends >= ENDS_TO_SET_ASIDE}

    def sets_aside(self, task_id: int) -> bool:
        """Return whether a task is to wait for the user; true once only for the same mark."""
        is_aside = self.is_aside(str(task_id))
        self._aside.discard(str(task_id))
        return is_aside

    def is_aside(self, name: str) -> bool:
        """Return whether the program has ended under this mark twice in a row."""
        return name in self._aside

    @contextmanager
    def at_work(self, name: int | str) -> Iterator[None]:
        """Keep a mark while the block decodes a picture, of a task say; in any thread."""
        name = str(name)
        mark = self._folder / name
        with suppress(OSError):  # without a mark the work is as good
            make_private(self._folder)
            mark.write_text(str(self._ends.get(name, 0)), "ascii")
        try:
            yield
        finally:
            self._ends.pop(name, None)
            with suppress(OSError):
                mark.unlink(missing_ok=True)

    def _ends_by_mark(self, now_s: float) -> dict[str, int]:
        ends: dict[str, int] = {}
        with suppress(OSError):
            for mark in self._folder.iterdir():
                with suppress(OSError, ValueError):
                    if now_s - mark.stat().st_mtime > FORGOTTEN_AFTER_S:
                        mark.unlink()
                    else:
                        before = int(mark.read_text("ascii") or "0")
                        ends[mark.name] = 1 + min(before, ENDS_TO_SET_ASIDE)
        return ends
