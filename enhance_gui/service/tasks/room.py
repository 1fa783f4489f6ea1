"""Limits how much the service stores: refuses what there is no room for."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from enhance_gui.core.service_errors import SERVICE_DISK_FULL, RequestRefused
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store.file_store import FileStore, disk_errors
from enhance_gui.service.tasks.refusals import full

_MIN_COUNTED_BYTES: Final = 64 * 1024
"""What a small file counts: the number of files is bounded too."""


@dataclass(slots=True)
class _Upload:
    counted_bytes: int
    arrived_s: float
    """Civil time, as files carry it."""
    is_taken: bool
    """Whether a task was made of it: then it may go, since the task has its own copy."""


@dataclass(slots=True)
class _PartialUpload:
    counted_bytes: int
    """Of the whole, as far as its size is known."""
    changed_s: float
    """Civil time, as files carry it."""
    is_arriving: bool


class StorageRoom:
    """Watches the free space of the disk and what uploads take.

    Beside others a user may have as much as there is room left: however much the others have
    uploaded, something of everybody is taken.

    For use by one event loop; only :meth:`prepare` reads the disk at length.
    """

    def __init__(self, files: FileStore, settings: ServiceSettings) -> None:
        self._files = files
        self._settings = settings
        self._uploads: dict[str, _Upload] = {}
        self._partial: dict[str, _PartialUpload] = {}
        self._counted_bytes: Counter[str] = Counter()
        """By owner, as their names tell it."""

    def prepare(self) -> None:
        """Count the uploads that an earlier run has left.

        :raises FolderNotUsable: their folder cannot be read.
        """
        for name, status in _files_in(self._files.uploads):
            # A task has its picture as a further name of the same file.
            self.add_upload(name, status.st_size, status.st_mtime, is_taken=status.st_nlink > 1)
        for stem, status in _files_in(self._files.partial):
            self._count_partial(stem, status.st_size, status.st_mtime)

    @property
    def uploads_bytes(self) -> int:
        """What uploads take together, those that arrive included."""
        return self._counted_bytes.total()

    def free_bytes(self) -> int:
        """Return the free space of the disk.

        :raises FolderNotUsable: it cannot be told.
        """
        with disk_errors():
            return shutil.disk_usage(self._files.uploads).free

    def check_disk(self) -> None:
        """:raises RequestRefused: the disk is nearly full."""
        if self.free_bytes() < self._settings.reserve_bytes:
            reserve = f"{self._settings.reserve_bytes / 2**30:.3g} GiB"
            why = f"the disk of the service has less than {reserve} free"
            raise full(why, SERVICE_DISK_FULL)

    @contextlib.contextmanager
    def for_upload(self, stem: str) -> Iterator[None]:
        """Hold room for the largest upload there may be, while one arrives.

        :param stem: what it will be called.
        :raises RequestRefused: there is none.
        """
        self.check_disk()
        needed_bytes = self._settings.limits.max_image_bytes
        self._make_room(stem, needed_bytes)
        self._count(stem, needed_bytes)
        try:
            yield
        finally:
            self._count(stem, -needed_bytes)

    def add_upload(
        self, name: str, size_bytes: int, arrived_s: float, *, is_taken: bool = False
    ) -> None:
        """Count an upload that was kept."""
        counted_bytes = max(size_bytes, _MIN_COUNTED_BYTES)
        self._uploads[name] = _Upload(counted_bytes, arrived_s, is_taken)
        self._count(name, counted_bytes)

    def mark_taken(self, name: str) -> None:
        """Note that a task was made of an upload: it is the first to go where room is needed."""
        if name in self._uploads:
            self._uploads[name].is_taken = True

    def renew_upload(self, name: str, now_s: float) -> None:
        """Have an upload wait for a task once more, as if it had just arrived."""
        if (upload := self._uploads.pop(name, None)) is not None:
            self._uploads[name] = _Upload(upload.counted_bytes, now_s, is_taken=False)

    def begin_partial(self, stem: str, length_bytes: int, now_s: float) -> None:
        """Hold room for an upload in pieces, of which one arrives.

        :raises RequestRefused: there is none.
        """
        self.check_disk()
        before = self._partial.get(stem)
        self.forget_partial(stem)
        try:
            self._make_room(stem, max(length_bytes, _MIN_COUNTED_BYTES))
        except RequestRefused:
            if before is not None:
                # Of another request a piece may be arriving: then it must not go.
                self._partial[stem] = before
                self._count(stem, before.counted_bytes)
            raise
        self._count_partial(stem, length_bytes, now_s)
        self._partial[stem].is_arriving = True

    def end_partial(self, stem: str, now_s: float) -> None:
        """Note that no piece of an upload arrives at present: where room is needed it may go."""
        if (partial := self._partial.get(stem)) is not None:
            partial.is_arriving, partial.changed_s = False, now_s

    def forget_partial(self, stem: str) -> None:
        """Count an upload in pieces no more: it is whole, or will be counted anew."""
        if (partial := self._partial.pop(stem, None)) is not None:
            self._count(stem, -partial.counted_bytes)

    def remove_partial(self, stem: str) -> None:
        """Remove what has arrived of an upload in pieces."""
        self.forget_partial(stem)
        self._files.remove(self._files.partial, [stem])

    def remove_old_uploads(self, now_s: float) -> None:
        """Remove the uploads that no task was made of in time, and those that did not go on."""
        oldest_s = now_s - self._settings.upload_lifetime_s
        self._remove([name for name, each in self._uploads.items() if each.arrived_s < oldest_s])
        for stem in [stem for stem, each in self._idle_partial() if each.changed_s < oldest_s]:
            self.remove_partial(stem)

    def _make_room(self, new: str, needed_bytes: int) -> None:
        """Make room for an upload: what can be spared of it goes, the user's own first.

        :param new: what it is called.
        """
        counted_bytes, owner = self._counted_bytes, self._files.owner_of(new)

        def is_own(name: str) -> bool:
            return self._files.owner_of(name) == owner

        # The user's own counts twice: once as theirs, once as a part of all.
        over_bytes = counted_bytes[owner] + counted_bytes.total() + 2 * needed_bytes
        over_bytes -= 2 * self._settings.max_uploads_bytes
        used = [name for name, each in self._uploads.items() if each.is_taken]
        spare: list[str] = []
        for name in sorted(used, key=is_own, reverse=True):
            if over_bytes <= 0:
                break
            spare.append(name)
            over_bytes -= (1 + is_own(name)) * self._uploads[name].counted_bytes
        half: list[str] = []
        for stem, partial in self._idle_partial():
            if over_bytes <= 0:
                break
            if is_own(stem):
                half.append(stem)
                over_bytes -= 2 * partial.counted_bytes
        if over_bytes > 0:
            raise full("too many uploads wait for a task to be made of them")
        self._remove(spare)
        for stem in half:
            self.remove_partial(stem)

    def _idle_partial(self) -> list[tuple[str, _PartialUpload]]:
        """Return the uploads in pieces of which none arrives, the oldest first."""
        idle = [(stem, each) for stem, each in self._partial.items() if not each.is_arriving]
        return sorted(idle, key=lambda each: each[1].changed_s)

    def _count_partial(self, stem: str, size_bytes: int, changed_s: float) -> None:
        counted_bytes = max(size_bytes, _MIN_COUNTED_BYTES)
        self._partial[stem] = _PartialUpload(counted_bytes, changed_s, is_arriving=False)
        self._count(stem, counted_bytes)

    def _count(self, name: str, more_bytes: int) -> None:
        self._counted_bytes[self._files.owner_of(name)] += more_bytes

    def _remove(self, names: list[str]) -> None:
        for name in names:
            self._count(name, -self._uploads.pop(name).counted_bytes)
        self._files.remove(self._files.uploads, names)


def _files_in(folder: Path) -> list[tuple[str, os.stat_result]]:
    """Return the names of a folder's files and what is known of them, the oldest first."""
    with disk_errors():
        found = [(entry.name, entry.stat()) for entry in os.scandir(folder)]
    return sorted(found, key=lambda each: each[1].st_mtime)
