"""Holds the request that an example shows, before it is known what in it means what."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from enhance_gui.core.text.i18n import N_

MAX_FIELDS: Final = 100
COOKIES: Final = N_("Its cookies: they belong to a browser's login and end with it.")
"""Why they are left out."""

_PAIR: Final = re.compile(
    r"""(?<![\w-])([A-Za-z_][\w-]{0,99})["']?[ \t]*[:=]\s*+
    ("(?:[^"\\\n]|\\.)*+" | '(?:[^'\\\n]|\\.)*+' | [{\[] | [^,{}\[\]#\n]*+)""",
    re.VERBOSE,
)
"""A field in something like JSON, as documents write it: with comments, without quotes."""

Pairs = list[tuple[str, str]]


@dataclass(slots=True, repr=False)
class ExampleRequest:
    """A request as written; it may hold a token, so it has no text form."""

    method: str = ""
    """Empty where none is named."""
    url: str = ""
    headers: Pairs = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    """Pieces of the body."""
    parts: Pairs = field(default_factory=list)
    """Fields of a form in several parts."""
    query: Pairs = field(default_factory=list)
    """Of the address, beside those that stand in it."""
    is_json: bool = False
    data_in_query: bool = False
    left_out: list[str] = field(default_factory=list)
    """What was seen in it and not taken over, a sentence each."""

    def header(self, name: str) -> str:
        """Return a header's value; empty: there is none."""
        return next((value for each, value in self.headers if each.lower() == name), "")


def json_fields(text: str) -> dict[str, Any] | None:
    """Return the fields of an object written as JSON, or nearly so; ``None``: it is none."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = {name: _value(value) for name, value in _PAIR.findall(text)[:MAX_FIELDS]}
    return found if isinstance(found, dict) and len(found) <= MAX_FIELDS else None


def form_fields(text: str) -> Pairs:
    """Return the fields of a form or query; none where there are too many."""
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return []


def _value(text: str) -> Any:
    """Return a value of something like JSON; a list where it is no plain one."""
    text = text.strip()
    if text in ("{", "["):
        return []
    if text[:1] in ("'", '"'):
        return text[1:-1]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
