"""``services`` lists what can be used, whatever else is in the folder."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
from contextlib import redirect_stderr, redirect_stdout

import pytest
from hypothesis import HealthCheck, given, settings

from enhance_gui.command_line.services import run
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, profile_from_mapping
from enhance_gui.jobs.services import nearby
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import list_profiles
from tests.storage.profiles.test_odd_profile_files import TEXTS, folder_with
from tests.support.neighbourhood import LOOPBACK, announced, announcing, neighbourhood_alone


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_every_service_that_can_be_used_is_written_as_it_is_read(text: str) -> None:
    folder = user_folders().profiles
    folder.mkdir(parents=True, exist_ok=True)
    folder_with(folder, text.encode("utf-8", "surrogatepass"))
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        assert run(argparse.Namespace(json=True, nearby=False)) == 0
    lines = out.getvalue().split("\n")[:-1]
    read = [profile_from_mapping(json.loads(line), "services") for line in lines]
    assert read == list_profiles(folder)[0]
    assert [each.name for each in read][:2] == [LOCAL_SERVICE_NAME, "Good"]


@pytest.mark.parametrize(
    ("as_json", "line"),
    [
        (False, "studio: http://127.0.0.1:8080"),
        (True, '{"name": "studio", "base_url": "http://127.0.0.1:8080"}'),
    ],
)
def test_servers_of_the_local_network_are_listed(
    monkeypatch: pytest.MonkeyPatch, as_json: bool, line: str
) -> None:
    monkeypatch.setattr(nearby, "own_interfaces", lambda: list(LOOPBACK))

    async def go() -> None:
        async with announcing(announced("studio")):
            wanted = argparse.Namespace(json=as_json, nearby=True)
            assert await asyncio.to_thread(run, wanted) == 0

    out = io.StringIO()
    with neighbourhood_alone(), redirect_stdout(out):
        asyncio.run(go())
    assert out.getvalue() == f"{line}\n"


def test_that_there_is_no_network_to_look_in_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "own_interfaces", list)
    out, said = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(said):
        assert run(argparse.Namespace(json=False, nearby=True)) == 2
    assert out.getvalue() == ""
    assert "no local network" in said.getvalue()
