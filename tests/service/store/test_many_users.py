"""What the store knows of users: whose turn it is, what counts, and what they may have."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.engine import Verdict, WorkResult
from enhance_gui.service.store.task_store import TaskLimits, TaskStore, open_task_store
from enhance_gui.service.store.usage import Usage, read_usage
from enhance_gui.wire.codes import Code
from tests.service.store.tasks import DAY, PICTURE, new_task

PLENTY = TaskLimits(10_000)
FULL = 9_000_429
MADE = WorkResult(PICTURE)
FAILED = Verdict(1001001, "no")


def position(store: TaskStore, number: int) -> int:
    task = store.find(f"task {number}")
    assert task is not None
    return store.queue_position(task)


def started(store: TaskStore, count: int) -> list[str]:
    """Start so many tasks; return whose they are."""
    found = [store.take_next() for _ in range(count)]
    assert None not in found
    return [each.user for each in found if each is not None]


def test_two_pictures_beside_a_thousand_wait_for_two_starts_also_after_a_restart(
    tmp_path: Path,
) -> None:
    path = tmp_path / "tasks.sqlite"
    store = open_task_store(path, 0.0)
    for number in range(1000):
        store.create(new_task(number, "Ana"), PLENTY)
    assert started(store, 2) == ["Ana", "Ana"]
    store.create(new_task(1000, "Ben"), PLENTY)
    store.create(new_task(1001, "Ben"), PLENTY)
    told = [position(store, number) for number in (1000, 1001, 2, 3, 999)]
    assert told == [1, 3, 2, 4, 1000]
    assert started(store, 2) == ["Ben", "Ana"]
    store.close()
    # Those that were worked on wait again; whose turn it is has not been forgotten.
    store = open_task_store(path, 0.0)
    store.requeue_unfinished()
    told = [position(store, number) for number in (1000, 0, 1001, 1, 2, 999)]
    assert told == [1, 2, 3, 4, 5, 1002]
    assert started(store, 5) == ["Ben", "Ana", "Ben", "Ana", "Ana"]
    store.close()


def test_every_position_told_is_the_start_that_comes(tmp_path: Path) -> None:
    store = open_task_store(tmp_path / "tasks.sqlite", 0.0)
    for number, user in enumerate("AAAABACBAC"):
        store.create(new_task(number, user), PLENTY)
    started(store, 3)
    store.delete("task 5")
    waiting = {f"task {number}": position(store, number) for number in range(10)}
    order = []
    while (task := store.take_next()) is not None:
        order.append(task.task_id)
    assert len(order) == 6
    assert {task_id: place for task_id, place in waiting.items() if place} == {
        task_id: place for place, task_id in enumerate(order, 1)
    }
    store.close()


def test_an_equal_private_id_of_another_user_makes_a_task_of_its_own(tmp_path: Path) -> None:
    store = open_task_store(tmp_path / "tasks.sqlite", 0.0)
    _, is_new = store.create(new_task(1, "Ana", "mine"), PLENTY)
    assert is_new
    _, is_new = store.create(new_task(2, "Ben", "mine"), PLENTY)
    assert is_new
    again, is_new = store.create(new_task(3, "Ben", "mine"), TaskLimits(10, 1))
    assert (again.task_id, is_new) == ("task 2", False)
    store.close()


def test_what_gives_no_result_is_given_back_to_the_day_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "tasks.sqlite"
    store = open_task_store(path, 0.0)
    two_a_day = TaskLimits(10, 2)
    for number in (1, 2):
        store.create(new_task(number, "Ana"), two_a_day)
    with pytest.raises(RequestRefused, match="limit of 2 pictures is reached") as refused:
        store.create(new_task(3, "Ana"), two_a_day)
    assert refused.value.code == Code.BALANCE_TOO_LOW
    assert store.find("task 3") is None
    # Of another user, and of the next day.
    store.create(new_task(4, "Ben"), two_a_day)
    store.create(new_task(5, "Ana", day="2026-12-01"), two_a_day)
    store.end("task 1", FAILED, 0, 0.0)
    store.create(new_task(6, "Ana"), two_a_day)
    store.delete("task 2")
    store.create(new_task(7, "Ana"), two_a_day)
    store.end("task 6", MADE, 0, 0.0)
    store.end("task 7", MADE, 0, 0.0)
    # What has given a result counts, though it is deleted.
    store.delete("task 6")
    with pytest.raises(RequestRefused):
        store.create(new_task(8, "Ana"), two_a_day)
    with pytest.raises(RequestRefused):
        store.check_limits("Ana", DAY, two_a_day)
    store.check_limits("Ana", DAY, TaskLimits(10, 3))
    store.forget_deleted(0)
    store.close()
    assert read_usage(path) == [
        Usage(DAY, "Ana", tasks=4, finished=2, failed=1, withdrawn=1),
        Usage(DAY, "Ben", 1, 0, 0, 0),
        Usage("2026-12-01", "Ana", 1, 0, 0, 0),
    ]


def test_whatever_others_have_waiting_something_of_everybody_is_taken(tmp_path: Path) -> None:
    store = open_task_store(tmp_path / "tasks.sqlite", 0.0)
    limits = TaskLimits(8)
    taken = dict.fromkeys("ABCDE", 0)
    for user in taken:
        while store_has_room(store, user, limits):
            taken[user] += 1
            store.create(new_task(sum(taken.values()), user), limits)
            # What is worked on is not finished either.
            if sum(taken.values()) % 3 == 0:
                store.take_next()
        with pytest.raises(RequestRefused) as refused:
            store.create(new_task(0, user), limits)
        assert refused.value.code == FULL
    assert taken == {"A": 8, "B": 4, "C": 2, "D": 1, "E": 1}
    store.close()


def store_has_room(store: TaskStore, user: str, limits: TaskLimits) -> bool:
    try:
        store.check_limits(user, DAY, limits)
    except RequestRefused:
        return False
    return True
