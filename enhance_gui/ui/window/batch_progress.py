"""Counts the progress of a batch: everything started since nothing ran."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QObject, Signal

from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.states import ENDED, TaskState
from enhance_gui.core.text.i18n import number, plural, tr
from enhance_gui.core.text.joining import ended, listed
from enhance_gui.ui.gallery.item import Item
from enhance_gui.ui.gallery.state_texts import duration, time_left

_MIN_FINISHED: Final = 3
_MIN_ELAPSED_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a batch, in tasks."""

    total: int = 0
    saved: int = 0
    failed: int = 0
    """Ended without a result."""
    held: int = 0
    """Go on only after the user has done something about them."""
    waiting: int = 0
    """Go on when sending goes on."""
    unsaved: int = 0
    """Finished, and kept until the user saves them."""
    took_s: float = field(default=0.0, compare=False)
    """Time since the batch began."""

    ids: tuple[int, ...] = field(default=(), compare=False)
    """Its tasks, those that were cancelled too, in the order in which they were started."""

    @property
    def finished(self) -> int:
        return self.saved + self.unsaved + self.failed + self.held + self.waiting

    @property
    def running(self) -> bool:
        return self.finished < self.total

    @property
    def left_s(self) -> float | None:
        """About how long the rest takes; ``None`` while too little of the batch is done to tell."""
        if not self.running or self.finished < _MIN_FINISHED or self.took_s < _MIN_ELAPSED_S:
            return None
        return self.took_s / self.finished * (self.total - self.finished)


def progress_parts(progress: Progress) -> list[str]:
    """Return how far a batch is, as the parts of a text."""
    total = number(progress.total)
    parts = []
    if progress.saved or not progress.unsaved:
        saved = tr("{saved} of {total} saved")
        parts.append(saved.format(saved=number(progress.saved), total=total))
    if progress.unsaved:
        unsaved = tr("{count} of {total} finished, not saved yet")
        parts.append(unsaved.format(count=number(progress.unsaved), total=total))
    if progress.failed:
        failed = plural("{count} failed", "{count} failed", progress.failed)
        parts.append(failed.format(count=number(progress.failed)))
    if progress.held:
        held = plural("{count} needs your attention", "{count} need your attention", progress.held)
        parts.append(held.format(count=number(progress.held)))
    if progress.waiting:
        waiting = plural("{count} waiting", "{count} waiting", progress.waiting)
        parts.append(waiting.format(count=number(progress.waiting)))
    if progress.left_s is not None:
        share = tr("{percent} %").format(percent=100 * progress.finished // progress.total)
        parts += [share, time_left(progress.left_s)]
    return parts


def ended_text(progress: Progress) -> str:
    """Return how a batch ended, as a text."""
    took = progress.took_s >= 1
    if progress.saved == progress.total:
        text = plural("The picture is saved.", "{count} are saved.", progress.total)
        if took:
            text = plural(
                "The picture is saved; it took {time}.", "{count} saved in {time}.", progress.total
            )
        return text.format(count=number(progress.total), time=duration(progress.took_s))
    parts = [*progress_parts(progress), *([duration(progress.took_s)] if took else [])]
    return ended(listed(parts))


class BatchProgress(QObject):
    """Follows the items of one batch after the other."""

    changed = Signal(object)
    """The :class:`Progress`."""
    batch_ended = Signal(object)
    """The :class:`Progress` of a batch of which nothing runs any more."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._began_s = 0.0
        self._batch: dict[int, Item] = {}
        self._running: set[int] = set()
        self.progress = Progress()

    def on_items(self, items: Iterable[Item]) -> None:
        """Update the counts after changes of items."""
        was_running = bool(self._running)
        for item in items:
            self._on_item(item, fresh=not was_running)
        counted = [
            each for each in self._batch.values() if each.task.state is not TaskState.CANCELLED
        ]
        states = [each.task.state for each in counted]
        done = states.count(TaskState.SAVED)
        unsaved = sum(each.is_unsaved for each in counted)
        failed = sum(state in ENDED for state in states) - done
        held = sum(each.attention for each in counted)
        waiting = len(counted) - done - failed - held - len(self._running)
        self.progress = Progress(
            total=len(counted),
            saved=done - unsaved,
            failed=failed,
            held=held,
            waiting=waiting,
            unsaved=unsaved,
            took_s=self._clock.now_s() - self._began_s,
            ids=tuple(self._batch),
        )
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
            self._began_s = self._clock.now_s()
        if runs:
            self._running.add(task_id)
            self._batch[task_id] = item
        else:
            self._running.discard(task_id)
            if task_id in self._batch:
                self._batch[task_id] = item
