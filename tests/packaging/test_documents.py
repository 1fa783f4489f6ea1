"""The documents for people lead where they say, and the first of them stays short."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.packaging.builds import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "packaging").rglob("*.md")])
README_LINES = 150


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_inside_the_project_lead_to_a_file_and_a_heading_that_exist(path: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", path.read_text("utf-8")):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.is_file(), link
        assert not anchor or anchor in _anchors(target), link


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= README_LINES


def test_the_hooks_before_a_commit_are_checks_of_the_test_environment() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"- repo: (.+)", text) == ["local"]  # anything else would be downloaded
    tools = re.findall(r"entry: \.test-venv/bin/(\w+)", text)
    assert tools == ["ruff", "ruff", "mypy"]
    assert text.count("language: system") == len(tools)
