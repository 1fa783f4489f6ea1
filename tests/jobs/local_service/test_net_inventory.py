"""The report names the trained nets, whatever a driver does in the process that looks for them."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from enhance_gui.core.services.own_models import models_folder
from enhance_gui.jobs import own_program
from enhance_gui.jobs.local_service.net_inventory import NetsFound, look_for_models, look_for_nets
from tests.support.models.tiny import write_ncnn

WHOLE = {
    "there": ["one", "two"],
    "missing": [],
    "runtime": "1.0",
    "onnx_runtime": "1.28",
    "mnn": "3.6",
    "graphics": ["Some GPU"],
}
HUNG_S = 60.0
NOWHERE = Path("/nonexistent")


def test_the_service_of_this_checkout_answers(capfd: pytest.CaptureFixture[str]) -> None:
    found = asyncio.run(look_for_nets(HUNG_S, NOWHERE))
    assert "waifu2x-photo" in found.text
    assert "graphics processors it can use: " in found.text
    # Where there is no Vulkan, ncnn says so many times.
    assert capfd.readouterr().err == ""


def test_what_is_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, json.dumps(WHOLE))
    words = (
        "one, two there; ONNX Runtime 1.28; MNN 3.6; ncnn 1.0, "
        "graphics processors it can use: Some GPU"
    )
    assert asyncio.run(look_for_nets(HUNG_S, NOWHERE)) == NetsFound(words)


def test_what_is_missing_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, json.dumps({**WHOLE, "missing": ["three"], "graphics": []}))
    found = asyncio.run(look_for_nets(HUNG_S, NOWHERE))
    assert "three missing" in found.text
    assert found.text.endswith("it can use: none")
    assert "packaging/run.py" in found.next_step


@pytest.mark.long
def test_the_users_models_are_named_and_what_is_wrong_with_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = models_folder(tmp_path)
    folder.mkdir()
    write_ncnn(folder, "sharp", 4)
    (folder / "broken.onnx").write_bytes(b"no model")
    asyncio.run(look_for_models(tmp_path))
    _answer(monkeypatch, json.dumps(WHOLE))
    found = asyncio.run(look_for_nets(HUNG_S, tmp_path))
    assert "own models: " in found.text
    assert "broken cannot be used (" in found.text
    assert "sharp" in found.text
    assert "Own models" in found.next_step


def test_what_takes_the_place_of_onnx_runtime_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, json.dumps({**WHOLE, "onnx_runtime": ""}))
    found = asyncio.run(look_for_nets(HUNG_S, NOWHERE))
    assert "; OpenCV in place of ONNX Runtime; MNN" in found.text
    assert not found.next_step


def test_that_ncnn_takes_the_place_of_mnn_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, json.dumps({**WHOLE, "mnn": ""}))
    found = asyncio.run(look_for_nets(HUNG_S, NOWHERE))
    assert "; ncnn in place of MNN; ncnn" in found.text
    assert not found.next_step


def test_without_ncnn_the_report_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, json.dumps({**WHOLE, "runtime": ""}))
    found = asyncio.run(look_for_nets(HUNG_S, NOWHERE))
    assert found.text.endswith("ncnn, which the service needs, cannot be loaded")
    assert found.next_step


@pytest.mark.parametrize("code", ["import os; os.abort()", "print('noise')", "print('{}')"])
def test_one_that_breaks_down_is_told(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    _run_instead(monkeypatch, code)
    found = asyncio.run(look_for_nets(HUNG_S, NOWHERE))
    assert found.text == "the part that computes them does not answer"
    assert found.next_step


def test_one_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    _run_instead(monkeypatch, "import time; time.sleep(600)")
    found = asyncio.run(look_for_nets(0.2, NOWHERE))
    assert found.text == "the part that computes them does not answer"


def _answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    _run_instead(monkeypatch, f"import sys; print('noise', file=sys.stderr); print({text!r})")


def _run_instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(own_program, "own_program", lambda: [sys.executable, "-c", code])
