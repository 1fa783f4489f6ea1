"""Choices survive a file, and a broken file never keeps the program from starting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.images.carried.carrying import KeptMetadata
from enhance_gui.core.settings.network import NetworkSettings, ProxyMode
from enhance_gui.core.settings.preferences import Preferences, Theme, preferences_from_mapping
from enhance_gui.core.settings.saving import Grouping, Place, ResultFormat, SidecarPlace
from enhance_gui.core.settings.window_state import WindowState
from enhance_gui.storage.settings.preferences_file import read_preferences, write_preferences
from enhance_gui.storage.settings.window_state import (
    read_window_state,
    write_window_state,
)

CHOSEN = Preferences(
    service="Studio",
    types={"Studio": 4},
    start_at_once=(),
    save_folder="/pictures",
    auto_save=False,
    recent_folders=("/a", "/b"),
    place=Place.SUBFOLDER,
    grouping=Grouping.BATCH,
    result_format=ResultFormat.AVIF,
    quality=80,
    sidecars=SidecarPlace.HIDDEN,
    name_template="{date} {name}",
    metadata=KeptMetadata.WITHOUT_LOCATION,
    parallel_tasks=3,
    theme=Theme.DARK,
    notify=False,
    welcomed=True,
    network=NetworkSettings(ProxyMode.OWN, "http://proxy.test:3128", proxy_wants_login=True),
    day_limits={"Studio": 2.5},
    batch_limit=0.0,
    check_for_updates=False,
    language="pt-BR",
)


def test_every_choice_survives_a_file(tmp_path: Path) -> None:
    file = tmp_path / "config" / "preferences.json"
    write_preferences(file, CHOSEN)
    assert read_preferences(file) == CHOSEN
    assert [path.name for path in file.parent.iterdir()] == ["preferences.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"theme": 7}', "\x00", "[" * 5000])
def test_a_broken_file_is_as_if_there_were_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "preferences.json"
    file.write_text(text)
    assert read_preferences(file) == Preferences()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("theme", []),
        ("metadata", "some"),
        ("metadata", []),
        ("parallel_tasks", 999),
        ("parallel_tasks", True),
        ("name_template", "{type}"),
        ("name_template", "../{name}"),
        ("notify", "yes"),
        ("result_format", "gif"),
        ("result_format", []),
        ("quality", 0),
        ("quality", True),
        ("quality", "95"),
        ("place", "/"),
        ("grouping", 1),
        ("sidecars", False),
        ("recent_folders", "/a"),
        ("types", ["a"]),
        ("start_at_once", "all"),
        ("service", 4),
        ("language", "../de"),
        ("language", ""),
        ("language", 7),
        ("batch_limit", -1),
        ("batch_limit", True),
        ("batch_limit", float("nan")),
        ("check_for_updates", "yes"),
        ("network", {"proxy_wants_login": "yes"}),
    ],
)
def test_an_impossible_choice_is_as_if_it_had_not_been_made(name: str, value: Any) -> None:
    assert preferences_from_mapping({name: value, "welcomed": True}) == Preferences(welcomed=True)


def test_a_limit_a_day_is_set_changed_and_taken_away() -> None:
    limited = Preferences(day_limits={"Cloud": 1.0}).with_day_limit("Studio", 3)
    assert limited.day_limits == {"Cloud": 1.0, "Studio": 3}
    assert limited.with_day_limit("Studio", 5).day_limits["Studio"] == 5
    assert limited.with_day_limit("Studio", None).day_limits == {"Cloud": 1.0}


def test_the_windows_place_survives_a_file_and_its_loss(tmp_path: Path) -> None:
    file = tmp_path / "state" / "window.json"
    state = WindowState(b"\x00\xffgeometry", "grid", 7, "/pictures/holiday", True, ("a1", "b2"), 4)
    write_window_state(file, state)
    assert read_window_state(file) == state
    file.write_text(json.dumps({"geometry": "no base64 !", "starts": "many"}))
    assert read_window_state(file) == WindowState()


def test_the_save_folder_before_is_among_the_recent_ones_once() -> None:
    chosen = Preferences()
    for folder in ("/a", "/b", "/a", "/c"):
        chosen = chosen.with_save_folder(folder)
    assert chosen.save_folder == "/c"
    assert chosen.recent_folders == ("/a", "/b")
    for number in range(20):
        chosen = chosen.with_save_folder(f"/{number}")
    assert len(chosen.recent_folders) == 8
    assert chosen.recent_folders[0] == "/18"
