"""A lock between processes that the system releases when its holder dies."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import IO

from messages import say

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


_ASK_AGAIN_S = 0.2


def take_lock(folder: Path) -> IO[bytes]:
    """Wait for the lock of ``folder`` and return its file; closing the file releases it.

    A child that inherits the file holds the lock as long as it lives: where the parent is
    killed, nobody takes the folder from under the child's hands.

    :raises OSError: the lock's file cannot be made, for example in a read-only folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    file = folder.with_name(f"{folder.name}.lock").open("ab")
    if not _try_lock(file):
        say("Another run is setting up this environment: waiting for it.")
        while not _try_lock(file):
            time.sleep(_ASK_AGAIN_S)
    return file
