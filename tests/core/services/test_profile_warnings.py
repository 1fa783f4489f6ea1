"""What a profile opens up is said; what stays on this computer is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from enhance_gui.core.services.connection_test import (
    access_warnings,
    transport_warning,
    warnings_of,
)
from enhance_gui.core.services.profile import CallbackSettings, ServiceProfile

QUIET = ServiceProfile("Studio", "https://studio.example")


def listening(place: str) -> ServiceProfile:
    return replace(QUIET, callback=CallbackSettings(place))


@pytest.mark.parametrize("place", ["", "127.0.0.1:8899", "[::1]:8899", "localhost:8899"])
def test_what_stays_on_this_computer_needs_no_warning(place: str) -> None:
    profile = replace(listening(place), base_url="http://127.0.0.1:8080")
    assert warnings_of(profile) == warnings_of(QUIET) == ()


@pytest.mark.parametrize(
    "place", ["0.0.0.0:8899", "[::]:8899", ":::8899", "192.168.1.20:80", "pc:1"]
)
def test_listening_for_other_computers_is_said(place: str) -> None:
    (warning,) = access_warnings(listening(place))
    assert f"received on {place}, where other computers" in warning


def test_private_addresses_are_said() -> None:
    (warning,) = access_warnings(replace(QUIET, allow_private_addresses=True))
    assert warning.startswith("Private addresses are allowed")


@pytest.mark.parametrize("address", ["http://studio.example", "http://192.168.1.20:8080/api"])
def test_a_token_that_others_can_read_is_said(address: str) -> None:
    assert "anybody on the way can read the token" in transport_warning(
        replace(QUIET, base_url=address)
    )


def test_a_token_in_the_address_is_said() -> None:
    (warning,) = warnings_of(replace(QUIET, token_in="query"))
    assert "travels in the address" in warning
    assert warnings_of(replace(QUIET, token_in="body")) == ()
