"""What is given to the window is seen in it at once, however long its service takes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from enhance_gui.core.clock import Clock
from enhance_gui.core.service_errors import SERVICE_DID_NOT_START, ServiceError
from enhance_gui.core.settings.network import DIRECT, NetworkSettings
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.local_service.process import LocalService
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.task_db.store import TaskStore
from tests.support.pictures import picture_bytes
from tests.ui.conftest import Run, Wait
from tests.ui.running import program


class SlowStart:
    """A service of this computer that takes its time, and then does not start."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr(LocalService, "start", self._start)

    async def _start(
        self, command: Sequence[str], owner: TaskSupervisor, network: NetworkSettings = DIRECT
    ) -> LocalService:
        self.asked.set()
        await self.go_on.wait()
        raise ServiceError("a test keeps it from that", kind=SERVICE_DID_NOT_START)


def picture_in(folder: Path) -> str:
    path = folder / "a.png"
    path.write_bytes(picture_bytes("png", 40, 30))
    return str(path)


def stored_drafts() -> list[str]:
    store = TaskStore.open(user_folders().database, Clock().wall)
    try:
        return [task.input for task in store.tasks.in_states({TaskState.DRAFT})]
    finally:
        store.close()


def test_the_first_picture_is_shown_before_its_service_has_started(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = picture_in(tmp_path)

    async def job() -> None:
        service = SlowStart(monkeypatch)
        async with program([picture]) as window:
            await service.asked.wait()
            (item,) = window.bridge.items.values()
            assert item.task.state is TaskState.DRAFT
            assert window.pages.currentWidget() is window.pages.result_page
            assert window.pages.model.count == 1
            service.go_on.set()
            await until(
                lambda: next(iter(window.bridge.items.values())).task.failure,
                "it is said that the service does not start",
            )
        assert stored_drafts() == [picture]

    arun(job())


def test_what_is_shown_is_there_in_the_next_run_though_its_service_never_started(
    arun: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = picture_in(tmp_path)

    async def job() -> None:
        service = SlowStart(monkeypatch)
        async with program([picture]):
            await service.asked.wait()
        assert stored_drafts() == [picture]

    arun(job())


def test_what_is_shown_can_be_taken_back_while_its_service_starts(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = picture_in(tmp_path)

    async def job() -> None:
        service = SlowStart(monkeypatch)
        async with program([picture]) as window:
            await service.asked.wait()
            window.bridge.remove_drafts(list(window.bridge.items))
            await until(lambda: not window.bridge.items, "it is gone")
            service.go_on.set()
            await until(
                lambda: window.bridge.lines["This computer"].failure, "the service does not start"
            )
            assert not window.bridge.items
        assert stored_drafts() == []

    arun(job())
