"""How much memory a process has resident, watched while something happens."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

MIB = 2**20


def resident_bytes(process_id: int) -> int:
    """Return what a process of Linux has resident; 0 where it has gone."""
    try:
        text = Path(f"/proc/{process_id}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    return next(
        (int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("VmRSS")), 0
    )


class MemoryWatch:
    """Looks every few hundredths of a second, in a thread, until the block ends."""

    def __init__(self, process_id: int, every_s: float = 0.03) -> None:
        self.start_bytes = 0
        """Resident when :meth:`begin` was called, or at the first look."""
        self.peak_bytes = 0
        self._process_id = process_id
        self._every_s = every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory watch", daemon=True)

    @property
    def growth_bytes(self) -> int:
        """Most that was resident beyond the start."""
        return self.peak_bytes - self.start_bytes

    def begin(self) -> None:
        """Count from now on."""
        self.start_bytes = self.peak_bytes = resident_bytes(self._process_id)

    def __enter__(self) -> Self:
        self.begin()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(self._every_s):
            self.peak_bytes = max(self.peak_bytes, resident_bytes(self._process_id))
