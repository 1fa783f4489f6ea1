"""Keeps the clause that says what exactly happened as template and fields, for translation.

A detail is an English text for whoever logs, compares or sends it; only the window, which shows
the user's language, looks into it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from string import Formatter
from typing import Any, Final, Self

from enhance_gui.core.text.i18n import localized, plain_number, tr
from enhance_gui.core.text.joining import ended


class Detail(str):
    """A detail: a text of the catalogue with named fields, and their values.

    It has no full stop at its end. Words from outside are a plain ``str`` instead.
    """

    __slots__ = ("fields", "template")

    template: str
    fields: Mapping[str, str | int | float]
    """Numbers, texts from outside, and further details."""

    def __new__(cls, template: str, /, **fields: object) -> Self:
        """:param fields: what is neither a number nor a text stands as ``str()`` has it."""
        kept = {k: v if isinstance(v, str | int | float) else str(v) for k, v in fields.items()}
        self = super().__new__(cls, template.format(**_with_numbers(kept, _Number)))
        self.template = template
        self.fields = kept
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _detail, ({"template": self.template, "fields": dict(self.fields)},)


def shown(detail: str) -> str:
    """Return a detail in the user's language; words that the catalogue lacks stay as they are."""
    if not isinstance(detail, Detail):
        return tr(detail)
    fields = {k: shown(v) if isinstance(v, str) else v for k, v in detail.fields.items()}
    return tr(detail.template).format(**_with_numbers(fields, _LocalNumber))


def as_sentence(detail: str) -> str:
    """Return a detail in the user's language as a sentence; empty: there is none."""
    text = shown(detail)
    return ended(f"{text[:1].upper()}{text[1:]}")


class _Number(float):
    """Writes itself with as many decimals as it needs, three at most, where no form is named."""

    def __format__(self, form: str) -> str:
        return format(float(self), form) if form else plain_number(float(self))


class _LocalNumber(_Number):
    """Writes itself with the separators of the user's language."""

    def __format__(self, form: str) -> str:
        return localized(super().__format__(form))


def _with_numbers(
    fields: Mapping[str, str | int | float], number: type[_Number]
) -> dict[str, str | int | float]:
    return {k: number(v) if isinstance(v, float) else v for k, v in fields.items()}


# -- how it is stored -----------------------------------------------------------------------------

_WHOLE: Final = "{text}"
_MARK: Final = '{"template": '
"""How a stored detail with fields begins. All others, and those of earlier versions, are plain."""


_FORM: Final = re.compile(r"((\.\d{1,2})?[fg])?")
"""What a stored template may ask for of a number."""


def write_detail(detail: str) -> str:
    """Return a detail as it is stored, or sent to another start of the program."""
    if isinstance(detail, Detail) and detail.fields:
        return json.dumps(_mapping(detail), ensure_ascii=False)
    return write_detail(Detail(_WHOLE, text=detail)) if detail.startswith(_MARK) else str(detail)


def read_detail(text: str) -> str:
    """Return a stored detail; plain words, of whatever version, as they are."""
    if not text.startswith(_MARK):
        return text
    try:
        return _detail(json.loads(text))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return text  # damaged: it is shown so, and keeps nobody from the rest of the list


def _mapping(detail: Detail) -> dict[str, Any]:
    fields = {k: _mapping(v) if isinstance(v, Detail) else v for k, v in detail.fields.items()}
    return {"template": detail.template, "fields": fields}


def _detail(mapping: Mapping[str, Any]) -> Detail:
    """Return a detail that was written down.

    :raises ValueError: its template does more than to name its fields: one that somebody has made
        could reach into the program by ``{a.b}``, or fill the memory by ``{a:999999999}``.
    """
    for _, name, form, conversion in Formatter().parse(mapping["template"]):
        if name is not None and (name not in mapping["fields"] or not _FORM.fullmatch(form or "")):
            raise ValueError(name)
        if conversion is not None:
            raise ValueError(conversion)
    fields = {k: _detail(v) if isinstance(v, dict) else v for k, v in mapping["fields"].items()}
    return Detail(mapping["template"], **fields)
