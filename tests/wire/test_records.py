"""Task records: every field may be odd, one bad face spoils none of the others."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.core.images.areas import FacePlace
from enhance_gui.core.services.profile import Phase
from enhance_gui.wire.envelope import read_envelope, write_envelope
from enhance_gui.wire.records import (
    MAX_FACES,
    CreatedTask,
    FacePair,
    PictureInfo,
    TaskRecord,
    read_created_task,
    read_task_record,
    write_task_record,
)
from tests.wire.strategies import records

FULL = TaskRecord(
    task_id="t-1",
    private_id="p-1",
    status=2,
    queue_position=3,
    error_code=0,
    error_message="",
    before=PictureInfo("https://a.test/i.jpg", 100, 80, 5000, "jpg"),
    after=PictureInfo("https://a.test/o.png", 200, 160, 9000, "png"),
    face_count=1,
    faces=(FacePair(PictureInfo("https://a.test/f.jpg"), PictureInfo("https://a.test/g.jpg")),),
)


def test_a_full_record_is_read_as_it_was_written() -> None:
    body = write_envelope(write_task_record(FULL))
    assert read_task_record(read_envelope(body).data) == FULL


@pytest.mark.parametrize(
    ("sent", "percent"),
    [
        (0, 0),
        (37, 37),
        ("37", 37),
        (99.9, 99),
        (100, 100),
        (100.5, 100),
        (101, None),
        (-1, None),
        (-0.5, None),
        (10**400, None),
        (math.nan, None),
        (math.inf, None),
        (True, None),
        ("half", None),
        (None, None),
        ([50], None),
    ],
)
def test_how_far_a_task_is_is_told_in_hundredths_or_not_at_all(
    sent: Any, percent: int | None
) -> None:
    record = read_task_record({"taskid": "t", "x_progress": sent})
    assert record.percent == percent
    assert write_task_record(record).get("x_progress") == percent


def test_an_empty_record_tells_nothing() -> None:
    assert read_task_record({}) == TaskRecord("")


def test_numbers_may_be_texts_and_texts_numbers() -> None:
    record = read_task_record(
        {"taskid": 17, "status": "2", "outpathwidth": "200", "outpathext": ".PNG", "facenum": 2.0}
    )
    assert record.task_id == "17"
    assert record.status == 2
    assert record.after.width_px == 200
    assert record.after.extension == "png"
    assert record.face_count == 2


def test_negative_counts_mean_not_told() -> None:
    record = read_task_record({"queuenum": -4, "inpathwidth": -1, "facenum": -1})
    assert (record.queue_position, record.before.width_px, record.face_count) == (0, 0, 0)


def test_one_bad_face_spoils_none_of_the_others() -> None:
    good = {"outputurl": "https://a.test/1.png", "outpathwidth": "x"}
    record = read_task_record({"facelist": [None, good, 7, {}, "x", [], good]})
    assert [face.after.url for face in record.faces] == ["https://a.test/1.png"] * 2
    assert read_task_record({"facelist": good}).faces == ()


def test_a_face_list_without_end_is_cut() -> None:
    faces = [{"outputurl": "https://a.test/1.png"}] * (MAX_FACES + 5)
    assert len(read_task_record({"facelist": faces}).faces) == MAX_FACES


@pytest.mark.parametrize(
    ("fields", "phase"),
    [
        ({"errorcode": 5, "outputurl": "https://a.test/o.png"}, Phase.FAILED),
        ({"outputurl": "https://a.test/o.png", "queuenum": 3}, Phase.FINISHED),
        ({"facelist": [{"outputurl": "https://a.test/f.png"}]}, Phase.FINISHED),
        ({"facelist": [{"inputurl": "https://a.test/f.png"}]}, Phase.PROCESSING),
        ({"queuenum": 3}, Phase.QUEUED),
        ({"queuenum": 0}, Phase.PROCESSING),
        ({"status": 99}, Phase.PROCESSING),
        ({"status": 4, "outputurl": "https://a.test/o.png"}, Phase.QUEUED),
        ({"status": "4", "errorcode": 5}, Phase.QUEUED),
    ],
)
def test_the_phase_follows_the_profile_s_table_then_the_record(
    fields: dict[str, Any], phase: Phase
) -> None:
    assert read_task_record(fields).phase({4: Phase.QUEUED}) is phase


@pytest.mark.parametrize(
    ("data", "task"),
    [
        ({"taskid": "t"}, CreatedTask("t")),
        ({"taskid": 12, "status": "1", "queuenum": "4"}, CreatedTask("12", 4)),
        ({"taskid": "t", "queuenum": -2}, CreatedTask("t")),
        ({"taskid": ""}, None),
        ({"taskid": None}, None),
        ({"taskid": False}, None),
        ({"taskid": ["t"]}, None),
        ({}, None),
    ],
)
def test_createtask_answers_with_a_task_or_none(
    data: dict[str, Any], task: CreatedTask | None
) -> None:
    assert read_created_task(data) == task


@given(records)
def test_no_record_breaks_the_reader(fields: dict[str, Any]) -> None:
    record = read_task_record(fields)
    assert record.phase({}) in Phase
    assert record.queue_position >= 0
    assert record.percent is None or 0 <= record.percent <= 100
    again = read_task_record(read_envelope(write_envelope(write_task_record(record))).data)
    assert again.faces == record.faces
    assert again.after == record.after
    read_created_task(fields)


@given(records, st.text(min_size=1, max_size=10))
def test_unknown_fields_are_tolerated(fields: dict[str, Any], name: str) -> None:
    more = {**fields, f"new-{name}": {"deep": [1, {"er": None}]}}
    assert read_task_record(json.loads(json.dumps(more))) == read_task_record(
        json.loads(json.dumps(fields))
    )


def test_an_entry_whose_result_is_named_as_empty_keeps_its_place() -> None:
    good = {"outputurl": "https://a.test/1.png"}
    record = read_task_record({"facelist": [good, {"outputurl": ""}, {"outputurl": None}, good]})
    assert [bool(face.after.url) for face in record.faces] == [True, False, False, True]
    # As before, it does not keep a task of variants from being finished.
    assert record.has_all_variants


def test_the_name_of_a_variant_stands_beside_the_documented_fields() -> None:
    named = FacePair(PictureInfo(), PictureInfo("https://example.org/1.png"), "sepia")
    plain = FacePair(PictureInfo(), PictureInfo("https://example.org/2.png"))
    written = write_task_record(TaskRecord("1", faces=(named, plain)))
    assert [entry.get("x_name") for entry in written["facelist"]] == ["sepia", None]
    assert "x_name" not in written["facelist"][1]
    assert read_task_record(written).faces == (named, plain)


def test_where_a_face_is_stands_beside_the_documented_fields() -> None:
    after = PictureInfo("https://example.org/1.png")
    turned = FacePair(PictureInfo(), after, place=FacePlace(10, 20, 30, 40, -3.25))
    plain = FacePair(PictureInfo(), after)
    written = write_task_record(TaskRecord("1", faces=(turned, plain)))
    reported = written["facelist"][0]["x_place"]
    assert (
        reported.items() >= {"left_px": 10, "top_px": 20, "width_px": 30, "height_px": 40}.items()
    )
    assert "x_place" not in written["facelist"][1]
    assert read_task_record(written).faces == (turned, plain)


@pytest.mark.parametrize(
    "reported", [None, "here", [1, 2, 3, 4], {"left_px": 1}, {"left_px": "x"}, 7]
)
def test_a_place_told_in_another_form_is_none(reported: Any) -> None:
    entry = {"outputurl": "https://example.org/1.png", "x_place": reported}
    (face,) = read_task_record({"facelist": [entry]}).faces
    assert face.place is None


def test_a_finished_record_with_a_message_has_not_failed() -> None:
    fields = {"taskid": "1", "outputurl": "https://example.org/1.png", "errormsg": "no face"}
    for code in (0, None, "0"):
        assert read_task_record({**fields, "errorcode": code}).phase({}) is Phase.FINISHED
