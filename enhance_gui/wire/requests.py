"""Reads and writes the requests of the three documented calls."""

from __future__ import annotations

from typing import Any

import msgspec

from enhance_gui.wire import reading


class RequestError(ValueError):
    """Raised when a request's body is not as documented. The text says what is wrong."""


class PicurlError(RequestError):
    """Raised when the address of the picture is missing, empty or no text."""


class CreateTaskRequest(msgspec.Struct, frozen=True):
    """``createtask``: make one task of one picture."""

    picurl: str
    """Address of the picture."""
    type: int
    """Enhance type."""
    chtaskid: str | None = None
    """The caller's private id."""


class GetTaskRequest(msgspec.Struct, frozen=True):
    """``gettask``: the record of a task."""

    taskid: str
    type: int


class DeleteTaskRequest(msgspec.Struct, frozen=True):
    """``deletetask``: forget a task."""

    taskid: str


Request = CreateTaskRequest | GetTaskRequest | DeleteTaskRequest

CALL_OF: dict[type, str] = {
    CreateTaskRequest: "createtask",
    GetTaskRequest: "gettask",
    DeleteTaskRequest: "deletetask",
}


def write_request(request: Request) -> bytes:
    """Write a request's JSON body."""
    return msgspec.json.encode(request)


def request_to_mapping(request: Request) -> dict[str, Any]:
    """Return a request's fields, those that are ``None`` included."""
    fields: dict[str, Any] = msgspec.to_builtins(request)
    return fields


def read_create_task(body: bytes) -> CreateTaskRequest:
    """
    :raises RequestError: not JSON, not an object, or a field missing or of a wrong type.
    :raises PicurlError: that field is ``picurl``.
    """
    fields = _object(body)
    try:
        picurl = _text(fields, "picurl")
    except RequestError as error:
        raise PicurlError(str(error)) from error
    private_id = fields.get("chtaskid")
    if private_id is not None and not isinstance(private_id, str | int):
        raise RequestError("chtaskid must be a text or null")
    return CreateTaskRequest(
        picurl,
        _number(fields, "type"),
        None if private_id is None else reading.text(private_id),
    )


def read_get_task(body: bytes) -> GetTaskRequest:
    """:raises RequestError: as :func:`read_create_task`."""
    fields = _object(body)
    return GetTaskRequest(_text(fields, "taskid"), _number(fields, "type"))


def read_delete_task(body: bytes) -> DeleteTaskRequest:
    """:raises RequestError: as :func:`read_create_task`."""
    return DeleteTaskRequest(_text(_object(body), "taskid"))


def _object(body: bytes) -> dict[str, Any]:
    try:
        fields = reading.decode_json(body)
    except reading.NotJsonError as error:
        raise RequestError(f"the body is not JSON: {reading.message(str(error))}") from error
    if not isinstance(fields, dict):
        raise RequestError("the body must be a JSON object")
    return fields


def _text(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value:
        raise RequestError(f"{key} must be a text that is not empty")
    if len(value) > reading.MAX_TEXT_CHARS:
        raise RequestError(f"{key} is longer than {reading.MAX_TEXT_CHARS} characters")
    return value


def _number(fields: dict[str, Any], key: str) -> int:
    number = reading.whole_number(fields.get(key))
    if number is None:
        raise RequestError(f"{key} must be a whole number")
    return number
