"""Requests: written as documented, read strictly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance_gui.wire.requests import (
    CALL_OF,
    CreateTaskRequest,
    DeleteTaskRequest,
    GetTaskRequest,
    RequestError,
    read_create_task,
    read_delete_task,
    read_get_task,
    request_to_mapping,
    write_request,
)
from tests.wire.strategies import values

READERS = [read_create_task, read_get_task, read_delete_task]


def test_requests_are_written_with_the_documented_names() -> None:
    assert json.loads(write_request(CreateTaskRequest("https://a.test/i.jpg", 1, "p"))) == {
        "picurl": "https://a.test/i.jpg",
        "type": 1,
        "chtaskid": "p",
    }
    assert json.loads(write_request(GetTaskRequest("t", 2))) == {"taskid": "t", "type": 2}
    assert json.loads(write_request(DeleteTaskRequest("t"))) == {"taskid": "t"}
    assert request_to_mapping(CreateTaskRequest("u", 1)) == {
        "picurl": "u",
        "type": 1,
        "chtaskid": None,
    }
    assert set(CALL_OF.values()) == {"createtask", "gettask", "deletetask"}


@given(st.text(min_size=1, max_size=50), st.integers(-(2**31), 2**31), st.text(max_size=20))
def test_what_is_written_is_read_again(text: str, number: int, private_id: str) -> None:
    create = CreateTaskRequest(text, number, private_id)
    assert read_create_task(write_request(create)) == create
    get = GetTaskRequest(text, number)
    assert read_get_task(write_request(get)) == get
    delete = DeleteTaskRequest(text)
    assert read_delete_task(write_request(delete)) == delete


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "picurl"),
        ({"picurl": 5, "type": 1}, "picurl"),
        ({"picurl": "", "type": 1}, "picurl"),
        ({"picurl": "u" * 9000, "type": 1}, "picurl"),
        ({"picurl": "u"}, "type"),
        ({"picurl": "u", "type": "one"}, "type"),
        ({"picurl": "u", "type": 1, "chtaskid": []}, "chtaskid"),
    ],
)
def test_a_createtask_that_is_not_as_documented_is_refused(
    fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(RequestError, match=words):
        read_create_task(json.dumps(fields).encode())


@given(st.binary(max_size=100))
def test_no_bytes_break_a_request_s_reader(body: bytes) -> None:
    for read in READERS:
        _reads_or_refuses(read, body)


@given(st.dictionaries(st.sampled_from(["picurl", "type", "chtaskid", "taskid"]), values))
def test_no_json_breaks_a_request_s_reader(fields: dict[str, Any]) -> None:
    for read in READERS:
        _reads_or_refuses(read, json.dumps(fields).encode())


def _reads_or_refuses(read: Any, body: bytes) -> None:
    try:
        read(body)
    except RequestError as error:
        assert str(error)  # noqa: PT017  either outcome is right, a third is not
