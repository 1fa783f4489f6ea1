"""Converts results to the kind of file that the user wants, before they get their names.

It never costs a result: one that the wanted kind cannot hold is saved as it came, and it is told
why. What has the wanted kind by now is never encoded anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from enhance_gui.core.images.formats import SAVED_FORMATS
from enhance_gui.core.images.left_out import LeftOut, Part
from enhance_gui.core.images.picture import PictureFacts
from enhance_gui.core.picture_errors import NotConvertible, ResultNotAsPromised
from enhance_gui.core.settings.saving import ResultFormat
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.core.threads import run_to_end
from enhance_gui.imaging.carry import orientation_of
from enhance_gui.imaging.convert import MAX_SIDES_PX
from enhance_gui.jobs.own_program import run_child
from enhance_gui.jobs.support.converting import (
    CONVERTING_LIMIT_S,
    Conversion,
    conversion_of,
    refuse_failed,
)
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.verifying import Verifier
from enhance_gui.storage.files.results import PartFile
from enhance_gui.storage.folders import make_private
from enhance_gui.storage.task_db.store import Output
from enhance_gui.wire.records import PictureInfo

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Converted:
    """What has become of a result that was to be another kind of file."""

    path: Path | None
    """The picture alone, upright; ``None``: it stays as it came."""
    facts: PictureFacts
    """Of that, without a hash; else of the result as it came."""
    came: PictureFacts
    """Of the result as it came."""
    left_out: tuple[LeftOut, ...] = ()


def wanted_kind(task: Task) -> str:
    """Return the kind of file that a task's results are to be; empty: as they come."""
    if task.result_format is not ResultFormat.SAME:
        return task.result_format.value
    own = "" if task.checked is None else task.checked.header.format
    return own if own in MAX_SIDES_PX else ""


class ResultConverter:
    """Converts the results of one service's tasks, one at a time."""

    def __init__(self, context: ServiceContext, verifier: Verifier) -> None:
        self._context = context
        self._verifier = verifier
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def converted(
        self, task: Task, output: Output, part: PartFile, facts: PictureFacts, original: Path | None
    ) -> AsyncIterator[Converted]:
        """Convert a verified result where that is wanted; what is made lasts as long as the block.

        :param facts: the result's.
        :param original: the picture that went in, where it can be had.
        """
        kind = wanted_kind(task)
        if kind in ("", facts.header.format):
            yield Converted(None, facts, facts)
            return
        # In a folder of the program, whose oldest files are tidied away.
        room = self._context.shared.input_copies / f"{task.id}-{output.number}-{kind}.part"
        try:
            try:
                async with self._turn:
                    done = await self._convert(task, output, part, facts, original, kind, room)
            except (NotConvertible, ResultNotAsPromised) as error:
                done = as_it_came(facts, error.detail)
            # What keeps the program from converting must not cost a result that is paid for.
            except (OSError, TimeoutError) as error:
                _log.warning("task %d: not converted to %s: %s", task.id, kind, error)
                done = as_it_came(facts)
            yield done
        finally:
            with suppress(OSError):  # else it goes with the oldest
                await asyncio.shield(asyncio.to_thread(room.unlink, missing_ok=True))

    async def _convert(
        self,
        task: Task,
        output: Output,
        part: PartFile,
        facts: PictureFacts,
        original: Path | None,
        kind: str,
        room: Path,
    ) -> Converted:
        await asyncio.to_thread(make_private, room.parent)
        plan = await run_to_end(_plan, task, output, part, facts, original, kind)
        if plan.is_elsewhere:
            code, _ = await run_child(
                "decode",
                "convert",
                *plan.arguments(room),
                limit_s=CONVERTING_LIMIT_S,
                descriptors=part.descriptors,
                # An interrupt meant for the program must not look like a broken picture.
                own_session=True,
            )
            refuse_failed(code)
        else:
            await run_to_end(plan.carry_out, room)
        mark = self._context.shared.marks.at_work(task.id)
        found = await self._verifier.verify(room, PictureInfo(), mark, kinds=SAVED_FORMATS)
        return Converted(room, found, facts, plan.notes)


def _plan(
    task: Task,
    output: Output,
    part: PartFile,
    facts: PictureFacts,
    original: Path | None,
    kind: str,
) -> Conversion:
    sides_px = None
    if task.checked is not None:
        sides_px = task.checked.header.width_px, task.checked.header.height_px
    with part.readable.open("rb") as file:
        file.seek(0)
        orientation = orientation_of(
            file, facts.header, original, sides_px, is_part=output.is_part_of_picture
        )
    return conversion_of(
        part.readable, facts, kind, task.quality, orientation=orientation, on_white=False
    )


def as_it_came(facts: PictureFacts, reason: str = N_("it could not be converted")) -> Converted:
    """Return what becomes of a result that is not to be converted, and says why."""
    note = Detail("it stays {format}: {reason}", format=facts.header.format.upper(), reason=reason)
    return Converted(None, facts, facts, (LeftOut(Part.FORMAT, note),))
