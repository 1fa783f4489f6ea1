"""Stores and tasks for tests of what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from enhance_gui.core.images.picture import CheckedPicture, PictureFacts, PictureHeader
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.task import Failure, NewTask, Task
from enhance_gui.storage.task_db.store import Output, TaskStore

SERVICE = "Studio"
PICTURE = CheckedPicture("http://pictures.test/a.jpg", PictureHeader("jpg", 512, 512), 74_000)
FACTS = PictureFacts(PICTURE.header, PICTURE.size_bytes, "00")
TROUBLE = Failure("service_silent", "no answer")


class Wall:
    """Civil time that goes on by one second a look."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


def open_store(folder: Path) -> TaskStore:
    """Open the list of tasks in a folder, with one service known."""
    store = TaskStore.open(folder / "tasks.sqlite3", Wall())
    store.services.remember(ServiceProfile(SERVICE, "https://studio.test/api"))
    return store


def new_task(
    picture: str = "http://pictures.test/a.jpg", folder: Path = Path("/results")
) -> NewTask:
    return NewTask(picture, SERVICE, 1, "Enhance", folder)


def queued(store: TaskStore, picture: str = "http://pictures.test/a.jpg") -> Task:
    found = replace(PICTURE, location=picture)
    return store.drafts.checked(store.drafts.add([new_task(picture)])[0].id, found, None)


def sending(store: TaskStore, private_id: str = "private-1") -> Task:
    return store.attempts.begin(
        queued(store, f"http://pictures.test/{private_id}").id, private_id, ""
    )


def in_doubt(store: TaskStore, private_id: str = "private-1") -> Task:
    return store.attempts.in_doubt(sending(store, private_id).id, Failure("in_doubt", "no answer"))


def accepted(store: TaskStore, private_id: str = "private-1") -> Task:
    return store.attempts.accepted(sending(store, private_id).id, f"service-{private_id}")


def finished(store: TaskStore, private_id: str = "private-1") -> Task:
    return store.accepted.finished(accepted(store, private_id).id, b"{}", None)


def fetching(store: TaskStore, private_id: str = "private-1") -> Task:
    task = finished(store, private_id)
    output = Output(0, Path(f"/results/.{private_id}.part"), Path(f"/results/{private_id}.png"))
    return store.outputs.begin_fetch(task.id, [output])


def saved(store: TaskStore, private_id: str = "private-1") -> Task:
    task = fetching(store, private_id)
    final = Path(f"/results/{private_id}.png")
    store.outputs.verified(task.id, 0, final, FACTS)
    store.outputs.placed(task.id, 0)
    return store.outputs.saved(task.id, final.with_suffix(".json"))
