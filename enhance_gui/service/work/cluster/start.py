"""Starts workers of a cluster: Dask's own, each below a nanny, with what their jobs need loaded."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import suppress
from functools import partial
from typing import Any, Final

from distributed import Nanny

from enhance_gui.core.supervisor import TaskSupervisor

_LOG = logging.getLogger(__name__)

_PRELOAD: Final = "enhance_gui.service.work.cluster.on_worker"
"""Read by Dask's worker before it joins: its ``dask_setup`` is called."""
_AGAIN_S: Final = 2.0
"""Before a worker that has lost its scheduler, or found none, looks for it anew."""
_GOODBYE_S: Final = 5.0


async def run_workers(address: str, count: int) -> None:
    """Run workers of one thread each until the process is asked to end.

    They wait for a scheduler that is not there, and for one that is gone.
    """
    stop = asyncio.Event()
    _on_signals(stop)
    _LOG.warning("looking for the scheduler at %s", address)
    workers = TaskSupervisor(partial(_LOG.error, "a worker broke off: %s"))
    for number in range(count):
        workers.start(_run_always(address), f"worker {number}")
    await stop.wait()
    await workers.close()


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        else:
            loop.add_signal_handler(number, stop.set)


async def _run_always(address: str) -> None:
    while True:
        try:
            await _run_once(address)
        # Whatever Dask makes of an address, or of its settings for TLS.
        except Exception as error:  # noqa: BLE001
            why = str(error) or "it does not answer"
            _LOG.warning("no scheduler at %s: %s", address, why)
        _LOG.warning("left the cluster at %s; it is looked for again", address)
        await asyncio.sleep(_AGAIN_S)


async def _run_once(address: str) -> None:
    """Join, and work until the scheduler is gone."""
    # Each job computes in one thread, and has a process of its own: more would only wait. That
    # process has a limit of its own too, which Dask's does not count: where many processors share
    # little memory, Dask would find its worker too large for its part before it has done anything.
    nanny: Any = Nanny(address, nthreads=1, memory_limit=None, preload=[_PRELOAD], dashboard=False)
    try:
        await nanny
        _LOG.warning("joined the cluster at %s", address)
        await nanny.finished()
    finally:
        with suppress(Exception):
            await nanny.close(timeout=_GOODBYE_S)
