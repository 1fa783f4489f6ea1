"""What was ordered before is found by attempts, and by the address of the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.images.picture import CheckedPicture, PictureHeader
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, NewTask, Task
from enhance_gui.storage.profiles.profile_files import local_profile
from enhance_gui.storage.task_db.rows import lost_profile
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import SERVICE, open_store

PLACE = "https://studio.test/api"


@pytest.fixture
def store(tmp_path: Path) -> TaskStore:
    return open_store(tmp_path)


def _failed(store: TaskStore, kind: str) -> Task:
    return store.accepted.failed(stored.accepted(store, "a").id, Failure(kind, ""))


def _cancelled(store: TaskStore) -> Task:
    return store.deletions.cancelled(
        store.deletions.begin_cancel(stored.accepted(store, "a").id).id
    )


ASKED = [
    pytest.param(lambda store: _failed(store, "task_failed"), id="failed"),
    pytest.param(lambda store: _failed(store, "task_unknown"), id="forgotten"),
    pytest.param(
        lambda store: store.outputs.lose(
            stored.finished(store, "a").id, Failure("result_gone", "")
        ),
        id="gone",
    ),
]
ENDED = [
    pytest.param(lambda store: _failed(store, "task_deleted"), id="deleted"),
    pytest.param(_cancelled, id="cancelled"),
    pytest.param(
        lambda store: store.attempts.give_up(stored.in_doubt(store, "a").id), id="given up"
    ),
]
Make = Callable[[TaskStore], Task]


@pytest.mark.parametrize("make", ASKED)
def test_what_may_be_had_still_is_asked_about_and_not_ordered_anew(
    store: TaskStore, make: Make
) -> None:
    task = make(store)
    (found,) = store.drafts.add_or_find([stored.new_task(task.input)])
    assert (found.id, found.state, found.failure) == (task.id, TaskState.ACCEPTED, None)


@pytest.mark.parametrize("make", ENDED)
def test_what_may_have_been_charged_is_returned_as_it_ended(store: TaskStore, make: Make) -> None:
    task = make(store)
    assert store.drafts.add_or_find([stored.new_task(task.input)]) == [task]


@pytest.mark.parametrize("make", ASKED + ENDED)
def test_a_draft_for_what_may_have_been_charged_has_a_twin(store: TaskStore, make: Make) -> None:
    task = make(store)
    (draft,) = store.drafts.add([stored.new_task(task.input)], draft=True)
    assert store.earlier.duplicates(draft) == [task]
    assert store.drafts.start_unless_repeated(draft.id) == [task]
    assert store.tasks.get(draft.id).state is TaskState.DRAFT
    assert store.drafts.start_unless_repeated(draft.id, [task.id]) == []
    assert store.tasks.get(draft.id).state is TaskState.QUEUED


def test_a_draft_has_a_twin_in_what_was_added_later_and_is_alive(store: TaskStore) -> None:
    (draft,) = store.drafts.add([stored.new_task()], draft=True)
    (other_draft,) = store.drafts.add([stored.new_task()], draft=True)
    assert store.earlier.duplicates(draft) == []
    assert store.earlier.duplicates(other_draft) == [draft]
    (sent,) = store.drafts.add([stored.new_task()])
    assert store.drafts.start_unless_repeated(draft.id) == [sent]


def test_what_was_refused_before_it_was_sent_speaks_against_nothing(store: TaskStore) -> None:
    refused = store.drafts.refuse(stored.queued(store).id, stored.TROUBLE)
    (draft,) = store.drafts.add([stored.new_task(refused.input)], draft=True)
    assert store.earlier.duplicates(draft) == []


def test_of_another_name_for_the_same_address_it_is_the_same_order(store: TaskStore) -> None:
    doubt = stored.in_doubt(store)
    gone = store.attempts.give_up(stored.in_doubt(store, "private-2").id)
    store.services.remember(ServiceProfile("Another name", PLACE))
    store.services.remember(ServiceProfile("Elsewhere", "https://elsewhere.test/api"))
    for task in (doubt, gone):
        request = replace(stored.new_task(task.input), service="Another name")
        assert store.drafts.add_or_find([request]) == [task]
        (added,) = store.drafts.add_or_find([replace(request, service="Elsewhere")])
        assert added.service == "Elsewhere"


def test_where_a_service_was_is_remembered_when_it_has_moved(store: TaskStore) -> None:
    gone = store.attempts.give_up(stored.in_doubt(store).id)
    store.services.remember(ServiceProfile(SERVICE, "https://moved.test/api"))
    store.services.remember(ServiceProfile("At the old place", PLACE))
    for service in (SERVICE, "At the old place"):
        request = replace(stored.new_task(gone.input), service=service)
        assert [task.id for task in store.drafts.add_or_find([request])] == [gone.id]


def test_a_service_that_counts_anew_is_at_its_address_still(store: TaskStore) -> None:
    first = store.accepted.failed(stored.accepted(store, "a").id, Failure("task_failed", ""))
    store.attempts.begin(stored.queued(store, "http://pictures.test/b").id, "b", "")
    store.attempts.accepted(
        2, "service-a"
    )  # the number of the first: the service has lost its data
    store.services.remember(ServiceProfile("Another name", PLACE))
    store.services.remember(ServiceProfile(SERVICE, "https://moved.test/api"))
    request = replace(stored.new_task(first.input), service="Another name")
    assert store.drafts.add_or_find([request])[0].id == first.id


def test_a_lost_profile_makes_nobody_forget_where_a_picture_went(store: TaskStore) -> None:
    """A proof arrives while it is not known where the service is."""
    doubt = stored.in_doubt(store)
    store.services.remember(lost_profile(SERVICE))
    proven = store.hints.confirm_accepted("private-1", "service-1")
    assert proven is not None
    store.services.remember(ServiceProfile("Another name", PLACE))
    store.services.remember(ServiceProfile("Elsewhere", "https://elsewhere.test/api"))
    request = replace(stored.new_task(doubt.input), service="Another name")
    assert store.drafts.add_or_find([request]) == [proven]
    assert store.drafts.add_or_find([replace(request, service="Elsewhere")]) != [proven]


def test_what_went_nobody_knows_where_may_have_gone_anywhere(store: TaskStore) -> None:
    store.services.remember(lost_profile(SERVICE))
    doubt = stored.in_doubt(store)
    store.services.remember(ServiceProfile("Another name", PLACE))
    request = replace(stored.new_task(doubt.input), service="Another name")
    assert store.drafts.add_or_find([request]) == [doubt]


def test_where_an_address_led_and_the_content_make_the_same_picture(store: TaskStore) -> None:
    led = CheckedPicture("http://pictures.test/final.jpg", PictureHeader("jpg", 512, 512), 1)
    first = store.drafts.checked(stored.sending(store).id, led, "digest")
    first = store.attempts.in_doubt(first.id, stored.TROUBLE)
    (named,) = store.drafts.add_or_find([stored.new_task(led.location)])
    assert named == first
    (copy,) = store.drafts.add([stored.new_task("http://mirror.test/copy.jpg")], draft=True)
    assert store.earlier.duplicates(copy) == []
    assert store.earlier.duplicates(store.drafts.checked(copy.id, stored.PICTURE, "digest")) == [
        first
    ]


def _of_file(sha256: str, path: str = "/photos/a.jpg") -> NewTask:
    return replace(stored.new_task(path), sha256=sha256)


def test_a_file_is_the_same_picture_where_it_has_the_same_content(store: TaskStore) -> None:
    here = replace(stored.PICTURE, location="/photos/a.jpg")
    task = store.drafts.checked(store.drafts.add([_of_file("")])[0].id, here, "digest")
    store.attempts.begin(task.id, "a", "")
    gone = store.attempts.give_up(store.attempts.in_doubt(task.id, stored.TROUBLE).id)
    assert store.drafts.add_or_find([_of_file("digest")]) == [gone]
    assert store.drafts.add_or_find([_of_file("digest", "/photos/copy.jpg")]) == [gone]
    for another in ("", "other"):
        (draft,) = store.drafts.add([_of_file("")], draft=True)
        draft = store.drafts.checked(draft.id, here, another or None)
        assert gone not in store.earlier.duplicates(draft) or not another
        assert store.drafts.add_or_find([_of_file(another)])[0].id != gone.id


def test_on_the_service_of_this_computer_nothing_needs_a_yes(store: TaskStore) -> None:
    profile = local_profile()
    store.services.remember(profile)
    request = replace(stored.new_task("http://pictures.test/a"), service=profile.name)
    (task,) = store.drafts.add_or_find([request])
    store.attempts.begin(task.id, "a", "")
    store.attempts.accepted(task.id, "there")
    store.accepted.failed(task.id, Failure("task_failed", ""))
    assert store.drafts.add_or_find([request])[0].id != task.id


def test_a_saved_result_is_another_order_unless_it_is_to_be_fetched(store: TaskStore) -> None:
    task = stored.saved(store, "a")
    request = stored.new_task(task.input, Path("/elsewhere"))
    (fetched,) = store.drafts.add_or_find([request], or_fetched=[task.id])
    assert (fetched.id, fetched.state) == (task.id, TaskState.ACCEPTED)
    assert fetched.save_folder == Path("/elsewhere")
    other = stored.saved(store, "b")
    assert store.drafts.add_or_find([stored.new_task(other.input)])[0].id != other.id
