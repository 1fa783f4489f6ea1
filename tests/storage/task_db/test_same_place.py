"""One picture and one place by several addresses: it is paid for once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.images.addresses import same_spelling
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, NewTask, Task
from enhance_gui.storage.profiles.profile_files import local_profile
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import open_store

PLACE = "https://studio.test/api"
TARGET = "http://pictures.test/a.jpg"
BY_REDIRECT = "http://short.test/x"


@pytest.fixture
def store(tmp_path: Path) -> TaskStore:
    return open_store(tmp_path)


@pytest.mark.parametrize(
    "spelling",
    ["HTTPS://studio.test/api", "https://Studio.Test/api", "https://studio.test:443/api"],
)
def test_a_service_is_at_one_place_however_its_address_is_spelled(
    store: TaskStore, spelling: str
) -> None:
    task = stored.in_doubt(store, "a")
    other = ServiceProfile("Other", spelling)
    store.services.remember(other)
    assert store.services.namesakes(other) == [stored.SERVICE]
    request = replace(stored.new_task(task.input), service="Other")
    assert store.drafts.add_or_find([request]) == [task]


@pytest.mark.parametrize("spelling", ["https://studio.test/API", "https://studio.test:8443/api"])
def test_another_path_or_port_is_another_place(store: TaskStore, spelling: str) -> None:
    task = stored.in_doubt(store, "a")
    store.services.remember(ServiceProfile("Other", spelling))
    request = replace(stored.new_task(task.input), service="Other")
    assert store.drafts.add_or_find([request])[0].id != task.id


def test_the_spelling_moves_no_service(store: TaskStore) -> None:
    task = stored.accepted(store, "a")
    store.services.remember(ServiceProfile(stored.SERVICE, "HTTPS://Studio.test/api"))
    task = store.accepted.failed(task.id, Failure("task_failed", ""))
    assert task.can_ask_again


def test_an_address_that_is_none_is_spelled_as_it_is() -> None:
    assert [same_spelling(each) for each in ("", "Studio", PLACE)] == ["", "Studio", PLACE]


def _looked_at(store: TaskStore, given: str, location: str = TARGET, service: str = "") -> Task:
    request = stored.new_task(given)
    request = replace(request, service=service or request.service)
    (task,) = store.drafts.add_or_find([request])
    return store.drafts.checked(task.id, replace(stored.PICTURE, location=location), None)


def _sent(store: TaskStore, given: str = TARGET) -> Task:
    return store.attempts.begin(_looked_at(store, given).id, "a", "")


def test_an_address_that_leads_to_a_picture_in_doubt_is_not_sent(store: TaskStore) -> None:
    store.attempts.in_doubt(_sent(store).id, stored.TROUBLE)
    task = _looked_at(store, BY_REDIRECT)
    assert task.state is TaskState.FAILED
    assert task.failure is not None
    assert task.failure.kind == "ordered_before"
    assert TARGET in task.failure.detail
    # On the user's word it is.
    assert store.attempts.retry(task.id).state is TaskState.QUEUED
    found = replace(stored.PICTURE, location=TARGET)
    assert store.drafts.checked(task.id, found, None).state is TaskState.QUEUED


def test_of_two_that_lead_to_one_picture_the_first_is_sent(store: TaskStore) -> None:
    first, second = store.drafts.add([stored.new_task(each) for each in (BY_REDIRECT, TARGET)])
    found = replace(stored.PICTURE, location=TARGET)
    assert store.drafts.checked(first.id, found, None).state is TaskState.QUEUED
    assert store.drafts.checked(second.id, found, None).state is TaskState.FAILED
    assert _looked_at(store, "http://short.test/y").state is TaskState.FAILED


def test_a_saved_picture_or_one_that_cost_nothing_holds_nobody_back(store: TaskStore) -> None:
    stored.saved(store, "b")
    saved = "http://pictures.test/b"
    assert _looked_at(store, "http://short.test/1", saved).state is TaskState.QUEUED
    store.attempts.rejected(_sent(store).id, Failure("kind_refused", ""))
    assert _looked_at(store, BY_REDIRECT).state is TaskState.QUEUED


def test_another_type_or_place_or_this_computer_holds_nobody_back(store: TaskStore) -> None:
    store.attempts.in_doubt(_sent(store).id, stored.TROUBLE)
    found = replace(stored.PICTURE, location=TARGET)
    (other_type,) = store.drafts.add([replace(stored.new_task(BY_REDIRECT), type_id=2)])
    assert store.drafts.checked(other_type.id, found, None).state is TaskState.QUEUED
    here = local_profile()
    for profile in (here, ServiceProfile("Elsewhere", "https://elsewhere.test")):
        store.services.remember(profile)
        task = _looked_at(store, BY_REDIRECT, service=profile.name)
        assert task.state is TaskState.QUEUED


def test_what_the_user_has_started_after_the_look_is_not_asked_about_again(
    store: TaskStore,
) -> None:
    store.attempts.in_doubt(_sent(store).id, stored.TROUBLE)
    found = replace(stored.PICTURE, location=TARGET)
    new: NewTask = stored.new_task(BY_REDIRECT)
    (draft,) = store.drafts.add([new], draft=True)
    draft = store.drafts.checked(draft.id, found, None)
    assert draft.state is TaskState.DRAFT
    assert store.drafts.start_unless_repeated(draft.id)
    store.drafts.start(draft.id)
    assert store.drafts.checked(draft.id, found, None).state is TaskState.QUEUED
