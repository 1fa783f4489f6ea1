from __future__ import annotations

from enhance_gui.jobs.polling.polled_task import PolledTask
from enhance_gui.jobs.polling.polled_tasks import PolledTasks
from enhance_gui.jobs.polling.service_queue import ServiceQueue


def watched(tasks: PolledTasks, key: int, now_s: float, position: int) -> PolledTask:
    task = PolledTask(key, 1, 1.0, created_s=now_s, resumed=False)
    tasks[key] = task
    tasks.joined(task, now_s, position)
    tasks.schedule(task, now_s + 60)
    return task


def test_a_task_whose_place_was_told_twice_is_planned_anew_once() -> None:
    tasks = PolledTasks(ServiceQueue())
    watched(tasks, 0, 0.0, 0)
    waiting = watched(tasks, 1, 0.0, 1)
    last = watched(tasks, 2, 0.0, 2)
    tasks.waits(waiting, 1.0, 1)
    assert tasks.began(last, 2.0) == [waiting, last]


def test_a_task_with_a_hint_a_retry_or_a_request_under_way_keeps_its_moment() -> None:
    tasks = PolledTasks(ServiceQueue())
    watched(tasks, 0, 0.0, 0)
    hinted, retried, sent, last = (watched(tasks, key, 0.0, key) for key in range(1, 5))
    hinted.reported = True
    retried.failures = 1
    sent.sent_s = 1.0
    assert tasks.began(last, 2.0) == [last]


def test_a_forgotten_task_counts_no_more() -> None:
    tasks = PolledTasks(ServiceQueue())
    task = watched(tasks, 1, 0.0, 3)
    tasks.mark_overlong(task)
    tasks.mark_overlong(task)
    assert (len(tasks), tasks.waiting, tasks.overlong) == (1, 1, 1)
    tasks.forget(1)
    tasks.forget(1)
    assert (len(tasks), tasks.waiting, tasks.overlong) == (0, 0, 0)
    assert tasks.first_due(1000.0) is None


def test_among_due_tasks_those_in_sight_come_first() -> None:
    tasks = PolledTasks(ServiceQueue())
    three = [watched(tasks, key, 0.0, 0) for key in range(3)]
    for each in three:
        tasks.schedule(each, float(each.key))
    assert tasks.first_due(10.0) is three[0]
    tasks.set_visible([2])
    assert tasks.first_due(10.0) is three[2]
    assert tasks.first_due(0.0) is three[0], "not due yet"
    tasks.set_visible([])
    assert tasks.first_due(10.0) is three[0]


def test_a_task_scheduled_again_has_one_place_only() -> None:
    tasks = PolledTasks(ServiceQueue())
    one = watched(tasks, 1, 0.0, 0)
    tasks.schedule(one, 1.0)
    tasks.schedule(one, 5.0)
    assert tasks.first_due(1.0) is one
    assert one.due_s == 5.0
    tasks.forget(1)
    assert tasks.first_due(9.0) is None
