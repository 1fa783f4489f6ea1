"""Measures the computer's memory, and limits what one worker may take."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

WORKER_BYTES: Final = 2 * 2**30
"""Of addresses, the libraries' included: 9216 × 9216 pixels, the most that are taken, need 1.0 GiB
when they are upscaled ×2, and a quarter more where a portrait or transparency keeps a copy. Of 16
bits a channel they need 1.3 GiB; where these have transparency and are turned besides, there is
not enough, which the task says."""

_CONTAINER_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")


if sys.platform == "win32":

    def physical_bytes() -> int | None:
        """Return the memory of this computer; ``None`` where it is not known."""
        import ctypes

        class Status(ctypes.Structure):
            # https://learn.microsoft.com/windows/win32/api/sysinfoapi/ns-sysinfoapi-memorystatusex
            _fields_ = [
                ("length", ctypes.c_uint32),
                ("load", ctypes.c_uint32),
                *((f"bytes_{number}", ctypes.c_uint64) for number in range(7)),
            ]

        status = Status(length=ctypes.sizeof(Status))
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return None
        return int(status.bytes_0)

else:

    def physical_bytes() -> int | None:
        """Return the memory of this computer, or of the container; ``None``: it is not known."""
        found = []
        with suppress(OSError, ValueError):
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
        with suppress(OSError, ValueError):
            found.append(int(_CONTAINER_LIMIT.read_text(encoding="ascii")))
        return min(found, default=None)


def workers_within(memory_bytes: int | None, wanted: int, worker_bytes: int) -> int:
    """Return how many of the workers wanted the memory allows: one always."""
    if memory_bytes is None:
        return wanted
    return max(1, min(wanted, memory_bytes // worker_bytes))


def limit_own_memory(maximum_bytes: int) -> None:
    """Limit the memory of this process.

    Only Linux counts what a process asks for; elsewhere the system's own limits have to do.
    """
    if sys.platform == "linux":
        import resource

        _, hard_bytes = resource.getrlimit(resource.RLIMIT_AS)
        if hard_bytes != resource.RLIM_INFINITY:
            maximum_bytes = min(maximum_bytes, hard_bytes)
        resource.setrlimit(resource.RLIMIT_AS, (maximum_bytes, hard_bytes))
