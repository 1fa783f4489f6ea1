"""How long a slow type takes is said before it begins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from enhance_gui.command_line.enhance.notices import time_notice
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.settings.saving import Saving
from enhance_gui.jobs.single_instance.requests import EnhanceRequest
from enhance_gui.storage.profiles.profile_files import local_profile
from tests.support.pictures import picture_bytes


def notice_of(folder: Path, speeds: dict[str, float], inputs: tuple[str, ...]) -> str | None:
    (folder / "speeds.json").write_text(json.dumps(speeds))
    profile = local_profile()
    assert profile.name == LOCAL_SERVICE_NAME
    kind = EnhanceType(2, "Upscale ×2")
    return time_notice(EnhanceRequest(inputs, profile, kind, Saving(folder), folder), folder)


@pytest.mark.parametrize(
    ("speed_s", "words"), [(100.0, "50 s"), (1000.0, "8 min"), (20_000.0, "3 h")]
)
def test_the_files_are_counted_together(tmp_path: Path, speed_s: float, words: str) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(picture_bytes("png", 500, 500))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    inputs = ("a.png", "b.png", "broken.png", "gone.png", "https://example.org/c.png")
    assert notice_of(tmp_path, {"2": speed_s}, inputs) == (
        f"“Upscale ×2” takes about {words} for the 2 pictures on this computer"
    )


def test_what_takes_seconds_or_is_not_known_is_not_spoken_of(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture_bytes("png", 500, 500))
    assert notice_of(tmp_path, {"2": 1.0}, ("a.png",)) is None
    assert notice_of(tmp_path, {}, ("a.png",)) is None
