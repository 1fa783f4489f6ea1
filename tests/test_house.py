"""The house stays one that others find their way in: sizes, words, units and docstrings.

Each rule has a bound, and each check is tried on a small breach of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "enhance_gui"

MAX_FILE_LINES = 400
MAX_CLASS_LINES = 300
MAX_METHODS = 30
MAX_FILES_A_FOLDER = 20
MAX_MAIN_WINDOW_METHODS = 10

OLD_WORDS = re.compile(
    r"(?:^|_)(?:ways|patience|wish|wishes|twins?|door|departure|hear|heard|tell|tells|told|keeper|"
    r"keepers|trials?|dear|dearest|most|least|bundled|parked?|say|said|troubles?|go_on)(?:_|$)"
)
"""Words of an earlier private language; ARCHITECTURE.md has the terms that took their place."""

OLD_CLASSES = re.compile(
    r"^(?:Line|ServiceLine|OpenLines|Ways|Patience|Wishes|Hand|Departure|Sign|TokenKeeper|Trial)$"
)

MEANT_OTHERWISE = frozenset(
    {
        "at_most",  # ``max``: nothing is meant by it but what it says
        "most_common",  # of collections.Counter
        "most_detailed",  # where a picture has the most detail
        "_most_detailed",
        "most_detailed_place",
        "_most_detailed_place",
        "_AT_LEAST",
    }
)
"""Names with such a word in its plain meaning."""

OF_TIME = re.compile(r"(?:^|_)(?:timeout|delay|interval|deadline|duration|age|elapsed)$")
"""Ends of names of numbers that would leave their reader to guess the unit."""


def _sources(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for name, source in _sources(PACKAGE):
        yield name, ast.parse(source)


def _identifiers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def old_words(tree: ast.AST) -> list[str]:
    """Return the identifiers that speak the old language, each once."""
    return sorted(
        {
            name
            for name in _identifiers(tree)
            if name not in MEANT_OTHERWISE
            and (OLD_WORDS.search(name.lower()) or OLD_CLASSES.match(name))
        }
    )


def large_classes(tree: ast.AST) -> list[str]:
    """Return the classes with too many lines or methods."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            methods = sum(isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) for n in node.body)
            if lines > MAX_CLASS_LINES or methods > MAX_METHODS:
                found.append(f"{node.name}: {lines} lines, {methods} methods")
    return found


FOREIGN_ARGUMENTS = frozenset(
    {
        "enhance_gui/transport/guarded.py: timeout",  # of httpcore's network backends
        "enhance_gui/transport/proxies.py: timeout",
        "enhance_gui/ui/startup/event_loop.py: delay",  # of asyncio's loops
    }
)
"""Arguments that other libraries have named."""


def unitless(tree: ast.AST) -> list[str]:
    """Return the numbers of time whose names have no unit."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and _is_number(node.annotation):
            name = node.arg
        elif isinstance(node, ast.AnnAssign) and _is_number(node.annotation):
            name = ast.unparse(node.target).rpartition(".")[2]
        else:
            continue
        if OF_TIME.search(name):
            found.append(name)
    return found


def _is_number(annotation: ast.expr | None) -> bool:
    return (
        annotation is not None and re.match(r"(?:float|int)\b", ast.unparse(annotation)) is not None
    )


def silent_raisers(tree: ast.AST) -> list[str]:
    """Return the public functions that raise an error of ours and do not say so.

    Those whose docstring is one line are left out: there is no place for it.
    """
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name[0] == "_":
            continue
        docstring = ast.get_docstring(node) or ""
        if "\n" in docstring and _raises(node) and ":raises" not in docstring:
            found.append(node.name)
    return found


def _raises(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and node.exc.func.id not in {"AssertionError", "NotImplementedError"}
        for node in ast.walk(function)
    )


def test_no_file_is_long() -> None:
    lengths = {name: source.count("\n") for name, source in _sources(PACKAGE)}
    assert len(lengths) > 250
    assert {name: count for name, count in lengths.items() if count > MAX_FILE_LINES} == {}


@pytest.mark.parametrize("top", ["enhance_gui", "tests"])
def test_no_folder_is_a_heap(top: str) -> None:
    folders = {path.parent for path in (ROOT / top).rglob("*.py")}
    counts = {
        folder.relative_to(ROOT).as_posix(): len(list(folder.glob("*.py"))) for folder in folders
    }
    assert {name: count for name, count in counts.items() if count > MAX_FILES_A_FOLDER} == {}


def test_no_class_does_everything() -> None:
    assert {name: found for name, tree in _trees() if (found := large_classes(tree))} == {}


def test_the_main_window_only_places_its_panels() -> None:
    tree = ast.parse((PACKAGE / "ui" / "window" / "main_window.py").read_text(encoding="utf-8"))
    window = next(
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "MainWindow"
    )
    methods = [node.name for node in window.body if isinstance(node, ast.FunctionDef)]
    assert 0 < len(methods) <= MAX_MAIN_WINDOW_METHODS


def test_no_identifier_speaks_the_old_language() -> None:
    assert {name: found for name, tree in _trees() if (found := old_words(tree))} == {}


def test_numbers_of_time_carry_their_unit() -> None:
    found = {f"{name}: {argument}" for name, tree in _trees() for argument in unitless(tree)}
    assert found == FOREIGN_ARGUMENTS


def test_who_raises_says_so() -> None:
    assert {name: found for name, tree in _trees() if (found := silent_raisers(tree))} == {}


@pytest.mark.parametrize(
    ("check", "source", "found"),
    [
        (old_words, "def tell_all(told_s, patience): ...", ["patience", "tell_all", "told_s"]),
        (old_words, "class Hand: ...\nx.hears_twins = 1", ["Hand", "hears_twins"]),
        (old_words, "newline = handler = most_common", []),
        (large_classes, "class A:\n" + "    def f(self): ...\n" * 31, ["A: 32 lines, 31 methods"]),
        (large_classes, "class A:\n" + "    x = 1\n" * 300, ["A: 301 lines, 0 methods"]),
        (unitless, "def f(timeout: float, delay_s: float, delay: str): ...", ["timeout"]),
        (unitless, "class A:\n    max_age: int | None = None", ["max_age"]),
        (
            silent_raisers,
            'def f():\n    """Do.\n\n    It does.\n    """\n    raise Bad("x")',
            ["f"],
        ),
        (
            silent_raisers,
            'def f():\n    """Do.\n\n    :raises Bad: x\n    """\n    raise Bad(1)',
            [],
        ),
    ],
)
def test_what_breaks_a_rule_is_found(check: object, source: str, found: list[str]) -> None:
    assert callable(check)
    assert check(ast.parse(source)) == found
