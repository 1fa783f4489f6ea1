"""Inputs that are given to the window mean the same in the folder of one that is open already."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance_gui.command_line.window import _full


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("www.example.org/a b.jpg", "https://www.example.org/a%20b.jpg"),
        ("//cdn.example.org/a.jpg", "https://cdn.example.org/a.jpg"),
        ("https://faß.example/a.jpg", "https://xn--fa-hia.example/a.jpg"),
        ("ftp://example.org/a.jpg", "ftp://example.org/a.jpg"),
        ("data:image/png;base64,AAAA", "data:image/png;base64,AAAA"),
    ],
)
def test_an_address_is_handed_over_as_one(given: str, full: str) -> None:
    assert _full(given) == full


def test_a_file_is_handed_over_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for given in ("a b.jpg", "./a b.jpg", (tmp_path / "a b.jpg").as_uri()):
        assert _full(given) == str(tmp_path / "a b.jpg")
