"""Has it known that a task has ended: in the figures, in the log, by a callback."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.service.engine import Verdict, WorkResult
from enhance_gui.service.http.metrics import Tally
from enhance_gui.service.store.task_store import StoredTask
from enhance_gui.service.tasks.callbacks import CallbackSender

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TaskEnds:
    """Notes the ends of tasks, and announces them where the operator wants that."""

    tally: Tally
    callbacks: CallbackSender | None
    """``None``: nobody is called back."""
    background: TaskSupervisor

    def note(self, task: StoredTask, outcome: WorkResult | Verdict, took_s: float) -> None:
        """Note that a task has finished or failed just now."""
        ended = "finished" if isinstance(outcome, WorkResult) else "failed"
        self.tally.note_end(task.type_id, ended, took_s)
        _LOG.info(
            "task %s %s after %.1f s",
            task.task_id,
            ended,
            took_s,
            extra={
                "task": task.task_id,
                "type": task.type_id,
                "outcome": ended,
                "took_s": round(took_s, 3),
            },
        )
        self.announce([task.task_id])

    def announce(self, task_ids: Iterable[str]) -> None:
        """Send the callbacks that ended tasks have left."""
        if self.callbacks is not None:
            for task_id in task_ids:
                self.background.start(self.callbacks.deliver(task_id), f"callback {task_id}")
