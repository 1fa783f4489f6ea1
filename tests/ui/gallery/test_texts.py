"""The gallery's texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from enhance_gui.core.images.picture import PictureHeader, check_header, check_size_bytes
from enhance_gui.core.picture_errors import InputError
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, Phase, PictureLimits
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.explanations import EXPLANATIONS
from enhance_gui.core.text.i18n import number, set_language
from enhance_gui.storage.settings.translations import translation
from enhance_gui.ui.gallery import state_texts, texts
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.item import Group, Item
from enhance_gui.ui.gallery.sorting import Sort
from tests.ui.gallery.parts import TOO_LARGE, enhancing, failed, in_doubt, item, saved, task

RECORD = (
    b'{"outputurl": "http://a/r", "facelist": [{"outputurl": ""}, {"outputurl": "http://a/f"}]}'
)
FILES = (Path("/r/a-enhance.jpg"), Path("/r/a-enhance-face-2.jpg"))


HERE = {"service": LOCAL_SERVICE_NAME}


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (item(1, TaskState.DRAFT, checked=None), "Checking"),
        (item(1, TaskState.DRAFT), "Ready to start"),
        (item(1), "Waiting to be sent"),
        (item(1, suspended=True), "Waiting; Studio is paused"),
        (
            item(1, failure=Failure("service_unreachable", "refused")),
            "Waiting: the service cannot be reached",
        ),
        (
            item(1, suspended=True, failure=Failure("balance_too_low", "0 credits")),
            "No credit left",
        ),
        (item(1, TaskState.SENDING), "Sending"),
        (item(1, TaskState.ACCEPTED), "Accepted by Studio"),
        (item(1, TaskState.ACCEPTED, phase=Phase.QUEUED), "In the queue of Studio"),
        (
            item(1, suspended=True, service=LOCAL_SERVICE_NAME),
            "Waiting; work on this computer is paused",
        ),
        (item(1, TaskState.ACCEPTED, **HERE), "Accepted by this computer"),
        (
            item(1, TaskState.ACCEPTED, phase=Phase.QUEUED, **HERE),
            "In the queue of this computer",
        ),
        (
            item(1, TaskState.ACCEPTED, phase=Phase.QUEUED, queue_position=3),
            "3rd in the queue",
        ),
        (enhancing(expected_s=None), "Enhancing"),
        (enhancing(expected_s=10), "Enhancing, about 8 s left"),
        (enhancing(expected_s=1), "Enhancing, nearly done"),
        (enhancing(expected_s=None, percent=3), "Enhancing, 3 %"),
        (enhancing(expected_s=10, percent=40), "Enhancing, 40 %, about 8 s left"),
        (item(1, TaskState.FINISHED), "Finished; will be fetched"),
        (item(1, TaskState.FETCHING), "Fetching the result"),
        (saved(), "Saved"),
        (saved(record=RECORD), "Saved; 2 are missing"),
        (saved(record=RECORD, files=FILES), "Saved; 1 is missing"),
        (saved(record=RECORD, files=(*FILES, Path("/r/a-enhance-face-1.jpg"))), "Saved"),
        (in_doubt(), "It may have been charged"),
        (failed(), "The picture is too large for the service"),
        (failed(kind="picture_damaged"), "The picture is damaged"),
        (
            item(1, TaskState.FINISHED, suspended=True, failure=Failure("disk_full", "")),
            "The disk is full",
        ),
        (
            item(1, TaskState.DRAFT, checked=None, waits_for="pictures.example", next_try_s=122),
            "Waiting for pictures.example: next try in 20 s",
        ),
        (
            item(1, waits_for="pictures.example", next_try_s=101.8),
            "Waiting for pictures.example: trying again",
        ),
        (item(1, TaskState.CANCELLING), "Cancelling"),
        (item(1, TaskState.CANCELLED), "Cancelled"),
        (item(1, TaskState.WRITTEN_OFF, failure=Failure("in_doubt", "")), "Given up"),
    ],
)
def test_a_state_is_said_in_words(one: Item, said: str) -> None:
    assert state_texts.state_text(one, now_s=102.0) == said


@pytest.mark.parametrize(
    ("size_bytes", "sides", "said"),
    [
        (25 * 2**20, (100, 100), "Refused: larger than 20 MB"),
        (100, (10_000, 100), "Refused: larger than 9216 pixels a side"),
        (100, (100, 60), "Refused: smaller than 64 pixels a side"),
    ],
)
def test_a_refusal_names_the_limit(size_bytes: int, sides: tuple[int, int], said: str) -> None:
    # The real errors: their words must keep the form in which the limit is found.
    with pytest.raises(InputError) as refused:
        check(size_bytes, PictureHeader("jpg", *sides))
    one = item(1, TaskState.FAILED, failure=Failure.of(refused.value))
    assert state_texts.state_text(one, 0) == said


def check(size_bytes: int, header: PictureHeader) -> None:
    check_size_bytes(size_bytes, PictureLimits())
    check_header(header, PictureLimits())


def test_a_limit_with_a_part_of_a_megabyte_is_named_in_full() -> None:
    with pytest.raises(InputError) as refused:
        check_size_bytes(9 * 2**20, PictureLimits(max_image_bytes=5 * 2**19))
    assert state_texts.refusal_text(Failure.of(refused.value)) == "Refused: larger than 2.5 MB"


def test_a_small_room_gets_the_place_in_the_queue_without_the_time() -> None:
    queued = item(
        1,
        TaskState.ACCEPTED,
        phase=Phase.QUEUED,
        queue_position=2,
        expected_s=40.0,
        reported_at_s=100,
    )
    assert state_texts.state_text(queued, 100) == "2nd in the queue, about 40 s left"
    assert state_texts.state_text(queued, 100, brief=True) == "2nd in the queue"


def test_a_small_room_gets_how_far_a_task_is_and_what_is_left() -> None:
    running = enhancing(expected_s=30, percent=40)
    assert state_texts.state_text(running, 100, brief=True) == "40 %, about 30 s left"
    assert state_texts.state_text(enhancing(), 100, brief=True) == "Enhancing, about 8 s left"
    at_first = enhancing(expected_s=None, percent=2)
    assert state_texts.state_text(at_first, 100, brief=True) == "Enhancing, 2 %"


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
     (21, "21st"), (112, "112th"), (1003, "1003rd")],
)  # fmt: skip
def test_ordinals(number: int, said: str) -> None:
    assert state_texts.ordinal(number) == said


@pytest.mark.parametrize(
    ("left_s", "said"),
    [(0.4, "nearly done"), (8.4, "about 8 s left"), (43, "about 45 s left"),
     (100, "about 2 min left"), (3600 * 3, "about 3 h left")],
)  # fmt: skip
def test_a_rest_of_time_is_as_rough_as_it_is_known(left_s: float, said: str) -> None:
    assert state_texts.time_left(left_s) == said


def test_a_verb_tells_for_how_many_it_is() -> None:
    assert TaskAction.RETRY.label(3, 5) == "Retry 3"
    assert TaskAction.RETRY.label(1, 1) == "Retry"
    assert TaskAction.SAVE_AS.label(1200, 1200) == "Save 1,200 copies…"
    assert TaskAction.SAVE_AS.label(1, 3) == "Save 1 copy…"
    assert TaskAction.MOVE_FIRST.label(1, 3) == "Send 1 first"


@pytest.mark.parametrize("code", ["", "de", "es", "ja", "zh_CN"])
def test_each_verb_with_a_number_has_it_once_in_every_language(code: str) -> None:
    set_language(translation(code) if code else None)
    try:
        for action in TaskAction:
            for count in (1, 2, 5, 1200):
                label = action.label(count, 0)
                assert label.count(number(count)) == (action.value.counted is not None)
                assert label.endswith("…") == action.label(1, 1).endswith("…")
                assert "{" not in label
    finally:
        set_language(None)


def test_the_results_of_one_picture_are_enhanced_again_as_one() -> None:
    again = TaskAction.ENHANCE_AGAIN
    stack = [saved(each, input="https://example.org/cat.jpg") for each in (1, 2, 3)]
    assert again.label(1, again.countable(stack)) == "Enhance again…"
    others = [*stack, saved(4, input="https://example.org/dog.jpg")]
    assert again.label(2, again.countable(others)) == "Enhance 2 again…"
    assert again.label(1, again.countable([stack[0], failed(5)])) == "Enhance 1 again…"
    assert TaskAction.REMOVE.countable(stack) == 3


def test_before_something_is_deleted_it_is_said_where_and_that_nobodys_files_go() -> None:
    here = texts.delete_question([LOCAL_SERVICE_NAME], unsaved=False)
    assert here == (
        "Delete the working copies that the service of this computer has of this picture? "
        "Your original stays, and so does what is saved."
    )
    both = texts.delete_question(["Studio", LOCAL_SERVICE_NAME, "Studio"], unsaved=True)
    assert both.startswith("Delete 3 tasks on Studio, This computer? ")
    assert "your originals stay" in both
    assert both.endswith("What was not saved here can never be fetched again.")


def test_the_service_of_this_computer_goes_without_saying() -> None:
    assert texts.service_text(task()) == "Studio"
    assert texts.service_text(task(service=LOCAL_SERVICE_NAME)) == ""


def test_pictures_of_one_name_are_told_apart() -> None:
    one = Item(task(1, input="/cards/A/IMG_0001.jpg", type_name="Enhance"))
    assert texts.origin_text(one) == "Enhance · Studio · A"
    address = Item(task(1, input="https://example.org/a/IMG_0001.jpg", type_name="Enhance"))
    assert texts.origin_text(address) == "Enhance · Studio"


def test_a_screen_reader_says_name_state_and_type() -> None:
    assert (
        texts.spoken(saved(7), 0) == "picture 7.jpg, Saved, Enhance, Studio, in folder “pictures”"
    )


def test_a_failure_is_told_with_what_to_do_next() -> None:
    happened, _meaning, next_step = texts.reason(failed())
    assert "it has 23 MB" in happened
    assert next_step == EXPLANATIONS["picture_too_large"].next_step
    assert texts.reason(saved()) == ()


def test_what_can_be_done_stands_beside_what_failed_and_nothing_beside_the_rest() -> None:
    assert texts.hint_text(failed()) == EXPLANATIONS["picture_too_large"].next_step
    assert texts.hint_text(in_doubt()) == EXPLANATIONS["in_doubt"].next_step
    assert texts.hint_text(saved()) == texts.hint_text(item(1, TaskState.FAILED)) == ""


def test_where_no_picture_is_the_title_is_not_said_twice() -> None:
    reported = texts.no_picture_text(failed())
    assert reported.title == "The picture is too large for the service"
    assert reported.sentence.startswith("It has 23 MB. Nothing was sent")
    assert texts.no_picture_text(item(1, TaskState.FAILED)).sentence != ""


def test_every_group_and_order_has_its_words() -> None:
    assert set(texts.GROUP_NAMES) == set(texts.EMPTY_TEXTS) == set(Group)
    assert set(texts.SORT_NAMES) == set(Sort)


def test_no_word_shouts() -> None:
    said = [each.value.text + each.value.tip for each in TaskAction]
    said += [text.title + text.sentence for text in texts.EMPTY_TEXTS.values()]
    assert said
    assert not any("!" in each for each in said)


def test_what_the_service_says_of_a_result_is_shown_quietly_and_as_it_is() -> None:
    record = json.dumps({"errorcode": 0, "errormsg": "no face was <b>found</b>"}).encode()
    said = "No face was <b>found</b>"
    one = saved(record=record)
    assert texts.hint_text(one) == said
    assert texts.reason(one) == (said,)
    assert state_texts.state_text(one, 0) == "Saved"
    assert texts.reason(saved()) == ()


def test_what_the_service_of_this_computer_says_is_said_in_the_user_s_language() -> None:
    record = json.dumps({"errormsg": "nothing to repair was found: not a pixel is changed"})
    set_language(translation("de"))
    try:
        assert texts.note_text(saved(record=record.encode()).task).startswith("Es war nichts")
    finally:
        set_language(None)


def test_what_acts_on_one_of_many_counts_none() -> None:
    for action in (TaskAction.SHOW_IN_FOLDER, TaskAction.OPEN, TaskAction.WHAT_HAPPENED):
        assert action.label(208, 208) == action.label(1, 1)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (item(1, TaskState.FAILED, failure=TOO_LARGE), "Larger than 20 MB"),
        (item(1, suspended=True), "Paused"),
    ],
)
def test_where_there_is_little_room_the_words_are_few(shown: Item, text: str) -> None:
    assert state_texts.state_text(shown, 100.0, brief=True) == text
    assert len(state_texts.state_text(shown, 100.0)) > len(text)
