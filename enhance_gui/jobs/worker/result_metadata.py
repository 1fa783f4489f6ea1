"""Has results carry what their originals say beside their pixels, before they get their names.

Services give back pixels and little else, so this is done here, for every service alike. It never
costs a result: where it cannot be done the result is saved as it came, and its sidecar says why.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import replace
from pathlib import Path
from typing import Final

from enhance_gui import __version__
from enhance_gui.core.images.carried.carrying import ENHANCED, INVENTED, KeptMetadata, Mark
from enhance_gui.core.images.picture import PictureFacts
from enhance_gui.core.picture_errors import ResultNotAsPromised
from enhance_gui.core.services.enhance_types import colourises
from enhance_gui.core.storage_errors import DiskFull
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.threads import run_to_end
from enhance_gui.imaging.carry import write_carried
from enhance_gui.imaging.pieces import NotEditable
from enhance_gui.imaging.verify import examine_picture
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.input_copies import InputCopier
from enhance_gui.jobs.worker.result_plan import part_path
from enhance_gui.storage.files.results import PartFile, sha256_of
from enhance_gui.storage.task_db.database import storage_error
from enhance_gui.storage.task_db.store import Output

_log = logging.getLogger(__name__)

_SOFTWARE: Final = f"Enhance GUI {__version__}"


def second_part_path(task: Task, number: int) -> Path:
    """Return where a file of a task grows anew, with what it carries."""
    return part_path(task, f"{number}m")


class MetadataWriter:
    """Writes the results of one service's tasks anew, with what they carry."""

    def __init__(self, context: ServiceContext, copier: InputCopier) -> None:
        self._context = context
        self._copier = copier
        self._left_out: dict[int, list[str]] = {}

    def left_out(self, task_id: int) -> list[str]:
        """Return why the main result of a task does not carry all."""
        return self._left_out.get(task_id, [])

    def forget(self, task_id: int) -> None:
        """Forget a task whose results and sidecar are in their place."""
        self._left_out.pop(task_id, None)

    async def write(
        self, task: Task, output: Output, part: PartFile, facts: PictureFacts
    ) -> tuple[PartFile, PictureFacts] | None:
        """Write a verified result together with what it carries.

        :param facts: the result's.
        :returns: another part file, finished, and its facts; ``None``: the result stays as it is.
        :raises OSError: the disk is failing.
        """
        kept = self._context.shared.naming.metadata
        original, reason = await self._original_of(task)
        carried = PartFile(second_part_path(task, output.number))
        try:
            found, left_out = await run_to_end(
                self._written, task, output, part, carried, facts, original, kept
            )
        except BaseException:
            carried.discard()
            raise
        if reason and kept is not KeptMetadata.NONE:
            left_out.insert(0, reason)
        if output.number == 0:
            self._left_out[task.id] = left_out
        if found is None:
            carried.discard()
            return None
        return carried, found

    async def _original_of(self, task: Task) -> tuple[Path | None, str]:
        """Return the picture that went in, or why its metadata cannot be had."""
        await self._copier.ended(task.id)
        task = await self._context.db.do(self._context.store.tasks.get, task.id)
        path = task.before_file
        if path is None:
            return None, Detail("all: there is no copy of the original, which came by address")
        sha256 = await asyncio.to_thread(sha256_of, path)
        if sha256 is None:
            return None, Detail("all: the original is no longer there")
        # What was put in its place since may be another picture, taken elsewhere by somebody else.
        if task.input_sha256 not in (None, sha256):
            return None, Detail("all: the original was changed since it was sent")
        return path, ""

    def _written(
        self,
        task: Task,
        output: Output,
        part: PartFile,
        carried: PartFile,
        facts: PictureFacts,
        original: Path | None,
        kept: KeptMetadata,
    ) -> tuple[PictureFacts | None, list[str]]:
        """Write the file and look at what was written; ``None``: it is of no use."""
        digest = hashlib.sha256()

        def write(data: bytes) -> None:
            carried.write(data)
            digest.update(data)

        source_type = INVENTED if colourises(task.type_name) else ENHANCED
        mark = Mark(_SOFTWARE, task.type_name, self._context.clock.wall(), source_type)
        sides_px = None
        if task.checked is not None:
            sides_px = task.checked.header.width_px, task.checked.header.height_px
        header = facts.header
        try:
            with part.readable.open("rb") as file:
                left_out = write_carried(
                    file,
                    header,
                    original,
                    sides_px,
                    kept,
                    mark,
                    write,
                    # A variant is the whole picture. Of a face, too, one wants to know by whom and
                    # when it was photographed; only where it is in the picture is not true of it.
                    is_part="-face-" in output.suffix,
                )
            size_bytes = carried.finish()
            examine_picture(
                carried.readable,
                expected_width_px=header.width_px,
                expected_height_px=header.height_px,
                expected_format=header.format,
            )
        except NotEditable as error:
            return None, [
                Detail("all: nothing can be written into the result ({reason})", reason=error)
            ]
        except OSError as error:
            # A result that is paid for and fits is saved, though it has no room twice.
            if not isinstance(storage_error(error), DiskFull):
                raise
            return None, [Detail("all: the disk has no room to write the result anew")]
        except ResultNotAsPromised as error:
            _log.error("task %d: its metadata broke the file: %s", task.id, error.detail)
            return None, [Detail("all: they could not be written")]
        # What somebody else's tags lead to must not cost a result that is paid for.
        except Exception:  # noqa: BLE001
            _log.exception("task %d: its metadata could not be carried", task.id)
            return None, [Detail("all: they could not be read")]
        written = replace(facts, size_bytes=size_bytes, sha256=digest.hexdigest())
        return written, left_out
