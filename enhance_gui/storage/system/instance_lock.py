"""Locks the list of tasks for one process at a time; the lock ends with the process."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from enhance_gui.storage.folders import make_private

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD: Final = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})
"""Errors that mean that somebody has the lock; any other is a fault of the disk."""


def address_file(folder: Path) -> Path:
    """Return the file in which the process that holds the lock publishes its address."""
    return folder / "instance.json"


class InstanceLock:
    """The right to work on a folder's list of tasks.

    Held through an open file, so that the system takes it back when the process ends in any way;
    no stale lock can stay behind.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "instance.lock"
        self._address = address_file(folder)
        self._file: int | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free.

        The address that an earlier process published is removed: the port of a process that was
        killed may be somebody else's by now.

        :returns: whether this process holds it now.
        :raises OSError: the folder cannot be written to.
        """
        if self._file is not None:
            return True
        make_private(self._path.parent)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _lock(file)
        except OSError as error:
            os.close(file)
            if error.errno in _HELD:
                return False
            raise
        self._file = file
        with suppress(OSError):
            self._address.unlink()
        return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> InstanceLock:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()
