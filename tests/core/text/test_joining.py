"""Texts are joined by the marks of the language, and by nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from enhance_gui.core.text.i18n import set_language
from enhance_gui.core.text.joining import clauses, ended, listed, quoted, sentences, titled
from enhance_gui.storage.settings.translations import translation

PACKAGE = Path(__file__).resolve().parents[3] / "enhance_gui"


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    set_language(None)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", ["a, b", "a; b", "A: b", "A.", "A. B.", "“a”"]),
        ("de", ["a, b", "a; b", "A: b", "A.", "A. B.", "„a“"]),
        ("es", ["a, b", "a; b", "A: b", "A.", "A. B.", "«a»"]),
        ("ja", ["a、b", "a、b", "A: b", "A。", "A。B。", "「a」"]),
        ("zh_CN", ["a、b", "a；b", "A：b", "A。", "A。B。", "“a”"]),
    ],
)
def test_each_language_has_its_own_marks(code: str, said: list[str]) -> None:
    set_language(translation(code))
    a, b = ended("A"), ended("B")
    assert ended(a) == a, "a sentence is ended already"
    assert [listed("ab"), clauses("ab"), titled("A", "b"), a, sentences(a, b), quoted("a")] == said


def test_what_is_empty_leaves_no_mark() -> None:
    assert listed(("", "a", "")) == clauses(("", "a")) == sentences("", "a") == "a"
    assert titled("A", "") == "A"
    assert ended("") == listed(()) == ""


# -- the code -------------------------------------------------------------------------------------

ENGLISH_OR_DATA = {
    "core/text/explanations.py: {}. {}",  # for what leaves the window
    "core/text/explanations.py: {}: {}",
    "ui/adding/add_images.py:  ",  # patterns of file names
    "ui/bridges/account_bridge.py: , ",  # of the diagnosis
    "ui/reports/batch_report.py: ; ",  # paths in a table for programs
    "ui/services/connect_form.py: , ",  # types, as they are typed
    "ui/services/fields.py: , ",  # numbers, as they are typed
    "ui/services/fields.py: {}: {}",  # pairs, as they are typed
}


def glued(source: str) -> Iterator[str]:
    """Return the texts of a file that are put together with marks of English."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            shape = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
            if shape.endswith("{}.") or any(mark in shape for mark in ("{}. {", "{}: {", "{}, {")):
                yield shape
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr == "join":
            between = function.value.value if isinstance(function.value, ast.Constant) else None
            if between in (", ", "; ", ". ", " ", ": "):
                yield str(between)


def test_no_text_of_the_window_is_put_together_with_the_marks_of_english() -> None:
    files = [*(PACKAGE / "ui").rglob("*.py"), *(PACKAGE / "core" / "text").rglob("*.py")]
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}: {shape}"
        for path in (*files, PACKAGE / "application.py")
        for shape in glued(path.read_text(encoding="utf-8"))
    }
    assert found == ENGLISH_OR_DATA


def test_a_text_that_is_put_together_so_would_be_found() -> None:
    source = "f'{a}. {b}'; f'{a}.'; f'{a}: {b}'; ', '.join(a); f'{a} · {b}'; f'{a}.png'"
    assert list(glued(source)) == ["{}. {}", "{}.", "{}: {}", ", "]
