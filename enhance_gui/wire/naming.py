"""Translates between the documented names of fields and those of a deployment that has its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from enhance_gui.core.services.other_names import DOCUMENTED_FIELDS

_ENTRIES: Final = "facelist"
"""The field whose entries are objects with documented fields of their own."""

Names = Mapping[str, str]
"""The service's name of each documented field that is called otherwise there."""


def as_service_names(fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return documented fields under the service's names."""
    return {names.get(name, name): value for name, value in fields.items()}


def as_documented(fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return a service's fields under their documented names.

    One that the service calls as documented after all is read too, unless that is what it calls
    another one. Where it calls a field of one object as a documented one of another object, such
    as that of the record like one of the envelope, either is read where it stands.
    """
    others = {each for each in names.values() if each in names or each not in DOCUMENTED_FIELDS}
    found = {name: value for name, value in fields.items() if name not in others}
    found |= {name: fields[other] for name, other in names.items() if other in fields}
    entries = found.get(_ENTRIES)
    if names and isinstance(entries, list):
        found[_ENTRIES] = [
            as_documented(each, names) if isinstance(each, Mapping) else each for each in entries
        ]
    return found
