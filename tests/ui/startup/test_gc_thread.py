"""Widgets in cycles are destroyed on the window's thread alone."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading

import pytest

from enhance_gui.ui.startup.gc_thread import GarbageCollector

pytestmark = pytest.mark.usefixtures("qapp")


class Cyclic:
    """Part of a cycle; tells which thread ended it."""

    ended_in: set[int] = set()  # noqa: RUF012  shared on purpose

    def __init__(self) -> None:
        self.myself = self

    def __del__(self) -> None:
        self.ended_in.add(threading.get_ident())


def test_cycles_end_on_this_thread_whoever_allocates() -> None:
    collector = GarbageCollector()
    try:
        assert not gc.isenabled()
        for _ in range(100):
            Cyclic()
        kept: list[list[int]] = []
        many = 100_000
        allocating = threading.Thread(target=lambda: kept.extend([n] for n in range(many)))
        allocating.start()
        allocating.join()
        assert len(kept) == many
        assert Cyclic.ended_in == set()
        collector.collect_if_due()
        assert Cyclic.ended_in == {threading.get_ident()}
    finally:
        collector.stop()
    assert gc.isenabled()


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has arenas")
def test_threads_share_their_memory() -> None:
    program = """
import ctypes, threading
from enhance_gui.ui.startup.gc_thread import share_arenas
share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
ready = threading.Barrier(9)
places = []
def take():
    places.append(libc.malloc(1000) >> 26)  # an arena begins at a multiple of 64 MiB
    ready.wait()
for _ in range(8):
    threading.Thread(target=take).start()
ready.wait()
print(len(set(places)))
"""
    reported = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert reported.returncode == 0, reported.stderr
    assert int(reported.stdout) <= 2
