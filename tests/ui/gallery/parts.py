"""Items, clocks and pictures for the tests of the gallery."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from PySide6.QtCore import QEventLoop, QTimer

from enhance_gui.core.clock import Clock
from enhance_gui.core.images.picture import CheckedPicture, PictureHeader
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Attempt, Failure, Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.ui.gallery.item import Item

PICTURES = Path("/pictures").absolute()
CREATED = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
CHECKED = CheckedPicture("/pictures/a.jpg", PictureHeader("jpg", 640, 480), 1000)
TOO_LARGE = Failure(
    "picture_too_large",
    Detail(
        "it has {size_mb:.1f} MB; the service takes at most {max_mb:.1f} MB",
        size_mb=41.3,
        max_mb=20.0,
    ),
)


class StillClock(Clock):
    """Shows what it is told to show."""

    def __init__(self, now_s: float = 100.0) -> None:
        self.shown_s = now_s

    def now_s(self) -> float:
        return self.shown_s

    def wall(self) -> datetime:
        return CREATED

    async def sleep(self, delay_s: float) -> None:
        raise NotImplementedError

    async def wait(self, event: asyncio.Event, delay_s: float) -> None:
        raise NotImplementedError


def task(number: int = 1, state: TaskState = TaskState.QUEUED, **changes: Any) -> Task:
    plain = Task(
        id=number,
        input=str(PICTURES / f"picture {number}.jpg"),
        service="Studio",
        type_id=1,
        type_name="Enhance",
        save_folder=Path("/results"),
        state=state,
        created_at=CREATED,
        checked=CHECKED,
    )
    return replace(plain, **changes)


def item(number: int = 1, state: TaskState = TaskState.QUEUED, **changes: Any) -> Item:
    """Return an item; changes named like fields of the item go there, the others to its task."""
    own = {name: changes.pop(name) for name in list(changes) if name in Item.__slots__}
    return Item(task(number, state, **changes), **own)


def saved(number: int = 1, **changes: Any) -> Item:
    files = (Path(f"/results/picture {number}-enhance.jpg"),)
    return item(number, TaskState.SAVED, **{"files": files, **changes})


def failed(number: int = 1, kind: str = "picture_too_large", **changes: Any) -> Item:
    return item(number, TaskState.FAILED, failure=Failure(kind, "it has 23 MB"), **changes)


def in_doubt(number: int = 1) -> Item:
    return item(number, TaskState.IN_DOUBT, failure=Failure("in_doubt", "no answer came back"))


def enhancing(number: int = 1, expected_s: float | None = 8.0, percent: int | None = None) -> Item:
    return item(
        number,
        TaskState.ACCEPTED,
        phase=Phase.PROCESSING,
        expected_s=expected_s,
        percent=percent,
        reported_at_s=100.0,
        accepted_at=CREATED,
    )


def attempt(outcome: Outcome, service_task_id: str | None = None) -> Attempt:
    return Attempt(1, "private", outcome, service_task_id, approved=False)


def write_picture(path: Path, width_px: int = 320, height_px: int = 240, **how: Any) -> Path:
    """Write a picture that is red on its left and blue on its right."""
    picture = Image.new("RGB", (width_px, height_px), (200, 0, 0))
    picture.paste((0, 0, 200), (width_px // 2, 0, width_px, height_px))
    picture.save(path, **how)
    return path


_TIMEOUT_S = 60.0
_TURNS = 5


def until(condition: Callable[[], object]) -> None:
    """Let the window and other threads work until something holds; fail where it never does."""
    deadline_s = time.monotonic() + _TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline_s, "it did not come to pass"
        pause(5)


def pause(milliseconds: int) -> None:
    """Let the window and other threads work for a moment."""
    # Not QTest.qWait, during which no other thread gets to run Python.
    loop = QEventLoop()
    left = _TURNS

    def go_on() -> None:
        nonlocal left
        left -= 1
        QTimer.singleShot(0, go_on if left else loop.quit)

    # Some turns of the loop after that, too: the computer may have stood still all the time.
    QTimer.singleShot(milliseconds, go_on)
    loop.exec()
