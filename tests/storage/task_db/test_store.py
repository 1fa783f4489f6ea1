"""The list of tasks keeps its promises by itself, whatever the code above does."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.services.profile import Phase, ServiceProfile
from enhance_gui.core.settings.saving import ResultFormat, Saving
from enhance_gui.core.storage_errors import TransitionRefused
from enhance_gui.core.tasks.states import Outcome, Step, TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.tasks.work_times import DurationSample
from enhance_gui.storage.task_db.store import Output, TaskStore
from tests.support import stored
from tests.support.stored import PICTURE, SERVICE, TROUBLE, open_store


@pytest.fixture
def store(tmp_path: Path) -> TaskStore:
    return open_store(tmp_path)


def test_a_task_goes_all_the_way_and_every_step_is_logged(store: TaskStore) -> None:
    task = stored.saved(store)
    assert task.state is TaskState.SAVED
    assert task.files == (Path("/results/private-1.png"),)
    assert task.sidecar == Path("/results/private-1.json")
    steps = [event.step for event in store.tasks.events(task.id)]
    assert steps == ["add", "check", "send", "accept", "finish", "fetch", "save"]


def test_what_is_stored_is_there_after_reopening(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    before = stored.accepted(store)
    store.close()
    assert open_store(tmp_path).tasks.get(before.id) == before


def test_a_second_attempt_needs_an_answer_that_rules_out_a_charge_or_a_yes(
    store: TaskStore,
) -> None:
    unsent = store.attempts.unsent(stored.sending(store, "a").id, TROUBLE)
    assert store.attempts.begin(unsent.id, "a2", "").state is TaskState.SENDING
    held = store.attempts.held(stored.sending(store, "b").id, Failure("balance_too_low", ""))
    assert store.attempts.begin(held.id, "b2", "").state is TaskState.SENDING
    approved = store.attempts.send_again(stored.in_doubt(store, "c").id)
    again = store.attempts.begin(approved.id, "c2", "")
    assert [attempt.private_id for attempt in again.attempts] == ["c", "c2"]
    assert again.charges_possible == 2


def test_the_database_refuses_a_second_attempt_that_nobody_approved(
    store: TaskStore, tmp_path: Path
) -> None:
    task = stored.in_doubt(store)
    # What a bug above could do: put the task back by hand, and send.
    with closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as other, other:
        with pytest.raises(sqlite3.IntegrityError, match="may have been charged"):
            other.execute(
                "INSERT INTO attempt (task_id, number, service, private_id, request_sha256, "
                "outcome, opened_at) VALUES (?, 2, ?, 'private-2', '', 'open', '')",
                (task.id, SERVICE),
            )
        for number, outcome in ((2, "unsent"), (3, "open"), (1, "open")):
            with pytest.raises(sqlite3.IntegrityError):
                other.execute(
                    "INSERT INTO attempt (task_id, number, service, private_id, request_sha256, "
                    "outcome, opened_at) VALUES (?, ?, ?, 'private-3', '', ?, '')",
                    (task.id, number, SERVICE, outcome),
                )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE task SET state = 'queued'",
        "UPDATE task SET state = 'saved'",
        "UPDATE attempt SET outcome = 'unsent'",
        "UPDATE attempt SET outcome = 'rejected'",
        "UPDATE attempt SET service_task_id = 'x'",
        "DELETE FROM attempt",
        "DELETE FROM event",
        "UPDATE event SET cause = 'other'",
    ],
)
def test_the_database_refuses_to_forget_a_doubt(
    store: TaskStore, tmp_path: Path, statement: str
) -> None:
    stored.in_doubt(store)
    allowed = statement == "UPDATE task SET state = 'queued'"  # the user's "send again"
    with closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as other, other:
        if allowed:
            other.execute(statement)
        else:
            with pytest.raises(sqlite3.IntegrityError):
                other.execute(statement)


def test_a_private_id_and_a_service_task_id_belong_to_one_attempt(store: TaskStore) -> None:
    stored.accepted(store, "a")
    with pytest.raises(TransitionRefused):
        stored.sending(store, "a")
    other = stored.sending(store, "b")
    with pytest.raises(TransitionRefused):
        store.attempts.accepted(other.id, "service-a")
    assert store.tasks.get(other.id).state is TaskState.SENDING


def test_two_services_may_use_the_same_task_id(store: TaskStore) -> None:
    store.services.remember(ServiceProfile("Other", "https://other.test"))
    stored.accepted(store, "a")
    new = stored.new_task()
    task = store.drafts.add([type(new)(new.input, "Other", 1, "Enhance", new.save_folder)])[0]
    store.attempts.begin(task.id, "b", "")
    assert store.attempts.accepted(task.id, "service-a").state is TaskState.ACCEPTED


_MAKERS: dict[TaskState, Callable[[TaskStore], Task]] = {
    TaskState.DRAFT: lambda store: store.drafts.add([stored.new_task()], draft=True)[0],
    TaskState.QUEUED: stored.queued,
    TaskState.SENDING: stored.sending,
    TaskState.IN_DOUBT: stored.in_doubt,
    TaskState.ACCEPTED: stored.accepted,
    TaskState.FINISHED: stored.finished,
    TaskState.FETCHING: stored.fetching,
    TaskState.SAVED: stored.saved,
    TaskState.FAILED: lambda store: store.drafts.refuse(stored.queued(store).id, TROUBLE),
    TaskState.CANCELLING: lambda store: store.deletions.begin_cancel(stored.accepted(store).id),
    TaskState.CANCELLED: lambda store: store.drafts.remove(stored.queued(store).id),
    TaskState.WRITTEN_OFF: lambda store: store.attempts.give_up(stored.in_doubt(store).id),
}

_STEPS: dict[Step, Callable[[TaskStore, int], object]] = {
    Step.START: lambda store, task: store.drafts.start(task),
    Step.REMOVE: lambda store, task: store.drafts.remove(task),
    Step.REFUSE: lambda store, task: store.drafts.refuse(task, TROUBLE),
    Step.SEND: lambda store, task: store.attempts.begin(task, "another", ""),
    Step.SEND_SAME: lambda store, task: store.attempts.reopen(task),
    Step.UNSENT: lambda store, task: store.attempts.unsent(task, TROUBLE),
    Step.ACCEPT: lambda store, task: store.attempts.accepted(task, "another"),
    Step.HOLD: lambda store, task: store.attempts.held(task, TROUBLE),
    Step.REJECT: lambda store, task: store.attempts.rejected(task, TROUBLE),
    Step.DOUBT: lambda store, task: store.attempts.in_doubt(task, TROUBLE),
    Step.SEND_AGAIN: lambda store, task: store.attempts.send_again(task),
    Step.GIVE_UP: lambda store, task: store.attempts.give_up(task),
    Step.FINISH: lambda store, task: store.accepted.finished(task, b"{}", None),
    Step.FAIL: lambda store, task: store.accepted.failed(task, TROUBLE),
    Step.FETCH: lambda store, task: store.outputs.begin_fetch(task, []),
    Step.PUT_OFF: lambda store, task: store.outputs.put_off(task, TROUBLE),
    Step.SAVE: lambda store, task: store.outputs.saved(task, Path("/results/s.json")),
    Step.LOSE: lambda store, task: store.outputs.lose(task, TROUBLE),
    Step.CANCEL: lambda store, task: store.deletions.begin_cancel(task),
    Step.CANCELLED: lambda store, task: store.deletions.cancelled(task),
    Step.KEEP: lambda store, task: store.deletions.keep(task),
    Step.RETRY: lambda store, task: store.attempts.retry(task),
}


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("step", _STEPS)
def test_a_step_is_taken_from_its_own_states_and_refused_from_all_others(
    store: TaskStore, state: TaskState, step: Step
) -> None:
    task = _MAKERS[state](store)
    if state in step.sources:
        _STEPS[step](store, task.id)
        assert store.tasks.get(task.id).state is step.target
    else:
        with pytest.raises(TransitionRefused):
            _STEPS[step](store, task.id)
        assert store.tasks.get(task.id) == task


def test_asking_again_is_free_and_only_for_what_the_service_has_accepted(
    store: TaskStore,
) -> None:
    lost = store.outputs.lose(stored.finished(store, "a").id, Failure("result_gone", ""))
    asked = store.accepted.ask_again(lost.id)
    assert (asked.state, asked.service_task_id) == (TaskState.ACCEPTED, "service-a")
    refused = store.drafts.refuse(stored.queued(store).id, TROUBLE)
    with pytest.raises(TransitionRefused):
        store.accepted.ask_again(refused.id)


def test_a_retry_of_a_charged_task_keeps_count_of_both(store: TaskStore) -> None:
    failed = store.accepted.failed(stored.accepted(store, "a").id, Failure("task_failed", ""))
    again = store.attempts.begin(store.attempts.retry(failed.id).id, "a2", "")
    assert again.charges_possible == 2
    assert again.record is None


# -- in doubt -------------------------------------------------------------------------------------


def test_a_late_proof_is_believed(store: TaskStore) -> None:
    task = stored.in_doubt(store, "a")
    confirmed = store.hints.confirm_accepted("a", "service-a")
    assert confirmed is not None
    assert (confirmed.id, confirmed.state) == (task.id, TaskState.ACCEPTED)
    assert (confirmed.service_task_id, confirmed.failure) == ("service-a", None)


def test_a_late_proof_saves_the_second_charge_where_it_was_only_approved(
    store: TaskStore,
) -> None:
    store.attempts.send_again(stored.in_doubt(store, "a").id)
    confirmed = store.hints.confirm_accepted("a", "service-a")
    assert confirmed is not None
    assert confirmed.state is TaskState.ACCEPTED
    with pytest.raises(TransitionRefused):
        store.attempts.begin(confirmed.id, "a2", "")


def test_a_late_proof_after_a_resend_is_shown_as_accepted_twice(store: TaskStore) -> None:
    task = store.attempts.send_again(stored.in_doubt(store, "a").id)
    store.attempts.begin(task.id, "a2", "")
    store.attempts.accepted(task.id, "service-a2")
    confirmed = store.hints.confirm_accepted("a", "service-a")
    assert confirmed is not None
    assert confirmed.accepted_twice
    assert confirmed.service_task_id == "service-a2"


def test_a_late_proof_of_the_first_attempt_is_followed_though_a_second_was_never_sent(
    store: TaskStore,
) -> None:
    task = store.attempts.send_again(stored.in_doubt(store, "a").id)
    store.attempts.unsent(store.attempts.begin(task.id, "a2", "").id, TROUBLE)
    confirmed = store.hints.confirm_accepted("a", "service-a")
    assert confirmed is not None
    assert (confirmed.state, confirmed.service_task_id) == (TaskState.ACCEPTED, "service-a")
    assert confirmed.private_id == "a"


def test_a_late_proof_brings_back_what_was_given_up(store: TaskStore) -> None:
    store.attempts.give_up(stored.in_doubt(store, "a").id)
    confirmed = store.hints.confirm_accepted("a", "service-a")
    assert confirmed is not None
    assert confirmed.state is TaskState.ACCEPTED


def test_a_proof_counts_once_and_only_for_what_is_in_doubt(store: TaskStore) -> None:
    stored.accepted(store, "a")
    assert store.hints.confirm_accepted("a", "other") is None
    assert store.hints.confirm_accepted("unknown", "other") is None
    stored.in_doubt(store, "b")
    assert store.hints.confirm_accepted("b", "service-b") is not None
    assert store.hints.confirm_accepted("b", "service-b") is None


# -- the start of a run ---------------------------------------------------------------------------


def test_a_request_that_was_on_its_way_is_in_doubt_at_the_next_start(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    task = stored.sending(store)
    store.close()
    reopened = open_store(tmp_path)
    assert reopened.recovery.in_doubt == 1
    found = reopened.tasks.get(task.id)
    assert found.state is TaskState.IN_DOUBT
    assert found.attempts[0].outcome is Outcome.IN_DOUBT
    assert found.failure is not None
    assert found.failure.kind == "in_doubt"


def test_a_download_that_was_halfway_is_done_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    task = stored.fetching(store)
    store.close()
    reopened = open_store(tmp_path)
    assert reopened.recovery.interrupted == 1
    assert reopened.tasks.get(task.id).state is TaskState.FINISHED


def test_a_program_whose_list_was_taken_over_can_no_longer_send(tmp_path: Path) -> None:
    stale = open_store(tmp_path)
    waiting = stored.queued(stale)
    doubt = stored.in_doubt(stale)
    open_store(tmp_path)
    with pytest.raises(TransitionRefused, match="taken"):
        stale.attempts.begin(waiting.id, "stale", "")
    with pytest.raises(TransitionRefused, match="taken"):
        stale.attempts.reopen(doubt.id)
    assert stale.tasks.get(waiting.id).state is TaskState.QUEUED


# -- reading --------------------------------------------------------------------------------------


def test_the_same_wish_finds_the_task_that_has_not_ended(store: TaskStore) -> None:
    doubt = stored.in_doubt(store)
    request = stored.new_task(doubt.input)
    (found,) = store.drafts.add_or_find([request])
    assert found.id == doubt.id
    written_off = store.attempts.give_up(doubt.id)
    assert store.drafts.add_or_find([request]) == [written_off]  # and nothing is sent
    lost = stored.queued(store, "http://pictures.test/other")
    store.drafts.remove(lost.id)
    (added,) = store.drafts.add_or_find([stored.new_task(lost.input)])
    assert added.id != lost.id


def test_a_saved_task_stands_for_the_same_wish_only_where_it_is_named(store: TaskStore) -> None:
    done = stored.saved(store)
    other = stored.saved(store, "private-2")
    request = stored.new_task(done.input)
    (found,) = store.drafts.add_or_find([request], [done.id])
    assert found == done
    (added,) = store.drafts.add_or_find([request], [other.id])
    assert added.id != done.id
    # What is still to be done goes before what is done.
    (found,) = store.drafts.add_or_find([request], [done.id])
    assert found == added


def test_the_last_saved_task_of_a_wish_is_found(store: TaskStore) -> None:
    done = stored.saved(store)
    request = stored.new_task(done.input)
    stored.queued(store, request.input)
    assert store.earlier.saved([request, stored.new_task("http://pictures.test/x")]) == [done]
    assert store.earlier.saved([replace(request, type_id=2)]) == []
    assert store.earlier.saved([replace(request, service="Other")]) == []
    assert store.earlier.saved([]) == []


def test_the_same_wish_twice_in_one_list_is_one_task(store: TaskStore) -> None:
    request = stored.new_task()
    other = stored.new_task("http://pictures.test/other.jpg")
    first, second, third = store.drafts.add_or_find([request, other, request])
    assert first.id == third.id != second.id


def test_the_same_wish_with_another_folder_moves_what_is_not_saved_yet(store: TaskStore) -> None:
    waiting = stored.queued(store, "http://pictures.test/a")
    halfway = stored.fetching(store, "b")
    folder = Path("/elsewhere")
    handlers = [stored.new_task(each.input, folder) for each in (waiting, halfway)]
    assert [each.save_folder for each in store.drafts.add_or_find(handlers)] == [
        folder,
        Path("/results"),
    ]


LOST = Failure("result_unreachable", "")


def test_an_input_whose_result_could_not_be_had_is_asked_about_in_place_of_a_new_task(
    store: TaskStore, tmp_path: Path
) -> None:
    lost = store.outputs.lose(stored.finished(store, "a").id, LOST)
    request = stored.new_task(lost.input, tmp_path)
    (found,) = store.drafts.add_or_find([request])
    assert (found.id, found.state, found.failure) == (lost.id, TaskState.ACCEPTED, None)
    assert found.save_folder == tmp_path
    # Whoever comes second finds it at work.
    assert [task.id for task in store.drafts.add_or_find([request])] == [lost.id]


def test_an_input_that_was_never_charged_is_a_new_task(store: TaskStore) -> None:
    failed = store.drafts.refuse(stored.queued(store).id, TROUBLE)
    (added,) = store.drafts.add_or_find([stored.new_task(failed.input)])
    assert added.id != failed.id
    assert added.state is TaskState.QUEUED
    assert store.tasks.get(failed.id).state is TaskState.FAILED


def test_a_file_of_this_computer_is_a_new_task(store: TaskStore) -> None:
    """It may be another picture by now."""
    task = store.drafts.checked(
        store.drafts.add([stored.new_task("/photos/a.jpg")])[0].id, PICTURE, None
    )
    task = store.attempts.begin(task.id, "a", "")
    task = store.accepted.finished(store.attempts.accepted(task.id, "service-a").id, b"{}", None)
    lost = store.outputs.lose(task.id, LOST)
    assert lost.can_ask_again
    assert store.drafts.add_or_find([stored.new_task("/photos/a.jpg")])[0].id != lost.id


def test_a_task_whose_result_the_service_may_still_have_is_a_twin(store: TaskStore) -> None:
    lost = store.outputs.lose(stored.finished(store, "a").id, LOST)
    again = store.drafts.add([stored.new_task(lost.input)], draft=True)[0]
    assert [duplicate.id for duplicate in store.earlier.duplicates(again)] == [lost.id]


def test_twins_are_earlier_tasks_for_the_same_content(store: TaskStore) -> None:
    first = store.drafts.checked(stored.queued(store, "/photos/a.jpg").id, PICTURE, "digest")
    copy = store.drafts.add([stored.new_task("/photos/copy of a.jpg")], draft=True)[0]
    copy = store.drafts.checked(copy.id, PICTURE, "digest")
    assert [duplicate.id for duplicate in store.earlier.duplicates(copy)] == [first.id]
    assert store.earlier.duplicates(first) == []


def test_profiles_and_durations_are_remembered(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    profile = ServiceProfile(SERVICE, "https://studio.test", status={3: Phase.FINISHED})
    store.services.remember(profile)
    sample = DurationSample(1, 2.5, 3.0, 4.0)
    store.accepted.finished(stored.accepted(store).id, b"{}", sample)
    store.close()
    store = open_store(tmp_path)
    store.services.remember(profile)
    assert store.services.profile(SERVICE) == profile
    assert store.services.durations(SERVICE) == [sample]
    assert store.services.profile("unknown") is None
    # What an earlier version let pass must not keep its tasks from being finished.
    odd = replace(profile, token_header="host", path="/{v}/{call}")
    store.services.remember(odd)
    assert store.services.profile(SERVICE) == odd


def test_ten_thousand_stored_tasks_are_read_quickly(store: TaskStore) -> None:
    # Far above what it takes (0.3 s), far below what a read per task would take.
    store.drafts.add([stored.new_task(f"http://pictures.test/{n}") for n in range(10_000)])
    started = time.monotonic()
    tasks = store.tasks.in_states(TaskState)
    assert len(tasks) == 10_000
    assert time.monotonic() - started < 5


def test_another_folder_that_is_wanted_while_names_are_planned_comes_too_late(
    store: TaskStore,
) -> None:
    task = stored.finished(store)
    planned = Output(0, Path("/results/.private-1.part"), Path("/results/private-1.png"))
    store.drafts.save_otherwise(Saving(Path("/elsewhere")), [task.id])
    assert store.tasks.get(task.id).save_folder == Path("/elsewhere")
    begun = store.outputs.begin_fetch(task.id, [planned])
    assert begun.save_folder == Path("/results")
    assert [each.final for each in store.outputs.of(task.id)] == [planned.final]


def test_what_is_given_once_more_stays_the_kind_that_was_wanted_unless_another_is_named(
    store: TaskStore,
) -> None:
    new = stored.new_task()
    png = replace(new, result_format=ResultFormat.PNG, quality=70)
    (task,) = store.drafts.add([png])
    (again,) = store.drafts.add_or_find([replace(new, save_folder=Path("/elsewhere"))])
    assert (again.id, again.save_folder) == (task.id, Path("/elsewhere"))
    assert (again.result_format, again.quality) == (ResultFormat.PNG, 70)
    (changed,) = store.drafts.add_or_find([replace(new, result_format=ResultFormat.AS_GIVEN)])
    assert (changed.result_format, changed.quality) == (ResultFormat.AS_GIVEN, 70)
