"""A copy of the list that was put back, or a list that is gone: nothing is sent by itself."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.storage_errors import LIST_REPLACED, StorageError
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.storage.profiles.profile_files import local_profile
from enhance_gui.storage.settings.json_files import read_mapping
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.raising import raises_kind
from tests.support.stored import SERVICE, Wall


def open_store(folder: Path) -> TaskStore:
    store = TaskStore.open(folder / "tasks.sqlite3", Wall(), folder / "state" / "lists.json")
    store.services.remember(ServiceProfile(SERVICE, "https://studio.test/api"))
    return store


def copy_of(folder: Path) -> Path:
    """Copy the list while it is closed."""
    return Path(shutil.copy(folder / "tasks.sqlite3", folder / "copy"))


def put_back(folder: Path, copy: Path) -> None:
    for path in folder.glob("tasks.sqlite3*"):
        path.unlink()
    shutil.copy(copy, folder / "tasks.sqlite3")


def test_a_healthy_list_is_never_called_older(tmp_path: Path) -> None:
    for number in range(3):
        store = open_store(tmp_path)
        assert not store.recovery.is_incomplete
        stored.in_doubt(store, f"private-{number}")
        stored.queued(store)
        store.close()
    assert len(open_store(tmp_path).tasks.in_states([TaskState.QUEUED])) == 3


def test_what_waits_in_an_older_copy_is_held_back(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    waiting = stored.queued(store)
    store.close()
    copy = copy_of(tmp_path)
    store = open_store(tmp_path)
    store.attempts.in_doubt(store.attempts.begin(waiting.id, "sent", "").id, stored.TROUBLE)
    store.close()
    put_back(tmp_path, copy)
    again = open_store(tmp_path)
    assert again.recovery.is_older
    assert again.tasks.get(waiting.id).state is TaskState.DRAFT
    assert again.charges.incomplete_before() is not None
    again.drafts.start(waiting.id)
    again.close()
    # From here on it is the list, and what the user has started goes on.
    later = open_store(tmp_path)
    assert not later.recovery.is_incomplete
    assert later.tasks.get(waiting.id).state is TaskState.QUEUED


def test_a_copy_of_the_same_run_is_older_where_something_was_done_since(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    waiting = stored.queued(store)
    store.close()
    copy = copy_of(tmp_path)
    put_back(tmp_path, copy)
    assert not open_store(tmp_path).recovery.is_older  # the very list, by another inode
    store = open_store(tmp_path)
    store.close()
    copy = copy_of(tmp_path)
    store = open_store(tmp_path)
    store.drafts.remove(waiting.id)
    store.close()
    put_back(tmp_path, copy)
    assert open_store(tmp_path).recovery.is_older


@pytest.mark.parametrize("sends", [False, True])
def test_a_run_that_is_killed_leaves_no_list_that_looks_older(tmp_path: Path, sends: bool) -> None:
    store = open_store(tmp_path)
    task = stored.queued(store)
    record = tmp_path / "state" / "lists.json"
    before = record.read_bytes()
    if sends:
        store.attempts.begin(task.id, "sent", "")
    # Killed between the commit and the record, and after both: nothing is closed.
    for number, kept in enumerate((before, record.read_bytes())):
        home = tmp_path / f"killed-{number}"
        home.mkdir()
        for path in tmp_path.glob("tasks.sqlite3*"):
            shutil.copy(path, home)
        (home / "state").mkdir()
        content = kept.replace(str(tmp_path / "tasks").encode(), str(home / "tasks").encode())
        (home / "state" / "lists.json").write_bytes(content)
        again = open_store(home)
        assert not again.recovery.is_incomplete
        again.close()
    assert read_mapping(record)[str(tmp_path / "tasks.sqlite3")]["attempts"] == int(sends)


def test_a_list_that_is_gone_is_told_of_where_it_had_sent_something(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    stored.queued(store)
    store.close()
    (tmp_path / "tasks.sqlite3").unlink()
    store = open_store(tmp_path)
    assert not store.recovery.is_incomplete
    stored.in_doubt(store)
    store.close()
    (tmp_path / "tasks.sqlite3").unlink()
    again = open_store(tmp_path)
    assert again.recovery.missing_attempts == 1
    assert not again.recovery.is_older
    assert again.charges.incomplete_before() is not None


def test_what_a_lost_list_had_sent_is_not_forgotten_with_the_next(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    stored.in_doubt(store)
    store.close()
    for _ in range(3):
        (tmp_path / "tasks.sqlite3").unlink()
        store = open_store(tmp_path)
        assert store.recovery.missing_attempts == 1
        assert store.charges.incomplete_before() is not None
        store.close()


def older_list_with_doubt(folder: Path) -> tuple[TaskStore, int]:
    """Open a list that is older than the last run; return it and its task in doubt, which the user
    had wanted sent again.
    """
    store = open_store(folder)
    doubt = stored.in_doubt(store)
    store.attempts.send_again(doubt.id)
    store.close()
    copy = copy_of(folder)
    open_store(folder).close()
    put_back(folder, copy)
    return open_store(folder), doubt.id


def test_a_proof_follows_what_an_older_list_holds_back(tmp_path: Path) -> None:
    """The first attempt turns out to be accepted."""
    again, doubt_id = older_list_with_doubt(tmp_path)
    assert again.tasks.get(doubt_id).state is TaskState.DRAFT
    confirmed = again.hints.confirm_accepted("private-1", "service-1")
    assert confirmed is not None
    assert confirmed.state is TaskState.ACCEPTED
    assert confirmed.service_task_id == "service-1"


def test_what_is_taken_back_of_an_older_list_is_not_repeated_by_itself(tmp_path: Path) -> None:
    """Not even at a service to which an equal private id is the same task."""
    older, doubt_id = older_list_with_doubt(tmp_path)
    taken_back = older.drafts.remove(doubt_id)
    assert taken_back.state is TaskState.IN_DOUBT
    assert not taken_back.may_be_repeated


def test_a_damaged_list_is_not_older_at_the_start_after_that(tmp_path: Path) -> None:
    for number in range(3):
        store = open_store(tmp_path)
        stored.in_doubt(store, f"private-{number}")
        store.close()
    path = tmp_path / "tasks.sqlite3"
    path.write_bytes(b"no database" + path.read_bytes()[11:])
    assert open_store(tmp_path).recovery.quarantined is not None
    assert not open_store(tmp_path).recovery.is_incomplete


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'{"%s": 1}', b'{"%s": {"epoch": 1e9, "events": -1}}', b"[" * 9000],
)
def test_a_record_that_cannot_be_read_says_nothing(tmp_path: Path, content: bytes) -> None:
    open_store(tmp_path).close()
    record = tmp_path / "state" / "lists.json"
    record.write_bytes(content.replace(b"%s", str(tmp_path / "tasks.sqlite3").encode()))
    assert not open_store(tmp_path).recovery.is_incomplete


def test_a_record_that_cannot_be_written_keeps_nothing_from_being_sent(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    store = open_store(tmp_path)
    assert stored.in_doubt(store).charges_possible == 1


@pytest.mark.parametrize("is_replaced", [False, True])
def test_nothing_is_sent_from_a_list_that_no_start_will_find(
    tmp_path: Path, is_replaced: bool
) -> None:
    store = open_store(tmp_path)
    task = stored.queued(store)
    path = tmp_path / "tasks.sqlite3"
    record = (tmp_path / "state" / "lists.json").read_bytes()
    copy = copy_of(tmp_path)
    path.unlink()
    assert not store.is_in_place
    if is_replaced:
        copy.rename(path)
    with raises_kind(LIST_REPLACED, StorageError):
        store.attempts.begin(task.id, "private", "")
    assert store.tasks.get(task.id).attempts == ()
    assert not store.is_in_place
    store.close()
    assert (tmp_path / "state" / "lists.json").read_bytes() == record


def test_what_was_held_back_is_found_again_and_not_ordered_anew(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    here = local_profile()
    store.services.remember(here)
    order = stored.new_task()
    free = replace(order, service=here.name)
    waiting, at_home = store.drafts.add([order, free])
    store.close()
    copy = copy_of(tmp_path)
    store = open_store(tmp_path)
    store.drafts.remove(waiting.id)
    store.close()
    put_back(tmp_path, copy)
    again = open_store(tmp_path)
    (found,) = again.drafts.add_or_find([order])
    assert (found.id, found.state) == (waiting.id, TaskState.DRAFT)
    assert found.failure is not None
    assert found.failure.kind == "recovered"
    assert again.drafts.start(found.id).failure is None
    # What costs nothing is done as it is asked for.
    assert again.tasks.get(at_home.id).failure is None
    assert again.drafts.add_or_find([free])[0].id not in (waiting.id, at_home.id)
