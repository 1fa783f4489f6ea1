"""Keeps the bytes that came with an address in a drag, for where its host refuses the program.

Whoever looks at a picture in a browser may be logged in there, or the host answers browsers alone.
What the browser has is then used in the place of the address: as a file of this computer.
Everything here reads or writes the disk: to be called off the event loop.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from enhance_gui.core.images.file_names import safe_stem
from enhance_gui.core.images.inputs.source import WebAddress
from enhance_gui.core.storage_errors import StorageError
from enhance_gui.jobs.support.saving import keep_picture
from enhance_gui.storage.files.results import PartFile
from enhance_gui.storage.folders import forget_oldest, make_private
from enhance_gui.storage.task_db.database import foreign_errors

_log = logging.getLogger(__name__)

MAX_KEPT_BYTES: Final = 2**28
"""Maximum size of all of them together; the oldest go first."""

MAX_AGE: Final = timedelta(days=7)
"""How long one is kept that nobody has needed."""


class StandBys:
    """The pictures that are kept beside their addresses, over the end of the program too."""

    def __init__(self, pasted: Path) -> None:
        """:param pasted: folder for pictures that come without a file; those that are used go
        there, and stay.
        """
        self._pasted = pasted
        self._folder = pasted / "stand-bys"

    def keep(self, address: str, data: bytes, now: datetime) -> None:
        """Keep the picture of an address, in the place of an earlier one of it.

        That it cannot be kept is no reason to refuse the address: it is logged.
        """
        path = self._path(address)
        try:
            with foreign_errors():
                make_private(self._folder)
                with PartFile(path.with_suffix(".part")) as part:
                    part.write(data)
                    part.finish()
                    path.unlink(missing_ok=True)
                    if not part.publish(path):
                        part.discard()  # the same was dropped twice at once
        except StorageError as error:
            _log.warning("the picture beside an address could not be kept: %s", error.detail)
        self.tidy(now)

    def find(self, address: str) -> Path | None:
        """Return the file that is kept of an address; ``None``: there is none."""
        path = self._path(address)
        return path if path.is_file() else None

    def take_out(self, address: str, now: datetime) -> Path:
        """Return a copy of what is kept of an address, named after that, which stays.

        What is kept stays as well, for another task with the same address.

        :raises StorageError: it cannot be read or written.
        """
        with foreign_errors():
            data = self._path(address).read_bytes()
        return keep_picture(data, self._pasted, now, safe_stem(WebAddress(address).name, ""))

    def tidy(self, now: datetime) -> None:
        """Remove what is old, and the oldest of the rest until that is below the maximum."""
        oldest_s = (now - MAX_AGE).timestamp()
        with suppress(OSError):
            for path in self._folder.iterdir():
                if path.stat().st_mtime < oldest_s:
                    path.unlink(missing_ok=True)
        forget_oldest(self._folder, MAX_KEPT_BYTES)

    def _path(self, address: str) -> Path:
        return self._folder / hashlib.sha256(address.encode()).hexdigest()
