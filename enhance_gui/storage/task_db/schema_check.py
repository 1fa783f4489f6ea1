"""Checks that a database has the schema of this version and nothing foreign in it.

A trigger that somebody has added would run with every step; a table with other rules would let
pass what must not be. The program's own triggers are part of the program, not of the list: where
an earlier version has written them otherwise, or they are gone, they are written anew.
"""

from __future__ import annotations

import functools
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Final

from enhance_gui.core.storage_errors import DatabaseDamaged
from enhance_gui.storage.task_db.schema import STEPS_OF_SCHEMA

_COMMENT: Final = re.compile(r"--[^\n]*")
_TRIGGER: Final = "trigger"

Part = tuple[str, str]
"""Kind and name."""


def refuse_foreign_schema(connection: sqlite3.Connection) -> None:
    """Check that a database of the present version has its tables and indexes, and nothing foreign.

    :raises DatabaseDamaged: it has not.
    """
    found = _parts(connection)
    others = [part for part in _differing(found) if part[0] != _TRIGGER]
    for kind, name in [*(found.keys() - _expected().keys()), *others]:
        raise DatabaseDamaged(
            "{part} of the list of tasks is not as this program makes it", part=f"{kind} “{name}”"
        )


def renew_triggers(connection: sqlite3.Connection) -> None:
    """Write the triggers anew where they are not as this version has them."""
    others = [part for part in _differing(_parts(connection)) if part[0] == _TRIGGER]
    if not others:
        return
    dropped = "".join(f"DROP TRIGGER IF EXISTS {name}; " for _, name in others)
    written = "; ".join(_expected()[part] for part in others)
    connection.executescript(f"BEGIN IMMEDIATE; {dropped} {written}; COMMIT")


def _differing(found: Mapping[Part, str]) -> list[Part]:
    """Return the parts of this version that a database lacks, or has otherwise."""
    return [part for part, sql in _expected().items() if _plain(found.get(part, "")) != _plain(sql)]


@functools.cache
def _expected() -> Mapping[Part, str]:
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(" ".join(STEPS_OF_SCHEMA))
        return _parts(empty)


def _parts(connection: sqlite3.Connection) -> dict[Part, str]:
    """Return what a database consists of, without what SQLite adds by itself."""
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {(kind, name): sql or "" for kind, name, sql in found}


def _plain(sql: str) -> str:
    """Return a statement without its comments and line breaks, which mean nothing."""
    return " ".join(_COMMENT.sub(" ", sql).split())
