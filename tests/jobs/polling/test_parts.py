"""The window, the count of the queue, hints: each part by itself."""

from __future__ import annotations

import pytest

from enhance_gui.jobs.polling.hints import Hints
from enhance_gui.jobs.polling.polled_task import PolledTask
from enhance_gui.jobs.polling.service_queue import ServiceQueue
from enhance_gui.jobs.polling.window import ConcurrencyWindow


def task(key: int) -> PolledTask:
    return PolledTask(key, type_id=1, megapixels=2.0, created_s=0.0, resumed=False)


def joined(queue: ServiceQueue, key: int, now_s: float, position: int) -> PolledTask:
    new = task(key)
    new.began_after_s = now_s
    queue.joined(new, now_s, position)
    return new


def test_the_window_grows_while_the_service_has_little_to_do_and_shrinks_when_it_has_much() -> None:
    window = ConcurrencyWindow()
    assert window.size == 4
    for number in range(100):
        window.finished(float(number), 0.5, own_waiting=0)
    assert window.size == 64
    window.created(own_waiting=30)
    assert window.size == 44
    window.created(own_waiting=30)
    assert window.size == 44, "shrank twice before the first could show"
    for number in range(200):
        window.finished(float(number), 0.5, own_waiting=30)
        window.created(own_waiting=30)
    assert window.size == 4


def test_more_may_wait_where_more_finishes_go_unnoticed() -> None:
    slow, quick = ConcurrencyWindow(), ConcurrencyWindow()
    for number in range(100):
        slow.finished(10.0 * number, 2.0, 0)
        quick.finished(0.4 * number, 2.0, 0)
    assert slow.wanted_waiting == 2
    assert quick.wanted_waiting == pytest.approx(8, abs=1)


def test_a_fixed_window_stays() -> None:
    window = ConcurrencyWindow(7)
    for number in range(100):
        window.finished(float(number), 0.5, 0)
        window.shrink()
    assert window.size == 7


def test_a_window_may_be_fixed_otherwise_or_set_free_at_any_time() -> None:
    window = ConcurrencyWindow(100)
    window.fix(2)
    assert window.size == 2
    window.fix(0)
    assert window.size == 4
    window.finished(0.0, 0.5, 0)
    assert window.size == 5
    window.fix(100)
    window.fix(0)
    assert window.size == 64


def test_one_answer_tells_about_the_tasks_before_it() -> None:
    queue = ServiceQueue()
    joined(queue, 0, 0.0, 0)
    waiting = [joined(queue, key, key / 10, key) for key in range(1, 6)]
    begun = queue.waits(waiting[4], 10.0, 2)
    assert begun == waiting[:3]
    assert begun[0].began_by_s == 10.0
    assert begun[0].began_after_s == 0.5
    assert queue.places_before(waiting[3]) == 1
    assert queue.seconds_a_place(99.0) == pytest.approx((10 - 0.1 + 99) / 4, rel=0.05)


def test_a_new_task_tells_how_far_the_queue_has_moved() -> None:
    queue = ServiceQueue()
    joined(queue, 0, 0.0, 0)
    waiting = [joined(queue, key, 0.0, key) for key in range(1, 4)]
    assert queue.joined(task(4), 6.0, 2) == waiting[:2]


def test_tasks_of_others_do_not_make_ours_begin() -> None:
    queue = ServiceQueue()
    first = joined(queue, 0, 0.0, 5)
    second = joined(queue, 1, 1.0, 25)
    assert queue.waits(second, 5.0, 22) == []
    assert queue.waits(first, 5.0, 3) == []
    assert queue.waiting == 2
    assert queue.places_before(second) == pytest.approx(22, abs=2)


def test_time_in_which_the_queue_ran_empty_does_not_count_as_slowness() -> None:
    queue = ServiceQueue()
    waiting = [joined(queue, key, float(key), 3) for key in range(30)]
    pace_s = queue.seconds_a_place(1.0)
    for each in waiting:
        queue.began(each, 300.0)
    joined(queue, 99, 301.0, 0)
    joined(queue, 100, 400.0, 1)
    assert queue.seconds_a_place(1.0) == pace_s
    assert pace_s == pytest.approx(1, rel=0.1)


def test_time_between_single_tasks_does_not_count_as_slowness() -> None:
    """Each is the next in the queue when it comes, and is done when it is asked about."""
    queue = ServiceQueue()
    for key, came_s in enumerate((0.0, 4.0, 130.0, 135.0)):
        each = joined(queue, key, came_s, 1)
        queue.began(each, came_s + 1)
        queue.left(each)
        assert queue.seconds_a_place(0.5) == 0.5


def test_a_task_that_falls_back_is_believed() -> None:
    queue = ServiceQueue()
    first = joined(queue, 0, 0.0, 1)
    assert queue.began(first, 1.0) == [first]
    assert queue.waits(first, 2.0, 4) == []
    assert queue.places_before(first) == 4


def test_a_task_whose_place_was_told_twice_is_planned_anew_once() -> None:
    queue = ServiceQueue()
    joined(queue, 0, 0.0, 0)
    waiting, last = joined(queue, 1, 0.0, 1), joined(queue, 2, 0.0, 2)
    queue.waits(waiting, 1.0, 1)
    assert queue.began(last, 2.0) == [waiting, last]


def test_a_task_with_a_hint_a_retry_or_a_request_under_way_keeps_its_moment() -> None:
    queue = ServiceQueue()
    joined(queue, 0, 0.0, 0)
    hinted, retried, sent, last = (joined(queue, key, 0.0, key) for key in range(1, 5))
    hinted.reported = True
    retried.failures = 1
    sent.sent_s = 1.0
    assert queue.began(last, 2.0) == [last]


def test_a_task_that_nobody_waits_for_counts_no_more() -> None:
    queue = ServiceQueue()
    one, last = joined(queue, 1, 0.0, 3), joined(queue, 2, 0.0, 4)
    queue.left(one)
    queue.left(one)
    assert queue.waiting == 1
    assert queue.began(last, 1.0) == [last]


def test_a_hint_is_followed_once_in_ten_seconds_a_task_and_five_times_a_second_over_all() -> None:
    hints = Hints()
    one, other = task(1), task(2)
    assert hints.due_s(one, 100.0) == 100.0
    hints.followed(one, 100.0)
    assert hints.due_s(other, 100.0) == pytest.approx(100.2)
    assert hints.due_s(one, 101.0) == 110.0


def test_a_hint_that_is_put_off_holds_up_no_other() -> None:
    hints = Hints()
    replayed = task(1)
    hints.followed(replayed, 100.0)
    hints.followed(replayed, hints.due_s(replayed, 101.0))
    assert hints.due_s(task(2), 101.0) == 101.0
    assert hints.due_s(task(3), 110.0) == pytest.approx(110.2)


def test_of_many_hints_at_once_at_most_five_are_followed_in_a_second() -> None:
    hints = Hints()
    moments = []
    for number in range(100):
        each = task(number)
        moments.append(hints.due_s(each, 7.3))
        hints.followed(each, moments[-1])
    assert moments == sorted(moments)
    assert all(later - earlier > 0.9 for earlier, later in zip(moments, moments[5:], strict=False))


def test_callbacks_are_relied_on_once_proven_and_no_longer_when_they_stop() -> None:
    hints = Hints()
    reported, found = task(1), task(2)
    reported.reported = True
    for _ in range(19):
        hints.finished(reported)
    assert hints.stretch == 1
    hints.finished(reported)
    assert hints.stretch == 4
    for _ in range(2):
        hints.finished(found)
    assert hints.stretch == 1
