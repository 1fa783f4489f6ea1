"""Limits how much the service stores: refuses what there is no room for."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

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


class StorageRoom:
    """Watches the free space of the disk and what uploads take together.

    For use by one event loop; only :meth:`prepare` reads the disk at length.
    """

    def __init__(self, files: FileStore, settings: ServiceSettings) -> None:
        self._files = files
        self._settings = settings
        self._uploads: dict[str, _Upload] = {}
        self._counted_bytes = 0

    def prepare(self) -> None:
        """Count the uploads that an earlier run has left.

        :raises FolderNotUsable: their folder cannot be read.
        """
        with disk_errors():
            found = [(entry.name, entry.stat()) for entry in os.scandir(self._files.uploads)]
        for name, status in sorted(found, key=lambda each: each[1].st_mtime):
            # A task has its picture as a further name of the same file.
            self.add_upload(name, status.st_size, status.st_mtime, is_taken=status.st_nlink > 1)

    @property
    def uploads_bytes(self) -> int:
        """What uploads take together, those that arrive included."""
        return self._counted_bytes

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
            raise full(f"the disk of the service has less than {reserve} free")

    @contextlib.contextmanager
    def for_upload(self) -> Iterator[None]:
        """Hold room for the largest upload there may be, while one arrives.

        :raises RequestRefused: there is none.
        """
        self.check_disk()
        needed_bytes = self._settings.limits.max_image_bytes
        self._make_room(needed_bytes)
        self._counted_bytes += needed_bytes
        try:
            yield
        finally:
            self._counted_bytes -= needed_bytes

    def add_upload(
        self, name: str, size_bytes: int, arrived_s: float, *, is_taken: bool = False
    ) -> None:
        """Count an upload that was kept."""
        counted_bytes = max(size_bytes, _MIN_COUNTED_BYTES)
        self._uploads[name] = _Upload(counted_bytes, arrived_s, is_taken)
        self._counted_bytes += counted_bytes

    def mark_taken(self, name: str) -> None:
        """Note that a task was made of an upload: it is the first to go where room is needed."""
        if name in self._uploads:
            self._uploads[name].is_taken = True

    def remove_old_uploads(self, now_s: float) -> None:
        """Remove the uploads that no task was made of in time."""
        oldest_s = now_s - self._settings.upload_lifetime_s
        self._remove([name for name, each in self._uploads.items() if each.arrived_s < oldest_s])

    def _make_room(self, needed_bytes: int) -> None:
        over_bytes = self._counted_bytes + needed_bytes - self._settings.max_uploads_bytes
        spare: list[str] = []
        for name, each in self._uploads.items():
            if over_bytes <= 0:
                break
            if each.is_taken:
                spare.append(name)
                over_bytes -= each.counted_bytes
        if over_bytes > 0:
            raise full("too many uploads wait for a task to be made of them")
        self._remove(spare)

    def _remove(self, names: list[str]) -> None:
        for name in names:
            self._counted_bytes -= self._uploads.pop(name).counted_bytes
        self._files.remove(self._files.uploads, names)
