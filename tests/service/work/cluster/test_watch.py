"""The watch over what users see finds what they never may see, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from enhance_gui.service.tasks.status import Status
from tests.service.work.cluster.watch import Moment, Room, Watch


def record(status: int, position: int = 0, **more: Any) -> dict[str, Any]:
    return {"status": status, "queuenum": position, **more}


def watch_over(*task_ids: str, room: Room | None = None) -> Watch:
    """Return a watch over tasks of one user, and one more of another's, called "other"."""
    watch = Watch(room or Room(1))
    for task_id in task_ids:
        watch.makes()
        watch.made(task_id)
    watch.makes("Ana")
    watch.made("other", "Ana")
    return watch


NOTHING_YET = Moment(0, 1)
WAITS, AT_WORK, DONE = Status.QUEUED, Status.PROCESSING, Status.FINISHED


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        ([record(WAITS, 3), record(WAITS, 1), record(AT_WORK), record(DONE), record(DONE)], ""),
        ([record(WAITS, 0), record(DONE)], ""),
        ([record(WAITS, 1), record(WAITS, 2)], "went back from 1 to 2"),
        ([record(WAITS, 4)], "only 3 can wait"),
        ([record(WAITS, -1)], "position -1"),
        ([record(AT_WORK, 1)], "position 1"),
        ([record(AT_WORK), record(WAITS)], "from status 1 to 0"),
        ([record(DONE), record(Status.FAILED)], "had ended"),
        ([record(DONE, outputurl="a"), record(DONE, outputurl="b")], "had ended"),
    ],
)
def test_one_task_goes_on_and_stays_ended(seen: list[dict[str, Any]], wrong: str) -> None:
    watch = watch_over("first", "second")
    for each in seen:
        watch.saw("first", each, NOTHING_YET)
    assert bool(watch.wrong) == bool(wrong)
    assert not wrong or wrong in watch.wrong[0]


@pytest.mark.parametrize(
    ("newer", "older", "wrong"),
    [
        (record(WAITS, 2), record(WAITS, 1), ""),
        (record(WAITS, 0), record(WAITS, 0), ""),
        (record(WAITS, 2), record(AT_WORK), ""),
        (record(WAITS, 1), record(WAITS, 0), ""),
        (record(WAITS, 2), record(WAITS, 2), "newer, at 2"),
        (record(WAITS, 0), record(WAITS, 1), "newer, at 0"),
        (record(AT_WORK), record(WAITS, 1), "has begun"),
    ],
)
def test_the_older_of_two_tasks_is_nearer_to_its_turn(
    newer: dict[str, Any], older: dict[str, Any], wrong: str
) -> None:
    watch = watch_over("older", "newer", room=Room(2))
    watch.saw_round([("newer", newer, NOTHING_YET), ("older", older, NOTHING_YET)])
    assert bool(watch.wrong) == bool(wrong)
    assert not wrong or wrong in watch.wrong[0]


def test_no_more_tasks_are_passed_over_than_workers_may_be_idle() -> None:
    watch = watch_over("first", "second", "third")
    tasks = ["third", "second", "first"]
    for positions, wrong in (((2, 1, 0), []), ((0, 0, 0), ["second", "third"])):
        seen = zip(tasks, positions, strict=True)
        watch.saw_round([(task, record(WAITS, each), NOTHING_YET) for task, each in seen])
        assert [each.split()[0] for each in watch.wrong] == wrong


def test_a_position_may_grow_by_lost_workers_and_by_what_others_make() -> None:
    room = Room(1)
    watch = watch_over("first", "second", room=room)
    watch.saw("first", record(WAITS, 1), watch.moment())
    room.lost += 1
    watch.saw("first", record(WAITS, 2), watch.moment())
    watch.makes("Ana")
    watch.saw("first", record(WAITS, 3), watch.moment())
    assert (watch.wrong, watch.grown) == ([], 2)
    watch.made("another", "Ana")
    watch.makes()
    watch.saw("first", record(WAITS, 3), watch.moment())
    watch.saw("first", record(WAITS, 4), watch.moment())
    assert watch.wrong == ["first went back from 3 to 4"]


def test_a_new_start_has_what_was_worked_on_wait_again_and_nothing_else() -> None:
    watch = watch_over("first", "second")
    watch.saw("first", record(DONE), NOTHING_YET)
    watch.saw("second", record(AT_WORK), NOTHING_YET)
    watch.restarted()
    watch.saw("second", record(WAITS, 1), NOTHING_YET)
    assert watch.wrong == []
    assert watch.unsettled() == ["second"]
    watch.saw("first", record(WAITS, 1), NOTHING_YET)
    assert "from status 2 to 0" in watch.wrong[-1]
