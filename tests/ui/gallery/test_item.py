"""Which group a task is in, and what is known of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.ui.gallery.item import NEARLY, Group
from tests.ui.gallery.parts import PICTURES, enhancing, in_doubt, item, saved

_POOR = Failure("balance_too_low", "no credit is left")
_FULL = Failure("disk_full", "no room is left")


@pytest.mark.parametrize(
    ("state", "group"),
    [
        (TaskState.DRAFT, Group.WAITING),
        (TaskState.QUEUED, Group.WAITING),
        (TaskState.SENDING, Group.RUNNING),
        (TaskState.IN_DOUBT, Group.NEEDS_YOU),
        (TaskState.ACCEPTED, Group.RUNNING),
        (TaskState.FINISHED, Group.RUNNING),
        (TaskState.FETCHING, Group.RUNNING),
        (TaskState.SAVED, Group.DONE),
        (TaskState.FAILED, Group.FAILED),
        (TaskState.CANCELLING, Group.RUNNING),
        (TaskState.CANCELLED, Group.CANCELLED),
        (TaskState.WRITTEN_OFF, Group.CANCELLED),
    ],
)
def test_every_state_has_its_group(state: TaskState, group: Group) -> None:
    assert item(1, state).group is group


def test_a_draft_that_is_not_checked_yet_is_being_checked() -> None:
    assert item(1, TaskState.DRAFT, checked=None).group is Group.CHECKING
    assert item(1, TaskState.QUEUED, checked=None).group is Group.WAITING


@pytest.mark.parametrize("state", [TaskState.QUEUED, TaskState.FINISHED])
@pytest.mark.parametrize("failure", [_POOR, _FULL])
def test_a_parked_task_with_a_reason_needs_the_person(state: TaskState, failure: Failure) -> None:
    assert item(1, state, suspended=True, failure=failure).group is Group.NEEDS_YOU
    assert item(1, state, suspended=False, failure=failure).group is not Group.NEEDS_YOU
    assert item(1, state, suspended=True).group is not Group.NEEDS_YOU


def test_an_ended_task_is_parked_and_needs_nobody() -> None:
    assert item(1, TaskState.FAILED, suspended=True, failure=_POOR).group is Group.FAILED
    assert saved(suspended=True).group is Group.DONE


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("https://example.org/a/my%20cat.jpg?size=3", "my cat.jpg"),
        ("https://example.org/", "example.org"),
        ("/home/me/ferien bild.png", "ferien bild.png"),
        ("/home/me/two\nlines\u202egpj.exe", "two lines gpj.exe"),
    ],
)
def test_the_name_is_what_people_call_the_picture(given: str, name: str) -> None:
    assert item(1, input=given).name == name


def test_the_picture_before_is_the_local_file_or_the_kept_copy() -> None:
    assert item(1).before_file == PICTURES / "picture 1.jpg"
    web = "https://example.org/a.jpg"
    assert item(1, input=web).before_file is None
    assert item(1, input=web, input_copy=Path("/kept/a.jpg")).before_file == Path("/kept/a.jpg")


def test_the_picture_after_is_there_once_it_is_saved() -> None:
    assert saved().after_file == Path("/results/picture 1-enhance.jpg")
    assert item(1, TaskState.FETCHING, files=(Path("/half.jpg"),)).after_file is None


def test_the_rest_of_time_runs_down_and_stops_at_nothing() -> None:
    assert enhancing(expected_s=8).left_s(100) == 8
    assert enhancing(expected_s=8).left_s(103) == 5
    assert enhancing(expected_s=8).left_s(120) == 0
    assert enhancing(expected_s=None).left_s(100) is None
    assert in_doubt().left_s(100) is None


def test_what_the_service_tells_of_progress_counts_more_than_a_guess() -> None:
    assert enhancing(expected_s=8, percent=70).progress(100, 2) == 0.7
    assert enhancing(expected_s=None, percent=0).progress(100, 2) == 0
    assert enhancing(expected_s=0, percent=100).progress(100, 2) == 1


def test_progress_grows_and_is_never_full() -> None:
    running = enhancing(expected_s=8)
    assert running.progress(100, 2) == pytest.approx(0.2)
    assert running.progress(104, 6) == pytest.approx(0.6)
    assert running.progress(200, 102) == NEARLY
    assert running.progress(200, -5) == NEARLY
    assert enhancing(expected_s=None).progress(100, 2) is None


def test_the_small_picture_of_an_address_is_shown_until_there_is_a_result_to_compare() -> None:
    web, small = "https://example.org/a.jpg", Path("/small/1.webp")
    draft = item(1, TaskState.DRAFT, input=web, preview=small)
    assert (draft.before_file, draft.is_previewed) == (small, True)
    copied = item(1, input=web, input_copy=Path("/kept/a.jpg"), preview=small)
    assert (copied.before_file, copied.is_previewed) == (Path("/kept/a.jpg"), False)
    assert saved(1, input=web, preview=small).before_file is None
