"""Downloads, verifies, names and records the files of a finished task, in this order."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from enhance_gui.client.download import download
from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.picture import PictureFacts
from enhance_gui.core.picture_errors import InputError, ResultError, ResultNotAsPromised
from enhance_gui.core.services.enhance_types import Outputs
from enhance_gui.core.settings.saving import HIDDEN_FOLDER, SidecarPlace
from enhance_gui.core.storage_errors import FolderNotUsable, StorageError
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure, Task
from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import N_
from enhance_gui.core.threads import run_to_end
from enhance_gui.jobs.worker.context import ServiceContext
from enhance_gui.jobs.worker.input_copies import InputCopier
from enhance_gui.jobs.worker.result_metadata import ResultWriter, Written, second_part_path
from enhance_gui.jobs.worker.result_plan import (
    names_result,
    part_path,
    plan_outputs,
    reserved_paths,
)
from enhance_gui.jobs.worker.result_retry import ResultRetry
from enhance_gui.jobs.worker.verifying import Verifier
from enhance_gui.storage.files.results import (
    PartFile,
    free_stem,
    make_folder,
    remove_part,
    same_file,
    sha256_of,
)
from enhance_gui.storage.files.sidecars import private_id_of, sidecar_text
from enhance_gui.storage.task_db.database import storage_error
from enhance_gui.storage.task_db.store import Output
from enhance_gui.wire.records import PictureInfo, TaskRecord

_log = logging.getLogger(__name__)

_MAX_RESULT_BYTES: Final = 512 * 2**20
_OVERHEAD_BYTES: Final = 2**20

BESIDE_AT_ONCE: Final = 4
"""Faces or variants of a service's tasks that are fetched at a time."""

_NOT_NAMED: Final = N_("the service names no address for it")


