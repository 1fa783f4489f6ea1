"""Every regular expression of the program, and of what builds and checks it, takes time in
proportion to what it is used on.

They are found in the code, so a new one is tried without being listed. One that is put together
while the program runs is tried with the samples in :data:`SAMPLES`.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from making import _ADVICE

import enhance_gui
from tests.support.source.worst_inputs import worst_inputs

ROOT = Path(enhance_gui.__file__).parents[1]
IMPORTED_FROM = {"enhance_gui": ROOT, "packaging": ROOT / "packaging"}
"""Folders of code, and where its modules are imported from."""
OF_THE_WINDOW = ("enhance_gui.ui.", "enhance_gui.application", "enhance_gui.command_line.window")
HAS_WINDOW = importlib.util.find_spec("PySide6") is not None

USES = {"match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
NAMED_USE = re.compile(rf"(\w+)\s*\.\s*({'|'.join(sorted(USES))})\b")
"""What a name is used for; in a comment, too, which only has more tried."""
OF_RE = re.compile(r"\bre\s*\.")

SAMPLES = {
    (
        "enhance_gui.core.redaction",
        "'|'.join(map(re.escape, longest_first))",
    ): r"c4n4ry\+of|c4n4ry|of\+the",
    (
        "enhance_gui.ui.startup.early_window",
        "lines",
    ): r'^\[light\](?:\n(?!\[).*)*?\nwindow = "(#\w+)"$',
    ("building.deb", "re.escape(name)"): r"1\.2\.3",
    ("deb_check.use", "pattern"): r"enhance-gui 1\.2\.3 \((?:commit [0-9a-f]{7}, )?deb\)",
    ("making", "pattern"): "|".join(_ADVICE),
    ("pin", "condition"): re.escape("sys_platform != 'never'"),
    ("release", "re.escape(version)"): r"1\.2\.3",
}

SMALLEST, LARGEST = 2**12, 2**16
"""At the largest a linear pattern takes some thousandths of a second, a quadratic one seconds."""
MIN_S = 0.002
"""What takes less says nothing of how time grows."""
MAX_RATIO = 3.0
"""Of the times for twice the length: linear 2, quadratic 4."""
HANGS_S = 60
"""Of the processor's time."""


_SAMPLED: set[tuple[str, str]] = set()


class HangsError(Exception):
    """What was tried seems to have no end."""


@dataclass(frozen=True)
class Pattern:
    """A regular expression of the program, and how it is used."""

    place: str
    text: str | bytes
    flags: int
    uses: frozenset[str]


