"""The shipped profile of the local service says what the service does."""

from __future__ import annotations

from pathlib import Path

from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, Phase, parse_profile
from enhance_gui.service.engine import ENHANCE_TYPES
from enhance_gui.service.http.gate import UPLOAD_PATH
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.tasks.status import Status
from enhance_gui.wire.callback import LOCAL_RECIPE

PROFILE = Path(__file__).parents[2] / "resources" / "profiles" / "this-computer.toml"


def test_the_shipped_profile_agrees_with_the_service() -> None:
    profile = parse_profile(PROFILE.read_text("utf-8"), PROFILE.name)
    assert profile.name == LOCAL_SERVICE_NAME
    assert profile.enhance_types == ENHANCE_TYPES
    assert profile.status == {each: Phase[each.name] for each in Status}
    assert profile.limits == ServiceSettings(Path()).limits
    assert profile.upload_path == UPLOAD_PATH
    assert profile.callback.md5 == LOCAL_RECIPE
    assert profile.private_id_is_idempotent
    assert profile.allow_private_addresses
    assert profile.url_of("createtask") == "http://127.0.0.1:0/createtask"