class ResultFetcher:
    """Fetches and saves the results of one service's tasks."""

    def __init__(self, context: ServiceContext, copier: InputCopier) -> None:
        self._context = context
        self._copier = copier
        self._verifier = Verifier()
        self._writer = ResultWriter(context, copier, self._verifier)
        self._db = context.db
        self._extra = asyncio.Semaphore(BESIDE_AT_ONCE)

    async def fetch(
        self,
        task: Task,
        record: TaskRecord,
        retry: ResultRetry,
        *,
        at_once: int = BESIDE_AT_ONCE,
    ) -> Task:
        """Save the result of a finished task.

        :param record: what the service reports of it.
        :param retry: decides whether faces or variants that cannot be had are still waited for;
            else they are left out, and named in the sidecar.
        :param at_once: so many of those are fetched at a time.
        :returns: the saved task.
        :raises ResultError: the result cannot be had now; the task is finished, as before.
        :raises StorageError: it cannot be stored now; likewise.
        """
        if not names_result(record):
            raise ResultNotAsPromised("the service calls the task finished but names no result")
        # It has waited for its turn, and may be wanted elsewhere by now.
        task = await self._db.do(self._db.store.tasks.get, task.id)
        await asyncio.to_thread(make_folder, task.save_folder)
        kinds = self._context.profile.enhance_types
        kind = next((each.outputs for each in kinds if each.id == task.type_id), None)
        earlier = await self._already_placed(task)
        stem, outputs = plan_outputs(
            task,
            record,
            kind or Outputs.FACES,
            earlier,
            self._context.shared.taken,
            self._context.shared.naming.template,
        )
        reserved = reserved_paths(task.save_folder, stem, outputs)
        self._context.shared.taken |= reserved
        try:
            task = await self._db.do(self._db.store.outputs.begin_fetch, task.id, outputs)
            self._context.changed(task)
            try:
                lost = await self._save_all(task, outputs, stem, retry, at_once)
                saved = await self._saved(task.id, record, stem, lost)
            except (ResultError, StorageError, OSError) as error:
                ours = storage_error(error) if isinstance(error, OSError) else error
                await self._put_off(task.id, ours)
                if ours is error:
                    raise
                raise ours from error
        finally:
            self._context.shared.taken -= reserved
        if kind is None and len(outputs) > 1:
            _log.warning(
                "task %d: the profile of “%s” does not list the enhance type “%s”; what was saved "
                "beside the result is called a face, and may be a variant of it",
                task.id,
                task.service,
                task.type_name,
            )
        return saved

    async def _save_all(
        self,
        task: Task,
        outputs: Sequence[Output],
        stem: str,
        retry: ResultRetry,
        at_once: int,
    ) -> list[str]:
        """Bring every file to its place; return why those are missing that nobody waits for.

        :raises ResultError: the main result cannot be had, or what is beside it may soon.
        """
        left = [each for each in outputs if not each.placed]
        for main in (each for each in left if each.number == 0):
            await self._save_one(task, main, stem)

        extra = [each for each in left if each.number != 0]
        lost: dict[int, ResultError] = {}

        async def save(output: Output) -> None:
            async with self._extra:
                if (gave_up := retry.gave_up) is not None:
                    lost[output.number] = gave_up
                    return
                try:
                    await self._save_one(task, output, stem)
                except ResultError as error:
                    retry.lost(error)
                    lost[output.number] = error
                else:
                    retry.came()

        await _each(save, [each for each in extra if each.promised.url], at_once)
        if (awaited := retry.wait_for(list(lost.values()))) is not None:
            raise awaited
        return [
            Detail(
                "{name}: {reason}",
                name=each.name,
                reason=lost[each.number].detail if each.number in lost else _NOT_NAMED,
            )
            for each in extra
            if each.number in lost or not each.promised.url
        ]

    async def _saved(
        self, task_id: int, record: TaskRecord, stem: str, missing: Sequence[str]
    ) -> Task:
        await self._see_all_there(task_id)
        sidecar = await self._write_sidecar(task_id, record, stem, missing)
        saved = await self._db.do(self._db.store.outputs.saved, task_id, sidecar, missing)
        self._context.changed(saved)
        return saved

    async def _save_one(self, task: Task, output: Output, stem: str) -> None:
        """Bring one file to its place."""
        promised = output.promised
        part = PartFile(output.part)  # not in a thread: cancelled there, it would stay open
        with part:
            sha256 = await self._download(promised, part)
            await run_to_end(part.finish)
            mark = self._context.shared.marks.at_work(task.id)
            verified = await self._verifier.verify(part.readable, promised, mark, part.descriptors)
            facts = replace(verified, sha256=sha256)
            written = await self._writer.write(task, output, part, facts)
            if written.part is None:
                await self._place(task, output, part, written, stem)
                return
            with written.part as anew:
                # First: a part that is still there means to the next start that nothing was placed.
                part.discard()
                await self._place(task, output, anew, written, stem)

    async def _see_all_there(self, task_id: int) -> None:
        """:raises FolderNotUsable: a file has gone since it was placed: "saved" would be a lie."""
        for output in await self._outputs(task_id):
            if output.placed and not await asyncio.to_thread(output.final.is_file):
                raise FolderNotUsable(
                    "{name} is no longer in the save folder", name=output.final.name
                )

    async def _download(self, promised: PictureInfo, part: PartFile) -> str:
        try:
            return await download(
                promised.url,
                part.write,
                max_bytes=_max_bytes(promised),
                client=self._context.pictures,
            )
        except InputError as error:
            # The address is the service's, not the user's: it is the result that cannot be had.
            raise ResultNotAsPromised(
                "the result's address: {problem}", problem=error.detail
            ) from error

    async def _place(
        self, task: Task, output: Output, part: PartFile, written: Written, stem: str
    ) -> None:
        """Record the name, then give it; where somebody took it meanwhile, the next free one."""
        store, facts, left_out = self._db.store.outputs, written.facts, written.left_out
        ending = f"{output.suffix}.{facts.header.format}"
        final = task.save_folder / (stem + ending)
        await self._db.do(store.verified, task.id, output.number, final, facts, left_out)
        while not await run_to_end(part.publish, final):
            free = free_stem(task.save_folder, stem, [ending], self._context.shared.taken)
            final = task.save_folder / (free + ending)
            await self._db.do(store.verified, task.id, output.number, final, facts, left_out)
        await self._db.do(store.placed, task.id, output.number)

    async def _write_sidecar(
        self, task_id: int, record: TaskRecord, stem: str, missing: Sequence[str]
    ) -> Path | None:
        """Write the sidecar where the user wants it; return its path, ``None`` where he wants none.

        All that it says stands in the list of tasks, too.
        """
        await self._copier.ended(task_id)
        task = await self._db.do(self._db.store.tasks.get, task_id)
        naming = self._context.shared.naming
        placed = [output for output in await self._outputs(task_id) if output.placed]
        main = placed[0].facts
        assert main is not None  # noqa: S101  placed only after it was verified
        text = sidecar_text(
            task,
            _before(task, record),
            main,
            [each.final.name for each in placed[1:]],
            missing,
            self._context.clock.wall(),
            left_out=placed[0].left_out,
            strip_signatures=naming.strip_signatures,
        )
        taken = self._context.shared.taken
        return await asyncio.to_thread(_place_sidecar, task, stem, text, naming.sidecars, taken)

    async def _already_placed(self, task: Task) -> list[Output]:
        """Find what an interrupted try has brought to its place without recording it, and what
        somebody has taken from there since.
        """
        outputs = []
        for output in await self._outputs(task.id):
            placed = output.placed and await asyncio.to_thread(output.final.is_file)
            if output.placed and not placed:
                await self._db.do(self._db.store.outputs.missing, task.id, output.number)
            elif not placed:
                placed = output.facts is not None and await self._is_own(task.id, output)
                # That try may have ended before it took the part's name away, and this one may
                # never come to the file: the service names it no more, or its host is given up.
                if output.part == part_path(task, output.number):
                    await asyncio.to_thread(remove_part, output.part)
                    await asyncio.to_thread(remove_part, second_part_path(task, output.number))
                if placed:
                    await self._db.do(self._db.store.outputs.placed, task.id, output.number)
            outputs.append(replace(output, placed=placed))
        return outputs

    async def _is_own(self, task_id: int, output: Output) -> bool:
        """Return whether what is under the final name is what an interrupted try has put there.

        Another task's result, or a file of the user's, may have the same content.
        """
        if await self._db.do(self._db.store.outputs.is_claimed, output.final, task_id):
            return False
        return await asyncio.to_thread(_was_placed, output)

    async def _put_off(self, task_id: int, error: EnhanceError) -> None:
        """Record that it did not succeed now; best effort, since the disk may be the reason."""
        try:
            task = await self._db.do(self._db.store.tasks.get, task_id)
            if task.state is TaskState.FETCHING:
                failure = Failure.of(error)
                self._context.changed(
                    await self._db.do(self._db.store.outputs.put_off, task_id, failure)
                )
        except StorageError:
            # The start after this run finds the task where it is and puts it right.
            return

    async def _outputs(self, task_id: int) -> list[Output]:
        return await self._db.do(self._db.store.outputs.of, task_id)


