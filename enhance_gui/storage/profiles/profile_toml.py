"""Writes profiles as TOML, keeping comments and layout written by hand."""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

import tomlkit
from tomlkit.items import AoT, Table

from enhance_gui.core.services.profile import ServiceProfile, profile_to_mapping, usual_values
from enhance_gui.core.services.profile_key import Key, Kind
from enhance_gui.core.services.profile_spec import keys_of

_TYPES: Final = "enhance_types"

_USUAL: Final = usual_values()

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
    _update(document, "", profile_to_mapping(profile))
    return _spaced(tomlkit.dumps(document))


def explained(profile: ServiceProfile) -> str:
    """Return a profile file to share: the values that are not defaults, each key explained."""
    document = tomlkit.document()
    for line in _HEAD:
        document.add(tomlkit.comment(line))
    wanted = profile_to_mapping(profile)
    for key in filter(lambda key: not _is_usual(key, wanted[key.name]), keys_of("")):
        document.add(tomlkit.nl())
        _explain(document, key)
        if key.kind is Kind.TABLE:
            document.add(key.name, _explained_table(key, wanted[key.name]))
        elif key.kind is Kind.TABLES:
            _update_types(document, wanted[key.name])
        else:
            document.add(key.name, tomlkit.item(wanted[key.name]))
    return tomlkit.dumps(document)


def _explained_table(of: Key, wanted: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for key in keys_of(of.name):
        if not _is_usual(key, wanted[key.own_name]):
            _explain(table, key)
            table.add(key.own_name, tomlkit.item(wanted[key.own_name]))
    return table


def _is_usual(key: Key, value: Any) -> bool:
    """Return whether a key may be left out."""
    if key.kind is Kind.TABLE:
        return all(_is_usual(each, value[each.own_name]) for each in keys_of(key.name))
    if key.kind is Kind.TABLES:
        return not value
    return not key.is_required and bool(value == _USUAL[key.name])


def _spaced(text: str) -> str:
    """Put the empty line back that tomlkit leaves out between a new key and the next table."""
    spaced = re.sub(r"(?m)^(\w[^\n]*\n)(?=\[)", r"\1\n", text)
    # Inside a text of several lines the same would be part of the value.
    return spaced if tomllib.loads(spaced) == tomllib.loads(text) else text


def _update(target: MutableMapping[str, Any], table: str, wanted: Mapping[str, Any]) -> None:
    """Write what differs into a table, and remove what is no key: a file is refused for it."""
    keys = {key.own_name: key for key in keys_of(table)}
    for name in [each for each in target if each not in keys]:
        del target[name]
    for name, key in keys.items():
        value = wanted[name]
        if key.kind is Kind.TABLE:
            _update_table(target, key, value)
        elif key.kind is Kind.TABLES:
            _update_types(target, value)
        elif key.kind.has_own_names and isinstance(target.get(name), MutableMapping):
            _update_pairs(target[name], value)
        else:
            holds = _is_same(key, target[name], value) if name in target else _is_usual(key, value)
            if not holds:
                target[name] = value


def _is_same(key: Key, written: Any, wanted: Any) -> bool:
    """Return whether a value needs no writing: ``true`` is not 1, but 2 serves as 2.0."""
    plain = _plain(written)
    return not key.problem(plain) and bool(key.read(plain) == wanted)


def _plain(written: Any) -> Any:
    """Return a value without what tomlkit knows of how it is written."""
    return written.unwrap() if hasattr(written, "unwrap") else written


def _update_table(target: MutableMapping[str, Any], key: Key, wanted: Mapping[str, Any]) -> None:
    if not isinstance(target.get(key.name), MutableMapping):
        target.pop(key.name, None)
        if _is_usual(key, wanted):
            return
        target[key.name] = tomlkit.table()
    _update(target[key.name], key.name, wanted)


def _update_pairs(target: MutableMapping[str, Any], wanted: Mapping[str, Any]) -> None:
    for name in [each for each in target if each not in wanted]:
        del target[name]
    for name, value in wanted.items():
        if type(_plain(target.get(name))) is not type(value) or target[name] != value:
            target[name] = value


def _update_types(document: MutableMapping[str, Any], wanted: Sequence[Mapping[str, Any]]) -> None:
    old = document.get(_TYPES)
    rows = list(old) if isinstance(old, AoT) else []
    if not rows or not wanted:
        document.pop(_TYPES, None)
    if not wanted:
        return
    chosen = [_row_for(each, number, rows, wanted) for number, each in enumerate(wanted)]
    for row, each in zip(chosen, wanted, strict=True):
        _update(row, _TYPES, each)
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
    all_wanted: Sequence[Mapping[str, Any]],
) -> Table:
    """Return the row of the file that a type stands in: the same number, else the same place."""
    for row in rows:
        if row.get("id") == wanted["id"]:
            return row
    kept = {each["id"] for each in all_wanted}
    if len(rows) == len(all_wanted) and rows[number].get("id") not in kept:
        return rows[number]
    return tomlkit.table()


def _explain(target: Any, key: Key) -> None:
    for line in textwrap.wrap(key.explanation, _WIDTH):
        target.add(tomlkit.comment(line))
