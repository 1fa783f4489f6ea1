"""Fields under the names of a deployment are read as the documented ones, whatever comes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.wire.envelope import read_envelope
from enhance_gui.wire.naming import as_documented, as_service_names
from enhance_gui.wire.records import read_task_record
from tests.wire.strategies import values

NAMES = {
    "code": "errno",
    "msg": "message",
    "data": "result",
    "taskid": "id",
    "status": "state",
    "facelist": "images",
    "outputurl": "url",
}


def test_a_whole_record_is_read_under_other_names() -> None:
    body = {
        "errno": "0",
        "message": "fine",
        "result": {
            "id": "t-1",
            "state": 2,
            "queuenum": 4,
            "url": "https://e.example/r.png",
            "images": [{"url": "https://e.example/1.png", "outpathwidth": 5}, 7],
        },
    }
    envelope = read_envelope(json.dumps(body).encode(), NAMES)
    assert (envelope.code, envelope.message) == (0, "fine")
    record = read_task_record(envelope.data)
    assert (record.task_id, record.status, record.queue_position) == ("t-1", 2, 4)
    assert record.after.url == "https://e.example/r.png"
    assert [(each.after.url, each.after.width_px) for each in record.faces] == [
        ("https://e.example/1.png", 5)
    ]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"status": 1}, {"status": 1}),
        ({"state": 2}, {"status": 2}),
        ({"state": 2, "status": "ok"}, {"status": 2}),
        ({"state": None, "other": 5}, {"status": None, "other": 5}),
    ],
)
def test_a_field_that_has_its_documented_name_after_all_is_read_too(
    fields: dict[str, object], found: dict[str, object]
) -> None:
    assert as_documented(fields, {"status": "state"}) == found


def test_two_names_may_be_swapped() -> None:
    swapped = {"status": "queuenum", "queuenum": "status"}
    assert as_documented({"status": 4, "queuenum": 1}, swapped) == {"status": 1, "queuenum": 4}
    assert as_documented({"status": 4}, swapped) == {"queuenum": 4}
    assert as_service_names({"status": 1, "queuenum": 4}, swapped) == {"queuenum": 1, "status": 4}


@pytest.mark.parametrize(
    ("names", "reply"),
    [
        ({"code": "status"}, {"status": 0, "data": {"taskid": "t", "status": 2}}),
        ({"status": "code"}, {"code": 0, "data": {"taskid": "t", "code": 2}}),
        (
            {"status": "code", "code": "status"},
            {"status": 0, "data": {"taskid": "t", "code": 2}},
        ),
        (
            {"data": "result", "outputurl": "result"},
            {"code": 0, "result": {"taskid": "t", "status": 2, "result": "https://e.example/r"}},
        ),
        ({"errorcode": "code"}, {"code": 0, "data": {"taskid": "t", "status": 2, "code": 0}}),
    ],
)
def test_a_name_may_mean_one_thing_in_the_envelope_and_another_in_the_record(
    names: dict[str, str], reply: dict[str, object]
) -> None:
    envelope = read_envelope(json.dumps(reply).encode(), names)
    assert envelope.code == 0
    record = read_task_record(envelope.data)
    assert (record.task_id, record.status) == ("t", 2)


@given(values)
def test_no_reply_breaks_the_translation(value: object) -> None:
    fields = {"errno": 0, "result": value, "images": value}
    read_task_record(as_documented(fields, NAMES))


@given(st.dictionaries(st.sampled_from(["code", "taskid", "errno", "id", "x"]), st.integers()))
def test_without_other_names_nothing_changes(fields: dict[str, int]) -> None:
    assert as_documented(fields, {}) == as_service_names(fields, {}) == fields
