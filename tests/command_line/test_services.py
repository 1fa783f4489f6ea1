"""``services`` lists what can be used, whatever else is in the folder."""

from __future__ import annotations

import argparse
import io
import json
from contextlib import redirect_stderr, redirect_stdout

from hypothesis import HealthCheck, given, settings

from enhance_gui.command_line.services import run
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, profile_from_mapping
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import list_profiles
from tests.storage.profiles.test_odd_profile_files import TEXTS, folder_with


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_every_service_that_can_be_used_is_written_as_it_is_read(text: str) -> None:
    folder = user_folders().profiles
    folder.mkdir(parents=True, exist_ok=True)
    folder_with(folder, text.encode("utf-8", "surrogatepass"))
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        assert run(argparse.Namespace(json=True)) == 0
    lines = out.getvalue().split("\n")[:-1]
    read = [profile_from_mapping(json.loads(line), "services") for line in lines]
    assert read == list_profiles(folder)[0]
    assert [each.name for each in read][:2] == [LOCAL_SERVICE_NAME, "Good"]
