"""Tasks as the calls hand them to the store."""

from __future__ import annotations

from enhance_gui.service.engine import PictureFile
from enhance_gui.service.store.task_store import NewTask
from tests.service.serving import UPSCALE

PICTURE = PictureFile("a.png", 100, 80, 1000, "png")
DAY = "2026-11-30"


def new_task(number: int, user: str = "", private_id: str = "", day: str = DAY) -> NewTask:
    """Return a task whose id is ``task NUMBER``."""
    return NewTask(f"task {number}", private_id, UPSCALE, "", "localhost", user, day, PICTURE)
