"""What a damaged list has lost of the attempts: charges, limits and choices come out right."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from enhance_gui.core.errors import SpendingLimitReached
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.spending import DayLimit, SpendingLimits
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import SERVICE, Wall

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
PROFILE = ServiceProfile(
    SERVICE, "https://studio.test/api", enhance_types=(EnhanceType(1, "Enhance", cost=2.0),)
)


def open_store(folder: Path) -> TaskStore:
    store = TaskStore.open(folder / "tasks.sqlite3", Wall())
    store.services.remember(PROFILE)
    return store


def lose(folder: Path, *tables: str) -> None:
    """Take rows away as damage does, and have the list set aside at the next start."""
    with sqlite3.connect(folder / "tasks.sqlite3") as damaged:
        for (name,) in damaged.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            damaged.execute(f"DROP TRIGGER {name}")
        for table in tables:
            damaged.execute(f"DELETE FROM {table}")  # noqa: S608
        damaged.execute("PRAGMA user_version = 0")
    damaged.close()


def salvaged(folder: Path, *tables: str) -> TaskStore:
    lose(folder, *tables)
    store = open_store(folder)
    assert store.recovery.quarantined is not None
    return store


@pytest.mark.parametrize("tables", [["attempt"], ["attempt", "event"]])
def test_whatever_was_sent_counts_as_possibly_charged(tmp_path: Path, tables: list[str]) -> None:
    store = open_store(tmp_path)
    sent = [
        stored.in_doubt(store, "a"),
        stored.accepted(store, "b"),
        stored.saved(store, "c"),
        stored.sending(store, "d"),
        store.attempts.give_up(stored.in_doubt(store, "e").id),
    ]
    waiting = stored.queued(store)
    refused = store.drafts.refuse(stored.queued(store, "x").id, Failure("picture_damaged", ""))
    store.close()
    again = salvaged(tmp_path, *tables)
    found: dict[int, Task] = {task.id: task for task in again.tasks.in_states(TaskState)}
    assert [found[task.id].charges_possible for task in sent] == [1] * 5
    assert {found[task.id].private_id for task in sent}.isdisjoint({None})
    assert sum(each.cost for each in again.charges.ledger(LONG_AGO)) == 10
    assert found[waiting.id].charges_possible == found[refused.id].charges_possible == 0
    states = [found[task.id].state.value for task in sent]
    assert states == ["in_doubt", "in_doubt", "saved", "in_doubt", "written_off"]


def test_what_is_restored_counts_against_the_limit_of_the_day(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    stored.in_doubt(store, "a")
    store.close()
    again = salvaged(tmp_path, "attempt", "event")
    task = stored.queued(again, "http://pictures.test/next")
    today = DayLimit(3, SERVICE, datetime(2026, 1, 2, tzinfo=UTC))
    with pytest.raises(SpendingLimitReached):
        again.attempts.begin(task.id, "new", "", cost=2, limits=SpendingLimits(day=today))


def test_the_log_gives_back_private_ids_and_what_cost_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    twice = stored.sending(store, "first")
    store.attempts.unsent(twice.id, stored.TROUBLE)
    store.attempts.begin(twice.id, "second", "")
    store.attempts.in_doubt(twice.id, stored.TROUBLE)
    accepted = stored.accepted(store, "known")
    store.close()
    again = salvaged(tmp_path, "attempt")
    attempts = again.tasks.get(twice.id).attempts
    assert [attempt.private_id for attempt in attempts] == ["first", "second"]
    assert [attempt.outcome for attempt in attempts] == [Outcome.UNSENT, Outcome.IN_DOUBT]
    # The service will be asked about what the log says that it named.
    (hint,) = again.hints.of(SERVICE)
    assert (hint.task_id, hint.service_task_id) == (accepted.id, "service-known")
    assert again.hints.confirm_accepted("known", "service-known") is not None
    assert again.tasks.get(accepted.id).state is TaskState.ACCEPTED


def test_what_was_to_be_sent_again_can_still_be_started(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    task = store.attempts.send_again(stored.in_doubt(store, "first").id)
    store.close()
    again = salvaged(tmp_path, "attempt")
    assert again.tasks.get(task.id).state is TaskState.DRAFT
    assert again.tasks.get(task.id).charges_possible == 1
    again.drafts.start(task.id)
    assert again.attempts.begin(task.id, "second", "").charges_possible == 2


def test_the_sums_are_known_to_be_a_lower_bound_from_then_on(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    stored.in_doubt(store, "a")
    assert store.charges.incomplete_before() is None
    store.close()
    again = salvaged(tmp_path, "attempt")
    moment = again.charges.incomplete_before()
    assert moment is not None
    again.close()
    later = open_store(tmp_path)
    assert later.recovery.quarantined is None
    assert later.charges.incomplete_before() == moment
