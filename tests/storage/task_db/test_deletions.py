"""The request to delete a record on the service is kept until it is carried out or withdrawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import SERVICE, TROUBLE, open_store


@pytest.fixture
def store(tmp_path: Path) -> TaskStore:
    return open_store(tmp_path)


def failed(store: TaskStore, private_id: str = "private-1", kind: str = "odd") -> Task:
    task = stored.accepted(store, private_id)
    return store.accepted.failed(task.id, Failure(kind, "it did not work"))


def to_delete(store: TaskStore, service: str | None = None) -> dict[int, list[str | None]]:
    """Return what is still to be deleted, by task."""
    return {
        task.id: [each.service_task_id for each in task.to_delete]
        for task in store.deletions.wanted(service)
    }


def test_a_wish_outlasts_the_program(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    saved = store.deletions.want(stored.saved(store, "a").id)
    other = failed(store, "b")
    assert [each.service_task_id for each in saved.to_delete] == ["service-a"]
    store.tasks.hide([saved.id])
    store.close()
    again = open_store(tmp_path)
    assert to_delete(again) == to_delete(again, SERVICE) == {saved.id: ["service-a"]}
    assert to_delete(again, "another service") == {}
    assert again.tasks.get(other.id).to_delete == ()


def test_every_record_of_a_task_is_wanted_gone_and_each_is_done_by_itself(
    store: TaskStore,
) -> None:
    task = store.attempts.retry(failed(store, "a").id)
    store.attempts.accepted(store.attempts.begin(task.id, "b", "").id, "service-b")
    store.accepted.failed(task.id, TROUBLE)
    store.deletions.want(task.id)
    assert to_delete(store) == {task.id: ["service-a", "service-b"]}
    left = store.deletions.done(task.id, 1)
    assert [attempt.deleted for attempt in left.attempts] == [True, False]
    assert to_delete(store) == {task.id: ["service-b"]}
    assert store.deletions.done(task.id, 2).to_delete == ()
    assert to_delete(store) == {}


def test_a_wish_can_be_given_up_for_one_record_or_for_all(store: TaskStore) -> None:
    task = store.attempts.retry(failed(store, "a").id)
    store.attempts.accepted(store.attempts.begin(task.id, "b", "").id, "service-b")
    store.accepted.failed(task.id, TROUBLE)
    store.deletions.want(task.id)
    assert len(store.deletions.forget(task.id, 1).to_delete) == 1
    assert to_delete(store) == {task.id: ["service-b"]}
    kept = store.deletions.forget(task.id)
    assert kept.to_delete == ()
    assert len(kept.on_service) == 2


def test_what_has_not_ended_is_not_wanted_gone(store: TaskStore) -> None:
    for task in (stored.accepted(store, "a"), stored.finished(store, "b")):
        with pytest.raises(TransitionRefused):
            store.deletions.want(task.id)
    assert to_delete(store) == {}


@pytest.mark.parametrize("is_asked_again", [True, False])
def test_a_task_that_goes_on_takes_the_wish_back(store: TaskStore, is_asked_again: bool) -> None:
    task = failed(store)
    store.deletions.want(task.id)
    deletion = store.accepted.ask_again if is_asked_again else store.attempts.retry
    deletion(task.id)
    assert not store.tasks.get(task.id).attempts[0].delete_wanted
    assert to_delete(store) == {}


def test_a_late_proof_of_another_attempt_takes_the_wish_back(store: TaskStore) -> None:
    task = store.attempts.retry(failed(store, "a").id)
    store.attempts.in_doubt(store.attempts.begin(task.id, "b", "").id, TROUBLE)
    store.attempts.give_up(task.id)
    assert len(store.deletions.want(task.id).to_delete) == 1
    confirmed = store.hints.confirm_accepted("b", "service-b")
    assert confirmed is not None
    assert confirmed.state is TaskState.ACCEPTED
    assert to_delete(store) == {}


def test_nothing_is_wanted_gone_that_the_service_does_not_have(store: TaskStore) -> None:
    forgotten = failed(store, "a", "task_unknown")
    refused = store.attempts.rejected(stored.sending(store, "b").id, TROUBLE)
    for task in (forgotten, refused):
        assert store.deletions.want(task.id).to_delete == ()
    assert to_delete(store) == {}


def test_what_was_sent_to_an_earlier_address_is_not_deleted_at_the_present_one(
    store: TaskStore,
) -> None:
    profile = store.services.profile(SERVICE)
    assert profile is not None
    saved = store.deletions.want(stored.saved(store, "a").id)
    store.services.remember(ServiceProfile(SERVICE, "https://elsewhere.test"))
    assert to_delete(store) == {}
    assert store.deletions.want(saved.id).to_delete == ()
    store.services.remember(profile)
    assert to_delete(store) == {saved.id: ["service-a"]}
