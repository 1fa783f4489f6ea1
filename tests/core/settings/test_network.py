"""Settings of the network: kept as chosen, put right where they are impossible."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance_gui.core.secret import Secret
from enhance_gui.core.settings.network import (
    NetworkSettings,
    ProxyMode,
    network_from_mapping,
    network_to_mapping,
    proxy_problem,
)
from enhance_gui.core.settings.preferences import (
    Preferences,
    preferences_from_mapping,
    preferences_to_mapping,
)


def test_settings_are_kept_but_for_the_proxy_s_login() -> None:
    settings = NetworkSettings(
        ProxyMode.OWN, "http://proxy.test:8080", Secret("me:canary"), Path("/ca.pem"), 5.0, 60.0
    )
    kept = network_to_mapping(settings)
    assert "canary" not in repr(kept) + repr(settings)
    read = network_from_mapping(kept)
    assert (read.proxy, read.proxy_url, read.ca_file) == (
        ProxyMode.OWN,
        "http://proxy.test:8080",
        Path("/ca.pem"),
    )
    assert (read.connect_s, read.answer_s, read.proxy_login) == (5.0, 60.0, None)
    assert "canary" not in repr(preferences_to_mapping(Preferences(network=settings)))


@pytest.mark.parametrize("odd", [None, [], "x", {}, -1, 1e9, float("nan"), True])
def test_what_is_impossible_is_as_if_not_chosen(odd: object) -> None:
    names = ("proxy", "connect_s", "answer_s", "ca_file")
    usual = NetworkSettings()
    read = network_from_mapping({name: odd for name in names if odd != "x" or name != "ca_file"})
    assert read == usual
    assert preferences_from_mapping({"network": odd, "day_limits": odd}).day_limits == {}


def test_limits_a_day_are_kept() -> None:
    chosen = Preferences(day_limits={"Cloud": 2.5, "Studio": 0.0})
    assert preferences_from_mapping(preferences_to_mapping(chosen)) == chosen
    assert preferences_from_mapping({"day_limits": {"a": -1, "b": "x", "c": 3}}).day_limits == {
        "c": 3.0
    }


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("http://proxy.test", True),
        ("http://proxy.test:3128/", True),
        ("http://[::1]:3128", True),
        ("https://proxy.test", False),
        ("socks5://proxy.test", False),
        ("proxy.test:3128", False),
        ("http://me:secret@proxy.test", False),
        ("http://proxy.test/path", False),
        ("http://", False),
        ("http://proxy.test:99999", False),
        ("", False),
    ],
)
def test_only_a_plain_address_of_an_http_proxy_is_taken(url: str, is_good: bool) -> None:
    assert (proxy_problem(url) == "") is is_good
