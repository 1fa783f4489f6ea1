"""The service's own description: it names what is there, and the service does what it says."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from enhance_gui import __version__
from enhance_gui.core.images.areas import FacePlace
from enhance_gui.core.resources import resource
from enhance_gui.service.http import gate
from enhance_gui.service.http.operators import DOCUMENT
from enhance_gui.service.tasks.calls import MAX_PRIVATE_ID_CHARS
from enhance_gui.service.tasks.refusals import OwnCode, http_status_of
from enhance_gui.service.tasks.status import Status
from enhance_gui.wire.codes import REASONS, Code
from enhance_gui.wire.reading import MAX_TEXT_CHARS
from enhance_gui.wire.records import FacePair, PictureInfo, TaskRecord, write_task_record
from tests.service.http.described_calls import (
    TOKEN,
    TOKENS_TRIED,
    call_as_described,
    calls_made,
    every_check,
)
from tests.service.serving import serving
from tests.service.test_service_process import child

DESCRIBED: dict[str, Any] = json.loads(resource(DOCUMENT).read_text(encoding="utf-8"))
SCHEMAS = DESCRIBED["components"]["schemas"]


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in DESCRIBED["paths"].items()
        for method, operation in methods.items()
    }


def texts(value: Any) -> str:
    return json.dumps(value)


def test_what_is_served_is_what_is_committed(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as asker:
            reply = await asker.http.get(gate.DOCUMENT_PATH)
            assert reply.headers["content-type"] == "application/json"
            assert reply.content == resource(DOCUMENT).read_bytes()

    asyncio.run(go())
    assert DESCRIBED["info"]["version"] == __version__


def test_every_address_and_method_is_described_and_no_other() -> None:
    reads = [*gate.READ_PATHS, *(f"/{folder}/{{name}}" for folder in gate.FILE_FOLDERS)]
    there = {("POST", path) for path in gate.TYPE_OF_CALL}
    there |= {(method, path) for method in gate.READ_METHODS for path in reads}
    there |= {(method, f"{gate.PIECE_PATH}{{sha256}}") for method in gate.PIECE_METHODS}
    assert set(operations()) == there


def test_the_calls_take_the_bodies_that_are_described() -> None:
    for path, media_type in gate.TYPE_OF_CALL.items():
        body = operations()["POST", path]["requestBody"]
        assert list(body["content"]) == [media_type.decode()]
    piece = operations()["PATCH", f"{gate.PIECE_PATH}{{sha256}}"]["requestBody"]
    assert list(piece["content"]) == [gate.PIECE_TYPE.decode()]


def test_who_needs_the_token_is_described() -> None:
    for (_, path), operation in operations().items():
        needs = operation.get("security", DESCRIBED["security"])
        is_open = path in gate.OPEN_PATHS or path.split("/")[1] in gate.FILE_FOLDERS
        assert bool(needs) != is_open, path
        assert ({"bearer": []} in needs) == (path == gate.METRICS_PATH)
        assert ("401" in operation["responses"]) != is_open


def test_every_code_is_described_with_its_status() -> None:
    responses = DESCRIBED["components"]["responses"]
    described = {
        code: name
        for name, response in responses.items()
        for code in response["content"]["application/json"]["schema"]["properties"]["code"]["enum"]
    }
    assert set(described) == set(OwnCode)
    used: set[int] = set()
    for operation in operations().values():
        for status, response in operation["responses"].items():
            if "$ref" in response:
                [code] = (
                    code for code, name in described.items() if response["$ref"].endswith(name)
                )
                assert http_status_of(code) == int(status)
                used.add(code)
    assert used == set(OwnCode)
    for code in set(Code) - {Code.SUCCESS}:
        assert str(int(code)) in texts(DESCRIBED["paths"])
    data = SCHEMAS["Refusal"]["properties"]["data"]["properties"]
    assert set(data["x_reason"]["enum"]) == REASONS


def test_a_record_has_the_fields_that_are_described() -> None:
    face = FacePair(PictureInfo(), PictureInfo(), "a name", FacePlace(1, 2, 3, 4))
    record = write_task_record(TaskRecord("a", faces=(face,), percent=1))
    pictures = set(SCHEMAS["Pictures"]["properties"])
    assert set(record) == pictures | set(SCHEMAS["Record"]["properties"]["data"]["properties"])
    assert set(record["facelist"][0]) == pictures | set(SCHEMAS["Face"]["properties"])
    assert set(record["facelist"][0]["x_place"]) == set(SCHEMAS["Place"]["properties"])


def test_the_bounds_that_are_described_hold() -> None:
    create = SCHEMAS["CreateTask"]["properties"]
    assert create["chtaskid"]["maxLength"] == MAX_PRIVATE_ID_CHARS
    assert create["picurl"]["maxLength"] == MAX_TEXT_CHARS
    assert SCHEMAS["Status"]["enum"] == [int(each) for each in Status]
    assert f"{gate.MAX_BODY_BYTES // 1024} KiB" in texts(DESCRIBED["components"]["responses"])


@pytest.mark.long
def test_hundreds_of_described_calls_are_answered_as_described(tmp_path: Path) -> None:
    with child(tmp_path / "data", token=TOKEN) as service:
        exit_code, report = call_as_described(
            service.first_line["base_url"], tmp_path, *every_check(max_examples=6)
        )
    assert exit_code == 0, report
    assert calls_made(report) >= 200


@pytest.mark.long
def test_nothing_described_is_answered_without_its_token(tmp_path: Path) -> None:
    with child(tmp_path / "data", token=TOKEN) as service:
        exit_code, report = call_as_described(
            service.first_line["base_url"], tmp_path, *TOKENS_TRIED
        )
    assert exit_code == 0, report
    assert calls_made(report) >= 100
