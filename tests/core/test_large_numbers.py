"""A number of any length, wherever one is read, is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from enhance_gui.command_line.main import build_parser
from enhance_gui.core.errors import ENHANCE_TYPE_UNKNOWN, UsageError
from enhance_gui.core.services.enhance_types import LARGEST_TYPE_ID, EnhanceType, find_enhance_type
from enhance_gui.core.settings.preferences import preferences_from_mapping
from enhance_gui.storage.settings.json_files import read_mapping, write_mapping
from enhance_gui.storage.settings.window_state import read_window_state, write_window_state

LONG = "9" * 5000


@pytest.mark.parametrize("number", [LONG, str(LARGEST_TYPE_ID + 1), "٣" * 5000])
@pytest.mark.parametrize("types", [(), (EnhanceType(1, "Enhance"),)])
def test_a_type_that_no_service_can_have_is_unknown(
    number: str, types: tuple[EnhanceType, ...]
) -> None:
    with pytest.raises(UsageError) as refused:
        find_enhance_type(types, number)
    assert refused.value.kind == ENHANCE_TYPE_UNKNOWN
    assert len(refused.value.detail) < 200


def test_a_type_is_found_by_its_number_however_it_is_written() -> None:
    types = (EnhanceType(LARGEST_TYPE_ID, "Enhance"),)
    assert find_enhance_type(types, f" 0{LARGEST_TYPE_ID} ") is types[0]
    assert find_enhance_type((), "0" * 5000 + "3").id == 3


@pytest.mark.parametrize("option", ["--port", "--workers", "--keep-days"])
@pytest.mark.parametrize("number", [LONG, "-1", "²", "٣" * 5000])
def test_a_service_is_started_with_numbers_within_reason(
    option: str, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(["serve", option, number])
    assert ended.value.code == 2
    assert "a number from" in capsys.readouterr().err.splitlines()[-1] or number == "-1"


def test_a_remembered_number_beyond_reason_is_none(tmp_path: Path) -> None:
    file = tmp_path / "window.json"
    file.write_text(json.dumps({"starts": int("9" * 4300), "geometry": "é"}))
    state = read_window_state(file)
    assert (state.starts, state.geometry) == (0, b"")
    write_window_state(file, state._replace(starts=1))
    assert read_window_state(file).starts == 1
    assert preferences_from_mapping({"types": {"Studio": 10**400}}).types == {}


def test_a_file_of_the_program_keeps_names_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "lists.json"
    file.write_text(json.dumps({"/\udcff": 1, "ü": 2}))
    kept = read_mapping(file)
    write_mapping(file, kept)
    assert read_mapping(file) == kept == {"/\udcff": 1, "ü": 2}
    assert "ü" in file.read_text("utf-8")


@pytest.mark.parametrize("text", ["\ud800", "/pictures\0"])
def test_a_choice_that_is_no_text_is_none(text: str) -> None:
    chosen = preferences_from_mapping({"save_folder": text, "start_at_once": ["Studio", text]})
    assert chosen.save_folder == ""
    assert chosen.start_at_once == ("Studio",)
