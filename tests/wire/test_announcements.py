"""Announcements on the local network: anybody can send them, so nothing in them is believed."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from enhance_gui.wire.announcements import (
    SERVICE_TYPE,
    NearbyServer,
    read_announcement,
    write_announcement,
)

NETWORKS = [ipaddress.ip_network(each) for each in ("192.168.1.0/24", "fd00::/64")]
PLAIN = write_announcement("")


def read(**changes: Any) -> NearbyServer | None:
    fields: dict[str, Any] = {
        "name": f"studio.{SERVICE_TYPE}",
        "addresses": ["192.168.1.20"],
        "port": 8080,
        "facts": PLAIN,
        "networks": NETWORKS,
    }
    return read_announcement(**{**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "base_url"),
    [
        ({}, "http://192.168.1.20:8080"),
        ({"addresses": ["fd00::7"]}, "http://[fd00::7]:8080"),
        ({"addresses": ["8.8.8.8", "192.168.1.20"]}, "http://192.168.1.20:8080"),
        (
            {"facts": write_announcement("Enhance.studio.example")},
            "https://enhance.studio.example:8080",
        ),
        ({"facts": PLAIN | {b"path": b"/evil", b"x" * 200: None}}, "http://192.168.1.20:8080"),
    ],
)
def test_a_server_of_an_own_network_is_found(changes: dict[str, Any], base_url: str) -> None:
    assert read(**changes) == NearbyServer("studio", base_url)


@pytest.mark.parametrize(
    "changes",
    [
        {"addresses": []},
        {"addresses": ["8.8.8.8"]},
        {"addresses": ["192.168.2.20"]},
        {"addresses": ["127.0.0.1", "::1"]},
        {"addresses": ["0.0.0.1", "255.255.255.255", "224.0.0.251"]},
        {"addresses": ["192.168.1.20@evil.example"]},
        {"addresses": ["::ffff:192.168.1.20"]},
        {"addresses": ["fe80::1%eth0"]},
        {"port": 0},
        {"port": 65_536},
        {"port": -1},
        {"facts": {}},
        {"facts": {b"txtvers": None}},
        {"facts": {b"txtvers": b"2"}},
        {"facts": PLAIN | {b"https": b"evil.example/@studio"}},
        {"facts": PLAIN | {b"https": b"user@evil.example"}},
        {"facts": PLAIN | {b"https": b"evil.example:1"}},
        {"facts": PLAIN | {b"https": b"a\nb"}},
        {"facts": PLAIN | {b"https": "st\u00fcdio".encode()}},
        {"facts": PLAIN | {b"https": b"\xff\xfe"}},
        {"facts": PLAIN | {b"https": b"a." * 100}},
        {"facts": PLAIN | {b"https": b"-a"}},
    ],
)
def test_what_leads_elsewhere_or_nowhere_is_not_found(changes: dict[str, Any]) -> None:
    assert read(**changes) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\r\nSet-Cookie: b\x1b[31m", "a Set-Cookie: b[31m"),
        ("  studio \t server ", "studio server"),
        ("x" * 5000, "x" * 40),
        ("\u200b\u2066", "192.168.1.20"),
        ("", "192.168.1.20"),
        ("\udc80", "?"),
    ],
)
def test_a_name_is_one_short_line_that_shows_all_it_holds(name: str, shown: str) -> None:
    found = read(name=f"{name}.{SERVICE_TYPE}")
    assert found is not None
    assert found.name == shown
    assert found.base_url == "http://192.168.1.20:8080"