def _was_placed(output: Output) -> bool:
    if output.facts is None or sha256_of(output.final) != output.facts.sha256:
        return False
    # Where its part is still there, the try ended before it took that name away.
    return not os.path.lexists(output.part) or same_file(output.part, output.final)


async def _each(
    save: Callable[[Output], Awaitable[None]], files: Sequence[Output], at_once: int
) -> None:
    """Save files, several at a time; after a fault no further one is begun, and it is raised."""
    left = deque(files)

    async def work() -> None:
        try:
            while left:
                await save(left.popleft())
        # Cancelled, too: the others end with the file that they are at.
        except BaseException:
            left.clear()
            raise

    workers = [work() for _ in range(min(at_once, len(files)))]
    # All have ended before anything is raised: a part that still grows would be in the way of the
    # next try.
    for outcome in await asyncio.gather(*workers, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


def _max_bytes(promised: PictureInfo) -> int:
    """Return the cap of a download: what the pixels would take uncompressed, and some."""
    if not promised.width_px or not promised.height_px:
        return _MAX_RESULT_BYTES
    uncompressed = promised.width_px * promised.height_px * 4
    return min(_MAX_RESULT_BYTES, uncompressed + _OVERHEAD_BYTES)


def _before(task: Task, record: TaskRecord) -> PictureFacts | None:
    """Return what is known of the picture that went in."""
    if task.checked is None:
        return None
    size_bytes = task.checked.size_bytes or record.before.size or None
    return PictureFacts(task.checked.header, size_bytes, task.input_sha256)


def _place_sidecar(
    task: Task, stem: str, text: str, place: SidecarPlace, taken: set[Path]
) -> Path | None:
    part_name = part_path(task, "s").name
    folders = {
        SidecarPlace.BESIDE: task.save_folder,
        SidecarPlace.HIDDEN: task.save_folder / HIDDEN_FOLDER,
    }
    there = None
    # What an interrupted try has left, wherever sidecars went then.
    for folder in folders.values():
        final = folder / f"{stem}.json"
        if private_id_of(final) == task.private_id:
            there = final
        remove_part(folder / part_name)
    if there is not None or place is SidecarPlace.OFF:
        return there
    folder = folders[place]
    folder.mkdir(exist_ok=True)
    with PartFile(folder / part_name) as part:
        part.write(text.encode())
        return part.publish_free(folder / f"{stem}.json", taken)
