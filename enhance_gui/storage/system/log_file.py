"""Writes the log file: small, private, and ignored where it cannot be written."""

from __future__ import annotations

import logging
import os
import platform
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from enhance_gui import __version__
from enhance_gui.core.redaction import redacted
from enhance_gui.storage.folders import make_private

_log = logging.getLogger(__name__)

MAX_BYTES: Final = 2**20
FILES: Final = 3
"""The file that is written to, and older ones."""

_FORMAT: Final = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def set_up_logging(path: Path) -> None:
    """Write the log to a file too, from level INFO on, until the process ends.

    Where it cannot be written, the program works without.

    :param path: of the file; its folder may not exist yet.
    """
    with suppress(OSError):
        make_private(path.parent)
    file = _LogFile(path, maxBytes=MAX_BYTES, backupCount=FILES - 1, encoding="utf-8", delay=True)
    file.setLevel(logging.INFO)
    file.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.addHandler(file)
    if root.level > logging.INFO:
        root.setLevel(logging.INFO)
    _log.info("Enhance GUI %s begins on %s", __version__, platform.platform())


def last_lines(path: Path, count: int) -> list[str]:
    """Return the end of a log file, redacted once more; empty where there is none.

    :raises OSError: it cannot be read.
    """
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - count * 1000))
        text = file.read().decode("utf-8", "replace")
    return [redacted(line) for line in text.splitlines()[-count:]]


class _LogFile(RotatingFileHandler):
    """A log file that may fail: the disk may be full, or a second program may hold the file."""

    def _open(self) -> TextIOWrapper:
        file = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return TextIOWrapper(os.fdopen(file, "ab"), encoding="utf-8", errors="backslashreplace")

    def doRollover(self) -> None:  # noqa: N802  the base class's name
        # Windows does not rename a file that another program has open.
        with suppress(OSError):
            super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  likewise
        """Ignore the error: a log that cannot be written stops no work."""
