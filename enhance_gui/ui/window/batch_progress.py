"""Counts the progress of a batch: everything started since nothing ran."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.text.i18n import number, plural, tr
from enhance_gui.ui.gallery.item import Item


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a batch, in tasks."""

    total: int = 0
    saved: int = 0
    failed: int = 0
    """Ended without a result."""
    held: int = 0
    """Go on only after the user has done something."""

    @property
    def finished(self) -> int:
        return self.saved + self.failed + self.held

    @property
    def running(self) -> bool:
        return self.finished < self.total


def progress_parts(progress: Progress) -> list[str]:
    """Return how far a batch is, as the parts of a text."""
    saved = tr("{saved} of {total} saved")
    parts = [saved.format(saved=number(progress.saved), total=number(progress.total))]
    if progress.failed:
        failed = plural("{count} failed", "{count} failed", progress.failed)
        parts.append(failed.format(count=number(progress.failed)))
    if progress.held:
        held = plural("{count} needs your attention", "{count} need your attention", progress.held)
        parts.append(held.format(count=number(progress.held)))
    return parts


class BatchProgress(QObject):
    """Follows the items of one batch after the other."""

    changed = Signal(object)
    """The :class:`Progress`."""
    batch_ended = Signal(object)
    """The :class:`Progress` of a batch of which nothing runs any more."""

    def __init__(self) -> None:
        super().__init__()
        self._batch: dict[int, Item] = {}
        self._running: set[int] = set()
        self.progress = Progress()

    def on_items(self, items: Iterable[Item]) -> None:
        """Update the counts after changes of items."""
        was_running = bool(self._running)
        for item in items:
            self._on_item(item, fresh=not was_running)
        states = [each.task.state for each in self._batch.values()]
        saved = states.count(TaskState.SAVED)
        failed = sum(state in ENDED for state in states) - saved
        held = len(states) - saved - failed - len(self._running)
        self.progress = Progress(len(states), saved, failed, held)
        self.changed.emit(self.progress)
        if was_running and not self._running:
            self.batch_ended.emit(self.progress)

    def _on_item(self, item: Item, *, fresh: bool) -> None:
        task_id, state = item.task.id, item.task.state
        if state is TaskState.DRAFT:
            return
        runs = state not in ENDED and not item.attention and not item.suspended
        if runs and fresh and not self._running:
            self._batch.clear()
        if runs:
            self._running.add(task_id)
            self._batch[task_id] = item
        else:
            self._running.discard(task_id)
            if task_id in self._batch:
                self._batch[task_id] = item
                if state is TaskState.CANCELLED:
                    del self._batch[task_id]
