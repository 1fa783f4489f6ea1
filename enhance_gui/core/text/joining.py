"""Joins texts as the language does, whose marks its catalogue names: "A, B" or 「A」、「B」.

A full-width mark, as in Chinese and Japanese, brings its room along; others need a space.
"""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import east_asian_width

from enhance_gui.core.text.i18n import fact


def listed(parts: Iterable[str]) -> str:
    """Return parts as a list: "one, two"; empty ones are left out."""
    return _spaced(fact("x-comma", ",")).join(filter(None, parts))


def clauses(parts: Iterable[str]) -> str:
    """Return clauses as a list: "one; two"; empty ones are left out."""
    return _spaced(fact("x-semicolon", ";")).join(filter(None, parts))


def titled(title: str, text: str) -> str:
    """Return a text behind its title: "title: text"; the title alone where there is no text."""
    return f"{title}{_spaced(fact('x-colon', ':'))}{text}" if text else title


def ended(clause: str) -> str:
    """Return a clause as a sentence: with one full stop; empty stays empty."""
    stop = fact("x-full-stop", ".")
    return f"{clause.removesuffix(stop)}{stop}" if clause else ""


def sentences(*parts: str) -> str:
    """Return sentences one behind the other; empty ones are left out."""
    gap = _spaced(fact("x-full-stop", "."))[1:]
    return gap.join(filter(None, parts))


def quoted(text: str) -> str:
    """Return a text in quotation marks."""
    marks = fact("x-quotation-marks", "“”")
    return f"{marks[0]}{text}{marks[-1]}"


def _spaced(mark: str) -> str:
    return mark if east_asian_width(mark) in "WF" else f"{mark} "
