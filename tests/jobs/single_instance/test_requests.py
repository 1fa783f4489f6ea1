"""What a later start asks for, as it goes from one program to the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.saving import Grouping, Place, ResultFormat, Saving
from enhance_gui.jobs.single_instance.requests import ResumeRequest

_STUDIO = ServiceProfile("Studio", "https://example.org")
_CALL = {"profile": None, **Saving().to_mapping()}


@pytest.mark.parametrize("profile", [None, _STUDIO])
@pytest.mark.parametrize(
    "saving",
    [
        Saving(),
        Saving(Path("results")),
        Saving(None, Place.BESIDE, result_format=ResultFormat.AVIF, quality=7),
        Saving(None, Place.SUBFOLDER, Grouping.DATE, ResultFormat.AS_GIVEN, None, (Path("/own"),)),
    ],
)
def test_a_call_for_stored_work_arrives_as_it_was_sent(
    profile: ServiceProfile | None, saving: Saving
) -> None:
    request = ResumeRequest(profile, saving)
    assert ResumeRequest.from_mapping(json.loads(json.dumps(request.to_mapping()))) == request


def test_the_call_that_others_are_made_of_is_one() -> None:
    assert ResumeRequest.from_mapping({"resume": _CALL}) == ResumeRequest(None)


def test_a_call_for_inputs_alone_is_none_for_stored_work() -> None:
    assert ResumeRequest.from_mapping({"inputs": ["a.jpg"]}) is None


@pytest.mark.parametrize(
    "wanted",
    [
        7,
        {},
        [],
        "all",
        {"profile": None},
        _CALL | {"profile": 7},
        _CALL | {"profile": {}},
        _CALL | {"profile": {"name": "Studio"}},
        _CALL | {"save_folder": 7},
        _CALL | {"result_format": "gif"},
        _CALL | {"place": "somewhere"},
        _CALL | {"quality": "best"},
        {key: value for key, value in _CALL.items() if key != "result_format"},
    ],
)
def test_what_is_no_call_for_stored_work_is_refused(wanted: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        ResumeRequest.from_mapping({"resume": wanted})
