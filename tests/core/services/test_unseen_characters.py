"""Characters that nobody sees have no place in a profile, and one from before keeps its service."""

from __future__ import annotations

import pytest

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.profile import profile_from_mapping

UNSEEN = ["\x9b31m", "\x85", "\u202e", "\u2066", "\u200b", "\u2028", "\u2029", "\ufeff", "\x1b[1m"]


@pytest.mark.parametrize("unseen", UNSEEN)
@pytest.mark.parametrize("key", ["name", "description", "formats"])
def test_a_text_of_a_profile_holds_no_sign_that_nobody_sees(unseen: str, key: str) -> None:
    text = f"a{unseen}b"
    kind = {"id": 1, "name": "Enhance", "description": text if key == "description" else ""}
    data = {
        "name": text if key == "name" else "Studio",
        "base_url": "https://studio.example.org",
        "enhance_types": [kind],
        "limits": {"formats": ["png", text] if key == "formats" else ["png"]},
    }
    with pytest.raises(ProfileInvalid) as caught:
        profile_from_mapping(data, "Studio")
    assert caught.value.reason == "must not contain control characters"


def test_other_letters_and_emoji_are_names() -> None:
    for name in ("Łódź", "\u05d0\u05d1", "工作室", "Studio \U0001f4f7", "a\u0301"):
        data = {"name": name, "base_url": "https://studio.example.org"}
        assert profile_from_mapping(data, "Studio").name == name


def test_a_profile_that_is_in_use_keeps_such_a_name() -> None:
    name = "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc"
    data = {"name": name, "base_url": "https://studio.example.org"}
    assert profile_from_mapping(data, "Studio", was_in_use=True).name == name


@pytest.mark.parametrize("host", ["xn--a", "xn--", "a" * 64, "a..test", "\u05d0\u05d1a.test"])
def test_a_service_is_where_one_can_be(host: str) -> None:
    data = {"name": "Studio", "base_url": f"https://{host}/api"}
    with pytest.raises(ProfileInvalid) as caught:
        profile_from_mapping(data, "Studio")
    assert caught.value.key == "base_url"
    assert "is not a host name" in caught.value.reason
    # As it was kept by a version that took it, it is still read.
    assert profile_from_mapping(data, "Studio", was_in_use=True).base_url == f"https://{host}/api"
