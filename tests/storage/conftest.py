"""What holds for every test of the list of tasks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from enhance_gui.storage.task_db.store import TaskStore
from tests.support.stored import Wall


@pytest.fixture(autouse=True)
def stores_end_with_the_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the connections of the lists that the test opens and, as a crash would, leaves."""
    opened: list[TaskStore] = []
    open_ = TaskStore.open

    def open_and_note(path: Path, wall: Wall, record: Path | None = None) -> TaskStore:
        opened.append(open_(path, wall, record))
        return opened[-1]

    monkeypatch.setattr(TaskStore, "open", open_and_note)
    yield
    for store in opened:
        store._connection.close()
