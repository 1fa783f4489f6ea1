"""Makes small pictures of drafts that are given by address: of what their check has fetched.

No request is made for them. The check of a draft reads a picture that is not large to its end,
where that comes soon, and what it has read is decoded in a process of its own, one at a time.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from typing import Final

from enhance_gui.client.preflight import MAX_WHOLE_BYTES
from enhance_gui.core.images.addresses import host_of
from enhance_gui.core.images.inputs.source import is_web
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.events import PreviewMade
from enhance_gui.jobs.own_program import run_child
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.storage.folders import forget_oldest, make_private

_log = logging.getLogger(__name__)

SIDE_PX: Final = 960
"""Enough for the window; a picture to compare with is fetched once the service has it."""

MAX_KEPT_BYTES: Final = 2**26
"""Maximum size of all of them together; the oldest go first."""

MAX_FETCHED_BYTES: Final = 2**27
"""What one review may read beyond headers; further pictures of it have no preview."""

_DECODING_LIMIT_S: Final = 20.0


class Previews:
    """Makes previews of the drafts of one service."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._turn = asyncio.Semaphore(1)
        self._fetched_bytes = 0
        self._slow_hosts: set[str] = set()

    def begin_review(self) -> None:
        """Note that no draft is left to be checked: what comes next is another review."""
        self._fetched_bytes = 0
        self._slow_hosts.clear()

    def buffer_for(self, task: Task) -> bytearray | None:
        """Return what the check is to fill with the picture; ``None``: with nothing."""
        # On this computer nothing is paid for, and what has passed is begun at once.
        is_reviewed = task.state is TaskState.DRAFT and task.service != LOCAL_SERVICE_NAME
        has_room = self._fetched_bytes < MAX_FETCHED_BYTES
        is_wanted = is_reviewed and has_room and is_web(task.input)
        return bytearray() if is_wanted and host_of(task.input) not in self._slow_hosts else None

    def take(self, task: Task, data: bytearray | None, size_bytes: int | None) -> None:
        """Begin to make the preview of a draft that has passed its check.

        :param data: the picture; empty: it was too large, or its host too slow.
        :param size_bytes: of the picture, where that is known.
        """
        if data is None:
            return
        self._fetched_bytes += len(data)
        if data:
            making = self._make(task.id, bytes(data))
            self._context.owner.start(making, f"task {task.id}: preview")
        elif size_bytes is None or size_bytes <= MAX_WHOLE_BYTES:
            # So much may have been read in vain. Its others are not waited for either.
            self._fetched_bytes += MAX_WHOLE_BYTES
            self._slow_hosts.add(host_of(task.input))

    async def _make(self, task_id: int, data: bytes) -> None:
        folder = self._context.shared.input_copies / "previews"
        source, target = folder / f"{task_id}.part", folder / f"{task_id}.webp"
        try:
            async with self._turn:
                # Not as an argument: qasync would write the whole picture into a log of everything.
                await asyncio.to_thread(lambda: _write(source, data))
                code, _ = await run_child(
                    "decode",
                    "preview",
                    source,
                    target,
                    str(SIDE_PX),
                    limit_s=_DECODING_LIMIT_S,
                    own_session=True,
                )
        except (OSError, TimeoutError) as error:
            _log.info("task %s: it has no preview: %s", task_id, error)
            return
        finally:
            with suppress(OSError):
                await asyncio.shield(asyncio.to_thread(source.unlink, missing_ok=True))
        if code == 0:
            self._context.publish(PreviewMade(task_id, target))


def _write(source: Path, data: bytes) -> None:
    make_private(source.parent)
    forget_oldest(source.parent, MAX_KEPT_BYTES)
    source.write_bytes(data)
