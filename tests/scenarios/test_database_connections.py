"""Every connection to a database is closed, also where opening it fails halfway."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from enhance_gui.core.errors import EnhanceError
from enhance_gui.service.store.task_store import open_task_store
from enhance_gui.storage.task_db.database import look_at_database
from enhance_gui.storage.task_db.store import TaskStore
from tests.support import stored
from tests.support.stored import Wall, open_store


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[sqlite3.Connection]]:
    """Yield those that the program makes."""
    made: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def connect_and_note(*args: object, **options: object) -> sqlite3.Connection:
        made.append(connect(*args, **options))  # type: ignore[call-overload]
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", connect_and_note)
    yield made
    for each in made:
        each.close()


def _nothing(path: Path) -> None:
    """Leave the place empty."""


def _whole(path: Path) -> None:
    store = open_store(path.parent)
    stored.saved(store)
    store.close()


def _garbage(path: Path) -> None:
    path.write_bytes(b"no database " * 1000)


def _damaged(path: Path) -> None:
    """Write a list that is set aside and read out."""
    _whole(path)
    _set_version(path, 0)


def _too_new(path: Path) -> None:
    _set_version(path, 999)


def _set_version(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as changed:
        changed.execute(f"PRAGMA user_version = {version}")


def _open_list(path: Path) -> None:
    TaskStore.open(path, Wall()).close()


def _begin_to_open_list(path: Path) -> None:
    """Break off behind the opening of the database itself."""
    times = iter([Wall()()])
    with suppress(StopIteration):
        TaskStore.open(path, lambda: next(times)).close()


def _open_service(path: Path) -> None:
    open_task_store(path, 0.0).close()


@pytest.mark.parametrize(
    "use",
    [_open_list, _begin_to_open_list, look_at_database, _open_service],
)
@pytest.mark.parametrize("found", [_nothing, _whole, _garbage, _damaged, _too_new])
def test_none_is_left_open(
    found: Callable[[Path], None],
    use: Callable[[Path], object],
    tmp_path: Path,
    connections: list[sqlite3.Connection],
) -> None:
    path = tmp_path / "tasks.sqlite3"
    found(path)
    with suppress(EnhanceError):
        use(path)
    assert not [connection for connection in connections if _is_open(connection)]


def test_a_service_that_finds_its_database_in_use_leaves_none_open(
    tmp_path: Path, connections: list[sqlite3.Connection]
) -> None:
    first = open_task_store(tmp_path / "tasks.sqlite", 0.0)
    of_first = len(connections)
    with pytest.raises(EnhanceError):
        open_task_store(tmp_path / "tasks.sqlite", 0.0)
    assert len(connections) > of_first
    assert all(_is_open(connection) for connection in connections[:of_first])
    assert not any(_is_open(connection) for connection in connections[of_first:])
    first.close()


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return False
    return True
