"""What schemathesis has to know beside the service's document. It loads this module itself."""

from __future__ import annotations

from itertools import count
from random import choice
from typing import Any

import schemathesis

from tests.support.pictures import picture_bytes

QUICK_UPSCALE = 6
_NO_HOST = "http://127.0.0.1:9/a.png"
"""Refuses every connection at once: what is tested is the service, not the network."""
_LONGER_THAN_A_PIECE_BYTES = 10**6
_PICTURE = picture_bytes(width_px=64, height_px=64)
# What schemathesis knows no way to write.
schemathesis.serializer.alias(["application/partial-upload"], "application/octet-stream")

_numbers = count()
_uploads: list[str] = []
_tasks: list[str] = []


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Have every other body name something that is there, and no picture come from the network."""
    path = context.operation.path
    is_there = next(_numbers) % 2 == 0
    if path == "/upload":
        return _PICTURE if is_there else body
    if not isinstance(body, dict):
        return body
    if str(body.get("picurl", "")).strip().lower().startswith("http"):
        if is_there and _uploads and isinstance(body.get("type"), int):
            return {**body, "picurl": _uploads[-1], "type": QUICK_UPSCALE}
        return {**body, "picurl": _NO_HOST}
    if is_there and _tasks and isinstance(body.get("taskid"), str):
        wanted = {"type": QUICK_UPSCALE} if "type" in body else {}
        return {**body, "taskid": choice(_tasks), **wanted}
    return body


@schemathesis.hook
def before_call(_context: Any, case: Any, **_kwargs: Any) -> None:
    """Have a file be longer than its pieces, which a schema has no way to say."""
    headers = case.headers or {}
    offset, length = (str(headers.get(name, "")) for name in ("Upload-Offset", "Upload-Length"))
    if offset.isdecimal() and length.isdecimal():
        case.headers["Upload-Length"] = str(int(offset) + _LONGER_THAN_A_PIECE_BYTES)


@schemathesis.hook
def after_call(_context: Any, case: Any, response: Any) -> None:
    """Remember what there is."""
    if response.status_code != 200 or case.method != "POST":
        return
    data = response.json()["data"]
    if "picurl" in data:
        _uploads.append(data["picurl"])
    if "taskid" in data:
        _tasks.append(data["taskid"])


@schemathesis.check
def what_is_not_as_documented_is_refused(_context: Any, response: Any, case: Any) -> None:
    """A body that is not JSON, or no object, or without a field, makes and finds no task."""
    if not case.path.endswith("task") or case.method != "POST" or response.status_code != 200:
        return
    required = case.operation.definition.raw["requestBody"]["content"]["application/json"]
    names = case.operation.schema.raw_schema["components"]["schemas"][
        required["schema"]["$ref"].rpartition("/")[2]
    ]["required"]
    body = case.body
    if not isinstance(body, dict) or any(name not in body for name in names):
        assert response.json()["code"] != 0
