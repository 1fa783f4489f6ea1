"""What an older copy of the list tells of doubts is not acted upon by itself."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.explanations import explain
from enhance_gui.storage.task_db.store import TaskStore
from tests.scenarios.running import at_work, profile_of, with_provider
from tests.support.provider import Provider


def put_back_an_older_copy(folder: Path) -> TaskStore:
    """Have the list be a copy from before the last run; return it, open."""
    path, record = folder / "tasks.sqlite3", folder / "state" / "lists.json"
    open_list(path, record).close()
    shutil.copy(path, folder / "copy")
    open_list(path, record).close()
    path.unlink()
    shutil.copy(folder / "copy", path)
    return open_list(path, record)


def open_list(path: Path, record: Path) -> TaskStore:
    return TaskStore.open(path, lambda: datetime.now(UTC), record)


def test_a_doubt_in_an_older_list_is_not_repeated_by_itself(tmp_path: Path) -> None:
    """Though to this service the same private id is the same task: the doubt may have been given
    up since, or the picture sent anew."""

    async def test(provider: Provider) -> None:
        provider.idempotent = True
        provider.creating(provider.say_nothing)
        async with at_work(tmp_path, provider) as running:  # not known to be idempotent yet
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.IN_DOUBT)
        store = put_back_an_older_copy(tmp_path)
        assert store.recovery.is_older
        doubt = store.tasks.get(task.id)
        store.close()
        assert doubt.state is TaskState.IN_DOUBT
        assert doubt.failure is not None
        assert "nothing is repeated by itself" in explain(doubt.failure).meaning

        profile = profile_of(provider, private_id_is_idempotent=True)
        async with at_work(tmp_path, provider, profile) as running:
            await running.queue.resume(profile, await running.queue.stored())
            # One create at a time, and that of the doubt would be the first.
            (other,) = await running.add_pictures("b")
            await running.until(other, TaskState.SAVED)
            assert len(provider.seen("/createtask")) == 2
            # On the user's word it goes on.
            await running.queue.send_again(task.id)
            saved: Task = await running.until(task, TaskState.SAVED)
            assert len(saved.attempts) == 2
        assert len(provider.charged) == 2

    with_provider(test)
