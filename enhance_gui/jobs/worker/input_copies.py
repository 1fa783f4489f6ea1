"""Keeps the picture that went in, while the service works: for comparing, and for its SHA-256.

Preflight has read only the beginning of a picture by address; the rest is fetched once it has
been accepted, when there is time. That it cannot be had any more is no failure of the task.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from enhance_gui.client.download import download
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.picture import CheckedPicture
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.threads import run_to_end
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.storage.files.results import PartFile
from enhance_gui.storage.folders import make_private
from enhance_gui.transport.timeouts import Timeouts

_log = logging.getLogger(__name__)

COPIES_AT_ONCE: Final = 2

LONGEST_WAIT_S: Final = 3.0
"""How long a finished result waits for the copy of its input."""


_TIMEOUTS: Final = Timeouts(overall_s=60.0, slow_window_s=15.0, slow_bytes_per_s=20_000.0)
"""A result waits for the copy of its input, and copies wait for each other."""


class InputCopier:
    """Fetches and keeps the inputs of one service's tasks."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._running: dict[int, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(COPIES_AT_ONCE)

    def begin(self, task: Task) -> None:
        """Begin to fetch the input of an accepted task; a local file is its own copy."""
        if task.before_file is None and task.checked is not None and task.id not in self._running:
            copying = self._copy(task, task.checked)
            self._running[task.id] = self._context.owner.start(copying, f"task {task.id}: input")

    async def ended(self, task_id: int) -> None:
        """Wait a little until the copy is made: a slow picture host must not hold a result up."""
        if (running := self._running.get(task_id)) is not None:
            await asyncio.wait([running], timeout=LONGEST_WAIT_S)

    async def _copy(self, task: Task, picture: CheckedPicture) -> None:
        try:
            async with self._places:
                await self._fetch(task, picture)
        except (EnhanceError, OSError) as error:
            _log.info("task %s: its input could not be kept: %s", task.id, error)
        # What a copy meets is no failure of its task, whatever it is.
        except Exception:  # noqa: BLE001
            _log.exception("task %s: its input could not be kept", task.id)
        finally:
            self._running.pop(task.id, None)

    async def _fetch(self, task: Task, picture: CheckedPicture) -> None:
        context = self._context
        folder = context.shared.input_copies
        await asyncio.to_thread(make_private, folder)
        copy = folder / f"{task.private_id}.{picture.header.format}"
        part = PartFile(copy.with_suffix(".part"))
        with part:
            sha256 = await download(
                picture.location,
                part.write,
                max_bytes=context.profile.limits.max_image_bytes,
                client=context.pictures,
                timeouts=_TIMEOUTS,
            )
            size_bytes = await run_to_end(part.finish)
            if not await run_to_end(part.publish, copy):
                part.discard()  # an earlier run has placed it without recording it
        kept = await context.db.do(context.store.drafts.copied, task.id, copy, sha256, size_bytes)
        if (known := context.tasks.get(task.id)) is not None and known.state is kept.state:
            context.changed(kept)
