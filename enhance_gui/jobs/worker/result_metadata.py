"""Writes results anew: with what their originals say beside their pixels, of the kind wanted.

Services give back pixels and little else, so this is done here, for every service alike. It never
costs a result: where it cannot be done the result is saved as it came, and its sidecar says why.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from enhance_gui import __version__
from enhance_gui.core.images.carried.carrying import ENHANCED, INVENTED, KeptMetadata, Mark
from enhance_gui.core.images.formats import SAVED_FORMATS
from enhance_gui.core.images.left_out import LeftOut, Part
from enhance_gui.core.images.picture import PictureFacts
from enhance_gui.core.picture_errors import ResultNotAsPromised
from enhance_gui.core.services.enhance_types import colourises
from enhance_gui.core.storage_errors import DiskFull
from enhance_gui.core.tasks.task import Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.threads import run_to_end
from enhance_gui.imaging.carry import write_carried
from enhance_gui.imaging.pieces import NotEditable, Write, copy
from enhance_gui.imaging.verify import examine_picture
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.input_copies import InputCopier
from enhance_gui.jobs.worker.result_conversion import Converted, ResultConverter, as_it_came
from enhance_gui.jobs.worker.result_plan import part_path
from enhance_gui.jobs.worker.verifying import Verifier
from enhance_gui.storage.files.results import PartFile, sha256_of
from enhance_gui.storage.task_db.database import storage_error
from enhance_gui.storage.task_db.store import Output

_log = logging.getLogger(__name__)

_SOFTWARE: Final = f"Enhance GUI {__version__}"


def second_part_path(task: Task, number: int) -> Path:
    """Return where a file of a task grows anew, with what it carries."""
    return part_path(task, f"{number}m")


class Written(NamedTuple):
    """What has become of a verified result."""

    part: PartFile | None
    """Another part file, finished; ``None``: the result stays as it is."""
    facts: PictureFacts
    left_out: tuple[LeftOut, ...]
    """What it has not that it was to have."""


class ResultWriter:
    """Writes the results of one service's tasks anew: of the kind wanted, with what they carry."""

    def __init__(self, context: ServiceContext, copier: InputCopier, verifier: Verifier) -> None:
        self._context = context
        self._copier = copier
        self._converter = ResultConverter(context, verifier)

    async def write(
        self, task: Task, output: Output, part: PartFile, facts: PictureFacts
    ) -> Written:
        """Write a verified result as the kind of file that is wanted, with what it carries.

        :param facts: the result's.
        :raises OSError: the disk is failing.
        """
        kept = self._context.shared.naming.metadata
        original, reason = await self._original_of(task)
        async with self._converter.converted(task, output, part, facts, original) as converted:
            written = await self._carried(task, output, part, converted, original, kept)
        if written.part is None and converted.path is not None:
            converted = as_it_came(converted.came)
        lost = list(dict.fromkeys(written.left_out))
        if reason and kept is not KeptMetadata.NONE:
            lost.insert(0, LeftOut(Part.METADATA, reason))
        return written._replace(left_out=(*converted.left_out, *lost))

    async def _carried(
        self,
        task: Task,
        output: Output,
        part: PartFile,
        converted: Converted,
        original: Path | None,
        kept: KeptMetadata,
    ) -> Written:
        """Write what a result carries; where that cannot be done, what it was converted to."""
        left_out: tuple[LeftOut, ...] = ()
        for is_plain in (False, True):
            if is_plain and converted.path is None:
                break
            carried = PartFile(second_part_path(task, output.number))
            try:
                found, reasons = await run_to_end(
                    self._written, task, output, part, carried, converted, original, kept, is_plain
                )
            except BaseException:
                carried.discard()
                raise
            left_out += tuple(LeftOut(Part.METADATA, each) for each in reasons)
            if found is not None:
                return Written(carried, found, left_out)
            carried.discard()
        return Written(None, converted.came, left_out)

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
        converted: Converted,
        original: Path | None,
        kept: KeptMetadata,
        is_plain: bool,
    ) -> tuple[PictureFacts | None, list[str]]:
        """Write the file and look at what was written; ``None``: it is of no use.

        :param is_plain: write what it was converted to, and nothing beside its pixels.
        """
        digest = hashlib.sha256()

        def write(data: bytes) -> None:
            carried.write(data)
            digest.update(data)

        header = converted.facts.header
        try:
            with (converted.path or part.readable).open("rb") as file:
                if is_plain:
                    left_out: list[str] = []
                    copy(file, 0, None, write)
                else:
                    left_out = self._write(
                        task, output, part, converted, file, original, kept, write
                    )
            size_bytes = carried.finish()
            examine_picture(
                carried.readable,
                expected_width_px=header.width_px,
                expected_height_px=header.height_px,
                expected_format=header.format,
                kinds=SAVED_FORMATS,
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
        written = replace(converted.facts, size_bytes=size_bytes, sha256=digest.hexdigest())
        return written, left_out

    def _write(
        self,
        task: Task,
        output: Output,
        part: PartFile,
        converted: Converted,
        file: BinaryIO,
        original: Path | None,
        kept: KeptMetadata,
        write: Write,
    ) -> list[str]:
        source_type = INVENTED if colourises(task.type_name) else ENHANCED
        mark = Mark(_SOFTWARE, task.type_name, self._context.clock.wall(), source_type)
        sides_px = None
        if task.checked is not None:
            sides_px = task.checked.header.width_px, task.checked.header.height_px
        with ExitStack() as opened:
            came = None
            if converted.path is not None:
                own = opened.enter_context(part.readable.open("rb"))
                own.seek(0)
                came = own, converted.came.header.format
            return write_carried(
                file,
                converted.facts.header,
                original,
                sides_px,
                kept,
                mark,
                write,
                # Of a face, too, one wants to know by whom and when it was photographed; only
                # where it is in the picture is not true of it.
                is_part=output.is_part_of_picture,
                converted_from=came,
            )
