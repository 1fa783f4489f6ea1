"""The log as JSON: each line an object, with the task and without what is secret."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.command_line.console.json_log import JsonLines
from enhance_gui.core.secret import Secret
from tests.service.serving import UPSCALE
from tests.service.test_service_process import POSIX_ONLY, child
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes

TOKEN = "a token of the log's tests"


def formatted(message: str, *arguments: object, **more: Any) -> dict[str, Any]:
    record = logging.LogRecord("a.logger", logging.WARNING, __file__, 1, message, arguments, None)
    vars(record).update(more)
    line = JsonLines().format(record)
    assert "\n" not in line
    fields: dict[str, Any] = json.loads(line)
    return fields


def test_a_record_is_an_object_on_one_line() -> None:
    line = formatted("%d pictures\nof “é”", 3, created=1.5)
    assert line == {
        "time": "1970-01-01T00:00:01.500Z",
        "level": "warning",
        "logger": "a.logger",
        "message": "3 pictures\nof “é”",
    }


def test_what_is_known_beside_the_message_is_written_and_nothing_else() -> None:
    line = formatted("done", task="an id", type=2, took_s=0.5, code=0, token="x", host="y")
    assert {"task": "an id", "type": 2, "took_s": 0.5, "code": 0}.items() <= line.items()
    assert "token" not in line
    assert "host" not in line


def test_an_error_has_its_trace_in_the_same_line() -> None:
    with pytest.raises(ValueError, match="of a test") as raised:
        int("of a test")
    error = raised.value
    line = formatted("failed", exc_info=(type(error), error, error.__traceback__))
    assert "ValueError: invalid literal" in line["trace"]


def test_neither_a_token_nor_an_addresss_query_is_written() -> None:
    Secret(TOKEN)
    signed = "https://example.org/a.png?signature=secret"
    line = formatted("%s %s", TOKEN, signed, task=TOKEN, outcome=signed)
    assert "secret" not in json.dumps(line)
    assert TOKEN not in json.dumps(line)
    assert "https://example.org/a.png" in line["message"]


@POSIX_ONLY
def test_a_service_tells_as_json_what_it_did_from_its_start_to_its_end(tmp_path: Path) -> None:
    options = ("--log-format", "json", "--host", "0.0.0.0")  # noqa: S104
    with child(tmp_path, *options, token=TOKEN) as service:
        signed = "http://127.0.0.1:9/a.png?signature=secret"
        picture = service.upload(picture_bytes())
        task_id = service.call("createtask", picurl=picture, type=UPSCALE)["taskid"]
        service.ended(task_id)
        with pytest.raises(AssertionError, match="1001002"):
            service.call("createtask", picurl=signed, type=UPSCALE)
        service.call("deletetask", taskid=task_id)
        service.process.terminate()
        assert service.process.wait(HUNG_S) == 0
        assert service.process.stderr is not None
        text = service.process.stderr.read()
    lines = [json.loads(line) for line in text.splitlines()]
    for secret in (TOKEN, "signature", "secret", picture, str(tmp_path)):
        assert secret not in text
    assert any(line["level"] == "warning" and "plain HTTP" in line["message"] for line in lines)
    of_task = [line for line in lines if line.get("task") == task_id]
    assert [line["message"].split()[2] for line in of_task] == ["was", "finished", "was"]
    assert of_task[1]["outcome"] == "finished"
    assert of_task[1]["type"] == UPSCALE
    calls = [(line["call"], line["code"]) for line in lines if "call" in line]
    assert calls == [("upload", 0), ("createtask", 0), ("createtask", 1001002), ("deletetask", 0)]
    assert lines[-1]["message"] == "the service has ended"
