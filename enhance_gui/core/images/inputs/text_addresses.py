"""Finds the addresses in a text as people, mails, tables and Markdown have them.

Nothing here asks the system, or takes longer than the text is long: it may be a hostile page's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from enhance_gui.core.images.addresses import stripped
from enhance_gui.core.images.inputs.source import address_without_scheme, names_picture

LINE: Final = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
"""As ``str.splitlines`` divides a text, but one by one: it may have a million of them."""

_ADDRESS: Final = re.compile(r"https?:(?://|\\\\)[^\s<>\"]+", re.IGNORECASE)
_NEXT_ADDRESS: Final = re.compile(r"[,;|](?=https?:(?://|\\\\))", re.IGNORECASE)
_NO_ADDRESS: Final = re.compile(r"[<>\"\t]")
"""What ends an address that has spaces in it."""
_FIELD_ENDS: Final = ("\t", ",", ";", "|")
_SEPARATORS: Final = re.compile(r"[\s,;|]+")
_TITLE: Final = re.compile(r"\s[\"'][^\"']*[\"']\s?$")
"""What Markdown may have behind an address."""
_AFTER: Final = frozenset(".,;:!?'’”“»«›‹、。，；：！？）」』】》")
"""Signs behind an address that are no part of it."""
_BEFORE: Final = "([{“„‘‚«»‹›"
_BRACKETS: Final = {")": "(", "]": "[", "}": "{"}


def candidates(text: str) -> Iterator[str]:
    """Yield what may be an input: the addresses of each line, or the line; no remarks (#)."""
    for line in LINE.finditer(text.removeprefix("\ufeff")):
        plain = stripped(stripped(line.group()).strip("\"'<>"))
        if plain and not plain.startswith("#"):
            yield from addresses_in(plain) or _bare_addresses_in(plain) or [plain]


def addresses_in(line: str) -> list[str]:
    """Return the addresses of a line. One that has spaces in it is not cut at the first of them."""
    found: list[str] = []
    matches = list(_ADDRESS.finditer(line))
    ends = [*(match.start() for match in matches), len(line)][1:]
    for match, end in zip(matches, ends, strict=True):
        start = match.start()
        *parts, last = _NEXT_ADDRESS.split(match.group())
        is_first = match is matches[0] and not parts
        found += map(_without_tail, parts)
        behind = line[match.end() : end]
        found.append(
            _marked_address(line[max(0, start - 2) : start], last + behind)
            or _spaced_address(last, behind, is_alone=is_first and _is_alone(line, match, end))
        )
    return found


def _is_alone(line: str, match: re.Match[str], end: int) -> bool:
    """Return whether a line, or the last field of one, begins with an address, its only one."""
    before = line[: match.start()].rstrip(" ")
    return end == len(line) and (not before or before.endswith(_FIELD_ENDS))


def _marked_address(before: str, text: str) -> str:
    """Return an address whose end is marked as its beginning is; empty: none of its is.

    :param before: the two characters before it.
    """
    closing = {"<": ">", '"': '"'}.get(before[-1:])
    if closing is not None:
        return stripped(text.partition(closing)[0]) if closing in text else ""
    if before != "](":
        return ""
    depth = 1
    for place, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth:
            return stripped(_TITLE.sub("", text[:place]))
    return ""


def _spaced_address(begin: str, behind: str, *, is_alone: bool) -> str:
    """Return the address that begins so: with what follows behind spaces, or without it.

    What follows belongs to it where only then it ends as a picture's name does, and, if there is
    nothing else in the line, unless it ends so without it.
    """
    without = _without_tail(begin)
    if not behind[:1].isspace() or behind[0] == "\t":
        return without
    whole = _without_tail(stripped(_NO_ADDRESS.split(begin + behind, maxsplit=1)[0]))
    if names_picture(whole):
        return whole if is_alone or not names_picture(without) else without
    return whole if is_alone and not names_picture(without) else without


def _bare_addresses_in(line: str) -> list[str]:
    """Return the addresses in a line that consists of nothing but such without "https:"."""
    parts = [_without_tail(part.lstrip(_BEFORE)) for part in _SEPARATORS.split(line) if part]
    if parts and all(map(address_without_scheme, parts)):
        return parts
    plain = _without_tail(line.lstrip(_BEFORE))
    return [plain] if address_without_scheme(plain) else []


def _without_tail(address: str) -> str:
    """Take off what belongs to the sentence around an address."""
    unmatched = {
        closing: address.count(closing) - address.count(opening)
        for closing, opening in _BRACKETS.items()
    }
    end = len(address)
    while end:
        last = address[end - 1]
        if unmatched.get(last, 0) > 0:
            unmatched[last] -= 1
        elif last not in _AFTER:
            break
        end -= 1
    return address[:end]
