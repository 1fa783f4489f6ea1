from __future__ import annotations

from random import Random

from enhance_gui.jobs.polling.durations import DurationModel
from enhance_gui.jobs.polling.polled_task import PolledTask
from enhance_gui.jobs.polling.polled_tasks import PolledTasks
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.jobs.polling.settings import PollerSettings


def watched(tasks: PolledTasks, key: int) -> PolledTask:
    tasks[key] = task = PolledTask(key, 1, 1.0, created_s=0.0, resumed=False)
    return task


def test_among_due_tasks_those_in_sight_come_first() -> None:
    tasks = PolledTasks()
    three = [watched(tasks, key) for key in range(3)]
    for each in three:
        tasks.schedule(each, float(each.key))
    assert tasks.first_due(10.0) is three[0]
    tasks.set_visible([2])
    assert tasks.first_due(10.0) is three[2]
    assert tasks.first_due(0.0) is three[0], "not due yet"
    tasks.set_visible([])
    assert tasks.first_due(10.0) is three[0]


def test_a_task_scheduled_again_has_one_place_only() -> None:
    tasks = PolledTasks()
    one = watched(tasks, 1)
    tasks.schedule(one, 1.0)
    tasks.schedule(one, 5.0)
    assert tasks.first_due(1.0) is one
    assert one.due_s == 5.0
    del tasks[1]
    assert tasks.first_due(9.0) is None


def test_a_forgotten_task_counts_no_more() -> None:
    poller = Poller(PollerSettings(), DurationModel(), Random(1))
    poller.resume_polling(1, 0.0, type_id=1, megapixels=1.0, age_s=0.0)
    tasks = poller._tasks
    tasks.mark_overlong(tasks[1])
    tasks.mark_overlong(tasks[1])
    assert (len(tasks), tasks.overlong) == (1, 1)
    poller.forget(1)
    poller.forget(1)
    assert (len(tasks), tasks.overlong) == (0, 0)
    assert tasks.first_due(1000.0) is None