def _sources() -> Iterator[tuple[str, str]]:
    for folder, place in IMPORTED_FROM.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            module = ".".join(path.relative_to(place).with_suffix("").parts)
            if HAS_WINDOW or not module.startswith(OF_THE_WINDOW):
                yield module, path.read_text("utf-8")


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str, str | None]]:
    """Yield each call of ``re``, its function, and the name that its result is given."""
    names = {
        id(node.value): ast.unparse(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }
    for node in ast.walk(tree):
        function = node.func if isinstance(node, ast.Call) else None
        if (
            isinstance(node, ast.Call)
            and isinstance(function, ast.Attribute)
            and ast.unparse(function.value) == "re"
            and function.attr in USES | {"compile"}
        ):
            yield node, function.attr, names.get(id(node))


def _value(node: ast.expr, module: str) -> Any:
    """Return what an expression is at run time; of local names only a sample is known."""
    if isinstance(node, ast.Constant):
        return node.value
    names = vars(importlib.import_module(module))
    try:
        return eval(compile(ast.Expression(node), module, "eval"), names)  # noqa: S307  our code
    except NameError:
        if isinstance(node, ast.JoinedStr):
            return "".join(str(_value(_plain(value), module)) for value in node.values)
        key = (module, ast.unparse(node))
        assert key in SAMPLES, f"SAMPLES needs an example of {key}"
        _SAMPLED.add(key)
        return SAMPLES[key]


def _plain(part: ast.expr) -> ast.expr:
    return part.value if isinstance(part, ast.FormattedValue) else part


def _flags(call: ast.Call, used: str, module: str) -> int:
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(used, 2)
    given = [keyword.value for keyword in call.keywords if keyword.arg == "flags"] + call.args[
        place:
    ]
    return int(_value(given[0], module)) if given else 0


def _patterns() -> list[Pattern]:
    sources = dict(_sources())
    methods: dict[str, set[str]] = {}
    for source in sources.values():
        for name, used in NAMED_USE.findall(source):
            methods.setdefault(name, set()).add(used)
    found = []
    for module, source in sources.items():
        # Only these are parsed: this is done by every process that runs tests, before the first.
        calls = _calls(ast.parse(source)) if OF_RE.search(source) else ()
        for call, used, name in calls:
            uses = {used} if used != "compile" else methods.get((name or "").split(".")[-1], USES)
            text = _value(call.args[0], module)
            flags = _flags(call, used, module)
            place = f"{module}:{call.lineno}"
            found.append(Pattern(place, text, flags, frozenset(uses)))
    return found


PATTERNS = _patterns()


def _run(pattern: Pattern) -> dict[str, Callable[[Any], object]]:
    """Return what the program does with a pattern, each kind of work once."""
    compiled = re.compile(pattern.text, pattern.flags)
    work: dict[str, Callable[[Any], object]] = {}
    if pattern.uses & {"match"}:
        work["match"] = compiled.match
    if pattern.uses & {"fullmatch"}:
        work["fullmatch"] = compiled.fullmatch
    if pattern.uses - {"match", "fullmatch"}:
        # All that search, in one: behind what is found, too.
        work["search"] = lambda text: deque(compiled.finditer(text), maxlen=0)
    return work


def _seconds(work: Callable[[Any], object], text: Any, tries: int = 1) -> float:
    min_s = float("inf")
    for _ in range(tries):
        # The processor's time: others may want the computer as well.
        began_s = time.thread_time()
        work(text)
        min_s = min(min_s, time.thread_time() - began_s)
    return min_s


def _too_slow(work: Callable[[Any], object], make: Callable[[int], Any]) -> str:
    """Return how time grows where it grows too fast; empty where it does not."""
    length, before_s = SMALLEST, _seconds(work, make(SMALLEST))
    while length < LARGEST:
        length *= 2
        after_s = _seconds(work, make(length))
        if _grows(before_s, after_s):
            # A text that no longer fits into the processor's memory is slower, too, but once.
            lengths = (length // 4, length // 2, length)
            times = [_seconds(work, make(each), 3) for each in lengths]
            if _grows(*times[:2]) and _grows(*times[1:]):
                return f"{times} s for {lengths}"
        before_s = after_s
    return ""


def _grows(before_s: float, after_s: float) -> bool:
    return after_s > MAX_RATIO * before_s and after_s > MIN_S


def _slow_inputs(pattern: Pattern) -> Iterator[str]:
    as_bytes = isinstance(pattern.text, bytes)
    text = pattern.text.decode("latin-1") if isinstance(pattern.text, bytes) else pattern.text
    for head, part, tail in worst_inputs(text, pattern.flags):

        def make(length: int, head: str = head, part: str = part, tail: str = tail) -> str | bytes:
            made = head + part * (length // len(part)) + tail
            return made.encode("latin-1", "replace") if as_bytes else made

        for use, work in _run(pattern).items():
            if slow := _too_slow(work, make):
                yield f"{use} on {head!r}, {part!r} again and again, {tail!r}: {slow}"
                return


@contextmanager
def _at_most(limit_s: float) -> Iterator[None]:
    """End what would take for ever: a pattern may be worse than quadratic."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise HangsError(f"not done in {limit_s} s of the processor's time")

    if sys.platform == "win32":  # has no such clock
        yield
        return
    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("pattern", PATTERNS, ids=[each.place for each in PATTERNS])
def test_a_pattern_takes_linear_time_on_its_worst_input(pattern: Pattern) -> None:
    with _at_most(HANGS_S):
        assert list(_slow_inputs(pattern)) == []


@pytest.mark.parametrize(
    ("text", "use"),
    [
        pytest.param(
            "(x+x+)+y",
            "search",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="it could not be ended"),
        ),
        (r'"(?:[^"\\]|\\.)*"', "sub"),
        (r"^\w+.*?,.*?;$", "fullmatch"),
    ],
)
def test_what_is_slow_is_found_to_be(text: str, use: str) -> None:
    try:
        with _at_most(2.0):
            found = list(_slow_inputs(Pattern("here", text, re.DOTALL, frozenset({use}))))
    except HangsError:
        return
    assert found


@pytest.mark.skipif(not HAS_WINDOW, reason="some are of the window")
def test_samples_are_of_patterns_that_are_there() -> None:
    assert set(SAMPLES) == _SAMPLED
