"""Writes profiles as TOML: what somebody wrote beside the values by hand stays where it is."""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import tomlkit
from tomlkit.items import AoT, Table

from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping
from enhance_gui.core.services.profile_texts import KEY_TEXTS

_TABLES: Final = ("limits", "status", "callback")
_TYPES: Final = "enhance_types"

_DEFAULTS: Final = profile_to_mapping(ServiceProfile("", ""))
_TYPE_DEFAULTS: Final = {"description": "", "cost": 0, "outputs": "faces"}
"""Those of the keys of an enhance type that may be left out."""

_WIDTH: Final = 98
"""Of comments, in columns."""

_HEAD: Final = (
    "A service for Enhance GUI. Keys that are not here have their usual value.",
    "The token is in no file: the password manager keeps it.",
)


def updated(text: str, profile: ServiceProfile) -> str:
    """Return the text of a profile file with the values of a profile.

    Only what differs is written anew. A key that is absent stays so where the profile has its
    usual value.

    :param text: TOML, whatever its keys hold; may be empty.
    """
    document = tomlkit.parse(text)
    wanted = profile_to_mapping(profile)
    types = wanted.pop(_TYPES)
    for name in _TABLES:
        _update_table(document, name, wanted.pop(name))
    _drop_unknown(document, _DEFAULTS)
    _update(document, wanted, _DEFAULTS)
    _update_types(document, types)
    return _spaced(tomlkit.dumps(document))


def explained(profile: ServiceProfile) -> str:
    """Return a file for somebody else: what differs from the usual, each key with its meaning."""
    wanted = profile_to_mapping(profile)
    document = tomlkit.document()
    for line in _HEAD:
        document.add(tomlkit.comment(line))
    for key, value in wanted.items():
        if key not in (*_TABLES, _TYPES) and value != _DEFAULTS[key]:
            document.add(tomlkit.nl())
            _explain(document, key)
            document.add(key, tomlkit.item(value))
    for name in _TABLES:
        changed = {k: v for k, v in wanted[name].items() if v != _DEFAULTS[name][k]}
        if changed:
            table = tomlkit.table()
            for key, value in changed.items():
                _explain(table, f"{name}.{key}")
                table.add(key, tomlkit.item(value))
            document.add(tomlkit.nl())
            document.add(name, table)
    if wanted[_TYPES]:
        document.add(tomlkit.nl())
        _explain(document, _TYPES)
        _update_types(document, wanted[_TYPES])
    return tomlkit.dumps(document)


def _spaced(text: str) -> str:
    """Put the empty line back that tomlkit leaves out between a new key and the next table."""
    spaced = re.sub(r"(?m)^(\w[^\n]*\n)(?=\[)", r"\1\n", text)
    # Inside a text of several lines the same would be part of the value.
    return spaced if tomllib.loads(spaced) == tomllib.loads(text) else text


def _update(
    target: MutableMapping[str, Any], wanted: Mapping[str, Any], defaults: Mapping[str, Any]
) -> None:
    for key, value in wanted.items():
        if key in target:
            if not _same(key, target[key], value):
                target[key] = value
        elif key not in defaults or value != defaults[key]:
            target[key] = value


def _same(key: str, written: Any, wanted: Any) -> bool:
    """Tell whether a value needs no writing: ``true`` is not 1, but 2 serves as 2.0."""
    plain = written.unwrap() if hasattr(written, "unwrap") else written
    if key == "base_url" and isinstance(plain, str):
        plain = plain.rstrip("/")  # as it is read
    if key == "formats" and isinstance(plain, list):
        plain = [str(each).lower() for each in plain]
    return bool(plain == wanted) and isinstance(plain, bool) == isinstance(wanted, bool)


def _update_table(document: tomlkit.TOMLDocument, name: str, wanted: Mapping[str, Any]) -> None:
    defaults = _DEFAULTS[name]
    if not isinstance(document.get(name), MutableMapping):
        if dict(wanted) == defaults:
            document.pop(name, None)
            return
        document[name] = tomlkit.table()
    table = document[name]
    _drop_unknown(table, defaults)
    _update(table, wanted, defaults)


def _drop_unknown(target: MutableMapping[str, Any], known: Mapping[str, Any]) -> None:
    """Remove what is no key of a profile: the file would be refused for it."""
    for key in [each for each in target if each not in known]:
        del target[key]


def _update_types(document: tomlkit.TOMLDocument, wanted: list[dict[str, Any]]) -> None:
    old = document.get(_TYPES)
    rows = list(old) if isinstance(old, AoT) else []
    if not rows or not wanted:
        document.pop(_TYPES, None)
    if not wanted:
        return
    chosen = [_row_for(each, number, rows, wanted) for number, each in enumerate(wanted)]
    for row, each in zip(chosen, wanted, strict=True):
        _drop_unknown(row, each)
        _update(row, each, _TYPE_DEFAULTS)
    if len(chosen) == len(rows) and all(a is b for a, b in zip(chosen, rows, strict=True)):
        return
    types = tomlkit.aot()
    for row in chosen:
        types.append(row)
    document[_TYPES] = types


def _row_for(
    wanted: Mapping[str, Any],
    number: int,
    rows: list[Table],
    all_wanted: list[dict[str, Any]],
) -> Table:
    """Return the row of the file that a type stands in: the same number, else the same place."""
    for row in rows:
        if row.get("id") == wanted["id"]:
            return row
    kept = {each["id"] for each in all_wanted}
    if len(rows) == len(all_wanted) and rows[number].get("id") not in kept:
        return rows[number]
    return tomlkit.table()


def _explain(target: Any, key: str) -> None:
    for line in textwrap.wrap(KEY_TEXTS[key].explanation, _WIDTH):
        target.add(tomlkit.comment(line))
