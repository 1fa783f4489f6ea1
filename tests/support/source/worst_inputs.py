"""What a regular expression is slowest on, guessed from its own parts.

A pattern that takes more than linear time does so on a part of itself, many times over, behind
what leads to that part and before something that does not fit.
"""

from __future__ import annotations

import re
import re._parser as parser  # type: ignore[import-not-found]  # the parser has no public name
from collections.abc import Iterator
from typing import Any

_REPEATS = (parser.MAX_REPEAT, parser.MIN_REPEAT, parser.POSSESSIVE_REPEAT)
_ORDINARY = "a1 /-.\n"
_CATEGORIES = {
    parser.CATEGORY_DIGIT: r"\d",
    parser.CATEGORY_NOT_DIGIT: r"\D",
    parser.CATEGORY_SPACE: r"\s",
    parser.CATEGORY_NOT_SPACE: r"\S",
    parser.CATEGORY_WORD: r"\w",
    parser.CATEGORY_NOT_WORD: r"\W",
}
_TAILS = ("", "\0")
_LONGEST_PART = 8
"""So many of a pattern's items are tried together, besides all of those before and after one."""


def worst_inputs(pattern: str, flags: int) -> Iterator[tuple[str, str, str]]:
    """Yield beginnings, parts to be repeated, and ends."""
    tree = parser.parse(pattern, flags)
    literals = "".join(dict.fromkeys(_literals(tree)))
    seen = set()
    for preferred in dict.fromkeys((_ORDINARY, literals + _ORDINARY)):
        for before, part in _parts(list(tree), "", preferred):
            for attack in ((head, part, tail) for head in (before, "") for tail in _TAILS):
                if part and attack not in seen:
                    seen.add(attack)
                    yield attack


def _parts(items: list[Any], before: str, preferred: str) -> Iterator[tuple[str, str]]:
    """Yield every run of items as a text, each with what stands before it."""
    items = list(_merged(items))
    for first in range(len(items)):
        head = before + _text(items[:first], preferred)
        for last in range(first, len(items)):
            if last - first < _LONGEST_PART or first == 0:
                yield head, _text(items[first : last + 1], preferred)
        for inner in _inner(items[first]):
            yield from _parts(inner, head, preferred)


def _merged(items: list[Any]) -> Iterator[Any]:
    """Take literals that follow each other together: no repetition begins within them."""
    run: list[int] = []
    for kind, value in items:
        if kind is parser.LITERAL:
            run.append(value)
            continue
        if run:
            yield "literals", run
            run = []
        yield kind, value
    if run:
        yield "literals", run


def _inner(item: Any) -> list[list[Any]]:
    kind, value = item
    if kind in _REPEATS:
        return [list(value[2])]
    if kind is parser.SUBPATTERN:
        return [list(value[3])]
    if kind is parser.BRANCH:
        return [list(each) for each in value[1]]
    if kind is parser.ATOMIC_GROUP:
        return [list(value)]
    if kind in (parser.ASSERT, parser.ASSERT_NOT):
        return [list(value[1])]
    return []


def _text(items: list[Any], preferred: str) -> str:
    """Return a text that fits: one of each thing that may be repeated, the first alternative."""
    return "".join(_text_of(kind, value, preferred) for kind, value in items)


def _text_of(kind: Any, value: Any, preferred: str) -> str:
    if kind == "literals":
        return "".join(map(chr, value))
    if kind is parser.LITERAL:
        return chr(value)
    if kind is parser.NOT_LITERAL:
        return next(sign for sign in preferred if ord(sign) != int(value))
    if kind is parser.ANY:
        return preferred[0]
    if kind is parser.IN:
        return _member(value, preferred)
    if kind in _REPEATS:
        return _text(list(value[2]), preferred) * max(1, int(value[0]))
    if kind is parser.AT and value in (parser.AT_END, parser.AT_BEGINNING):
        return "\n"
    inner = _inner((kind, value))
    if inner and kind not in (parser.ASSERT, parser.ASSERT_NOT):
        return _text(inner[0], preferred)
    return ""


def _member(members: list[Any], preferred: str) -> str:
    negated = members[0][0] is parser.NEGATE
    own = [value for kind, value in members if kind is parser.LITERAL]
    own += [value[0] for kind, value in members if kind is parser.RANGE]
    signs: list[str] = [*preferred, *map(chr, own), *map(chr, range(128))]
    for sign in signs:
        if any(_fits(kind, value, sign) for kind, value in members) != negated:
            return sign
    raise AssertionError("a set without a sign")


def _fits(kind: Any, value: Any, sign: str) -> bool:
    if kind is parser.LITERAL:
        return ord(sign) == int(value)
    if kind is parser.RANGE:
        return int(value[0]) <= ord(sign) <= int(value[1])
    return kind is parser.CATEGORY and re.match(_CATEGORIES[value], sign) is not None


def _literals(items: Any) -> Iterator[str]:
    for item in items:
        if item[0] is parser.LITERAL:
            yield chr(item[1])
        elif item[0] is parser.IN:
            yield from (chr(value) for kind, value in item[1] if kind is parser.LITERAL)
        for inner in _inner(item):
            yield from _literals(inner)
