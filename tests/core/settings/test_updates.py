"""The file that tells the newest version is believed only where every part of it is right."""

from __future__ import annotations

import json

import pytest

from enhance_gui.core.errors import UpdateNotKnown
from enhance_gui.core.settings.updates import UpdateFound, is_newer, read_update

SOURCE = "https://example.org/enhance-gui/newest.json"
PAGE = "https://example.org/enhance-gui/"


def reported(**facts: object) -> bytes:
    return json.dumps({"version": "1.2.3", "page": PAGE, **facts}).encode()


def test_a_file_of_version_and_page_is_read_and_further_keys_are_passed_over() -> None:
    assert read_update(reported(later="whatever"), SOURCE) == UpdateFound("1.2.3", PAGE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"1.2.3"',
        b"[" * 4000,
        b"{}",
        reported(version=None),
        reported(version=1.2),
        reported(version=["1.2.3"]),
        reported(version=""),
        reported(version="1.2"),
        reported(version="1.2.3.4"),
        reported(version="1.2.3\n"),
        reported(version="1.2.3-beta"),
        reported(version="99999.0.0"),
        reported(version="1.2.٣"),
        reported(version="<b>1.2.3</b>"),
        reported(page=None),
        reported(page=7),
        reported(page=""),
        reported(page="newest"),
        reported(page="http://example.org/enhance-gui/"),
        reported(page="https://example.com/enhance-gui/"),
        reported(page="https://example.org.evil.test/"),
        reported(page="https://example.org:8443/"),
        reported(page="https://example.org@evil.test/"),
        reported(page="https://user:secret@example.org/"),
        reported(page="file:///etc/passwd"),
        reported(page="javascript:alert(1)//example.org"),
        reported(page="https://example.org/\u202egpj.exe\n"),
        reported(page=f"{PAGE}{'x' * 8192}"),
    ],
)
def test_anything_else_is_refused_and_not_repeated(content: bytes) -> None:
    with pytest.raises(UpdateNotKnown) as refused:
        read_update(content, SOURCE)
    for word in ("evil", "secret", "<b>", "javascript", "passwd"):
        assert word not in str(refused.value)


@pytest.mark.parametrize(
    ("version", "own", "newer"),
    [
        ("1.2.3", "1.2.2", True),
        ("1.10.0", "1.9.9", True),
        ("2.0.0", "1.99.99", True),
        ("1.2.3", "1.2.3", False),
        ("1.2.2", "1.2.3", False),
        ("1.2.3", "1.2.3.dev4+g123", False),
        ("1.2.4", "1.2.3+local", True),
        ("9.9.9", "unknown", False),
    ],
)
def test_versions_are_compared_number_by_number(version: str, own: str, newer: bool) -> None:
    assert is_newer(version, own) is newer
