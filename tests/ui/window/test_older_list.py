"""The window says where its list of tasks is older than the last run, and sends nothing of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtWidgets import QLabel

from enhance_gui.core.clock import Clock
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.task_db.store import TaskStore
from enhance_gui.ui.gallery.state_texts import state_text
from tests.support import stored
from tests.ui.conftest import Run, Wait
from tests.ui.running import program


def open_list() -> TaskStore:
    folders = user_folders()
    return TaskStore.open(folders.database, Clock().wall, folders.list_record)


def test_what_waited_in_an_older_list_is_a_draft(arun: Run, until: Wait, tmp_path: Path) -> None:
    store = open_list()
    store.services.remember(ServiceProfile(stored.SERVICE, "https://studio.invalid"))
    waiting = stored.queued(store)
    store.close()
    copy = shutil.copy(user_folders().database, tmp_path / "copy")
    store = open_list()
    store.attempts.in_doubt(store.attempts.begin(waiting.id, "sent", "").id, stored.TROUBLE)
    store.close()
    shutil.copy(copy, user_folders().database)

    async def job() -> None:
        async with program() as window:

            def said() -> str:
                return " ".join(child.text() for child in window.findChildren(QLabel))

            await until(lambda: "older than the last run" in said(), "it says so")
            await until(lambda: window.bridge.items, "the task is shown")
            item = window.bridge.items[waiting.id]
            assert item.task.state is TaskState.DRAFT
            assert state_text(item, 0) == "It may have been sent already"
            # Start sends what nobody has sent before, so it is not among that.
            await until(lambda: window.review.shown.repeated == (waiting.id,), "it is looked at")
            assert window.review.shown.usable == ()

    arun(job())
