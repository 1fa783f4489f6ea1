"""What waits to be sent: changes its enhance type and order, and looks ahead at limits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.tasks.spending import LimitAhead, SpendingLimits
from enhance_gui.core.tasks.task import Task

if TYPE_CHECKING:
    from enhance_gui.jobs.queue.task_queue import TaskQueue


async def set_type(queue: TaskQueue, task_ids: Collection[int], kind: EnhanceType) -> list[Task]:
    """Give waiting tasks another enhance type of their service.

    What may have been sent keeps its type, also where that happens at this very moment.

    :returns: those that have been changed; one that was started is a draft again where something
        may speak against sending it with the new type.
    """
    changed = await queue.db.do(queue.db.store.changes.set_type, task_ids, kind)
    await _take_up(queue, changed)
    return changed


async def move(queue: TaskQueue, task_ids: Collection[int], *, to_front: bool) -> list[Task]:
    """Have waiting tasks sent before all others of their service, or after them; return them."""
    moved = await queue.db.do(queue.db.store.changes.move, task_ids, to_front=to_front)
    await _take_up(queue, [task for task in moved if _is_at_work(queue, task)])
    return moved


def _is_at_work(queue: TaskQueue, task: Task) -> bool:
    """Return whether a task goes on by itself, and is not left for the user, as by a limit."""
    worker = queue.pool.get(task.service)
    return worker is not None and task.id in worker.context.tasks


async def limit_ahead(
    queue: TaskQueue, tasks: Sequence[Task], cost_of: Callable[[str, int], float]
) -> LimitAhead | None:
    """Return where a limit of the user will stop drafts if they are started; ``None``: none does.

    :param cost_of: returns what a service takes for an enhance type by its number, as far as is
        known now.
    """
    for service in dict.fromkeys(task.service for task in tasks):
        limits = queue.spending.limits_on(service)
        if limits is None or limits == SpendingLimits():
            continue
        costs = {t.id: cost_of(service, t.type_id) for t in tasks if t.service == service}
        charges = queue.db.store.charges
        if (
            found := await queue.db.do(charges.limit_ahead, list(costs), costs, limits)
        ) is not None:
            return found
    return None


async def _take_up(queue: TaskQueue, tasks: Sequence[Task]) -> None:
    for service in dict.fromkeys(task.service for task in tasks):
        profile = await queue.pool.profile(service)
        if profile is not None:
            own = [task for task in tasks if task.service == service]
            await queue.pool.work_on(profile, own)
