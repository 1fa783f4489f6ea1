"""Finds a reliable graphics processor, by a test in a process of its own.

A driver may write to standard error, give wrong numbers, or end the process: so it is tried in a
process of its own, on a net that the processor computes too.
"""

from __future__ import annotations

import logging
import multiprocessing
from multiprocessing.connection import Connection
from typing import Final

from enhance_gui.service.engine import prepare_worker
from enhance_gui.service.work.memory import limit_own_memory
from enhance_gui.service.work.worker import say_nothing

_LOG = logging.getLogger(__name__)

_SPAWN: Final = multiprocessing.get_context("spawn")
_LIMIT_S: Final = 60.0
"""A driver compiles the net's programs when it meets them first."""


def find_graphics(worker_bytes: int) -> int | None:
    """Return ncnn's number of a graphics processor that works; ``None``: there is none.

    Takes a second or two. Blocks.

    :param worker_bytes: memory that it has to do with, as a worker has.
    """
    ours, theirs = _SPAWN.Pipe(duplex=False)
    child = _SPAWN.Process(target=_try_graphics, args=(theirs, worker_bytes), daemon=True)
    child.start()
    theirs.close()
    try:
        found: int | None = ours.recv() if ours.poll(_LIMIT_S) else None
    except (EOFError, OSError):
        _LOG.warning("the graphics processor is not used: its driver ended the process that tried")
        found = None
    finally:
        child.kill()
        child.join()
        child.close()
        ours.close()
    return found


def _try_graphics(answer: Connection[int | None, None], worker_bytes: int) -> None:
    say_nothing()
    prepare_worker()
    limit_own_memory(worker_bytes)
    from enhance_gui.service.engine.nets.nets import working_graphics

    answer.send(working_graphics())
