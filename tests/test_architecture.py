"""What ARCHITECTURE.md names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def named_paths(text: str) -> list[str]:
    """Return the paths in backticks that begin with a folder of the checkout."""
    return re.findall(r"`((?:enhance_gui|tests|packaging|resources)/[\w/.-]*)`", text)


def classes_of_the_package() -> set[str]:
    """Return the names of all classes."""
    sources = (ROOT / "enhance_gui").rglob("*.py")
    return {
        name
        for source in sources
        for name in re.findall(r"^class (\w+)", source.read_text(encoding="utf-8"), re.MULTILINE)
    }


def test_each_path_that_is_named_exists() -> None:
    paths = named_paths(TEXT)
    assert len(paths) > 40
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_each_class_that_is_named_exists() -> None:
    named = set(re.findall(r"`([A-Z][a-z]+[A-Z]\w*)`", TEXT))
    assert named
    assert named - classes_of_the_package() == set()


def test_a_term_has_one_meaning() -> None:
    glossary = TEXT.partition("## Glossary")[2]
    terms = [
        term
        for row in re.findall(r"^\| (.+?) \|", glossary, re.MULTILINE)
        for term in row.split(", ")
    ]
    assert len(terms) > 40
    assert len(terms) == len(set(terms))


@pytest.mark.parametrize("path", ["enhance_gui/gone.py", "tests/gone"])
def test_a_path_that_is_gone_would_be_found(path: str) -> None:
    assert named_paths(f"see `{path}`") == [path]
    assert not (ROOT / path).exists()
