"""Converts files for a service that does not take their kind, in a process of its own.

The copy lives only as long as it is handed over. Its name follows from the task: what an end of
the program has left behind is written over, or goes with the oldest copies of inputs.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from enhance_gui.core.images.picture import CheckedPicture
from enhance_gui.core.picture_errors import (
    InputError,
    KindNotSupported,
    PictureDamaged,
    PictureTooLarge,
)
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.detail import read_detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.jobs.own_program import run_child
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.storage.folders import make_private
from enhance_gui.storage.task_db.database import storage_error

CONVERTING_LIMIT_S: Final = 120.0
"""The largest pictures take half a minute on a computer that has nothing else to do."""

_DAMAGED: Final = N_("it cannot be decoded: it is cut or broken")
_REFUSALS: Final = {each.kind: each for each in (KindNotSupported, PictureDamaged, PictureTooLarge)}
"""What the child refuses a picture by; else it is the plain class."""


@asynccontextmanager
async def converted(
    context: ServiceContext, task: Task, source: Path, picture: CheckedPicture
) -> AsyncIterator[Path]:
    """Have a file converted, and hold the copy while the block hands it over.

    :raises InputError: it cannot be read or decoded, or what comes of it is too large for the
        service.
    :raises StorageError: the copy cannot be written.
    """
    folder = context.shared.input_copies
    copy = folder / f"{task.id}-for-service.part"
    try:
        try:
            await asyncio.to_thread(make_private, folder)
            sent_as = await _convert(context, source, picture, copy)
        except OSError as error:
            raise storage_error(error) from error
        if sent_as != picture.sent_as:
            await context.db.do(context.store.drafts.converted, task.id, sent_as)
        yield copy
    finally:
        with suppress(OSError):  # it goes with the oldest copies
            await asyncio.shield(asyncio.to_thread(copy.unlink, missing_ok=True))


async def _convert(
    context: ServiceContext, source: Path, picture: CheckedPicture, copy: Path
) -> str:
    """Return the format that was written."""
    try:
        _, printed = await run_child(
            "decode",
            "for-service",
            source,
            picture.header.format,
            copy,
            picture.sent_as,
            str(context.profile.limits.max_image_bytes),
            limit_s=CONVERTING_LIMIT_S,
            # An interrupt meant for the program must not look like a broken picture.
            own_session=True,
            prints=True,
        )
    except TimeoutError as error:
        raise PictureDamaged(
            "decoding it takes longer than {count:g} s", count=CONVERTING_LIMIT_S
        ) from error
    try:
        reply = json.loads(printed)
    except ValueError:  # its decoder has crashed, or met the limit of memory
        reply = {"kind": PictureDamaged.kind, "detail": _DAMAGED}
    if "errno" in reply:
        raise OSError(reply["errno"], os.strerror(reply["errno"]))
    if "kind" in reply:
        refused, detail = _REFUSALS.get(reply["kind"], InputError), read_detail(reply["detail"])
        raise refused(detail, kind=reply["kind"] if reply["kind"] in refused.cases else "")
    return str(reply["format"])
