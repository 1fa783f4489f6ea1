"""Tries what may end a process in one of its own: graphics drivers, and the user's own models.

A driver may write to standard error, give wrong numbers, or end the process: it is tried on a net
that the processor computes too. A model may be damaged, or take all memory there is.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.services.own_models import OwnModel, find_models, read_models, write_models
from enhance_gui.service.engine import prepare_worker
from enhance_gui.service.work.memory import WORKER_BYTES, limit_own_memory

_LOG = logging.getLogger(__name__)

# As for workers: a forked child would inherit the locks of the service's threads.
_SPAWN: Final = multiprocessing.get_context("spawn")
_GRAPHICS_LIMIT_S: Final = 60.0
"""A driver compiles the net's programs when it meets them first."""
_MODELS_LIMIT_S: Final = 120.0
"""For all new ones together, with the start of the process; what is left is tried in another."""
_ENDS_THE_PROGRAM: Final = (
    "it ended the process that tried it, took more than two minutes or too much memory"
)


def find_graphics(worker_bytes: int) -> int | None:
    """Return ncnn's number of a graphics processor that works; ``None``: there is none.

    Takes a second or two. Blocks.

    :param worker_bytes: memory that it has to do with, as a worker has.
    """
    ours, theirs = _SPAWN.Pipe(duplex=False)
    with ours, _process(_try_graphics, theirs, worker_bytes):
        theirs.close()
        try:
            return ours.recv() if ours.poll(_GRAPHICS_LIMIT_S) else None
        except (EOFError, OSError):
            _LOG.warning(
                "the graphics processor is not used: its driver ended the process that tried"
            )
            return None


def check_models(folder: Path) -> tuple[OwnModel, ...]:
    """Examine the models of a folder that have changed; store and return the findings."""
    while True:
        models, new = _found_in(folder)
        if not new:
            # Of those that are gone nothing is kept.
            if models != read_models(folder):
                _keep(folder, models)
            return models
        with _process(_try_models, folder) as child:
            child.join(_MODELS_LIMIT_S)
        _, left = _found_in(folder)
        if len(left) >= len(new):  # nothing could be written down, or no process be started
            _LOG.error("the user's models could not be looked at")
            return tuple(model for model in models if model not in new)


@contextmanager
def _process(work: Callable[..., None], *arguments: Any) -> Iterator[SpawnProcess]:
    """Run ``work`` in a process; end it after the block, were it in the middle."""
    child = _SPAWN.Process(target=work, args=arguments, daemon=True)
    child.start()
    try:
        yield child
    finally:
        child.kill()
        child.join()
        child.close()


def _prepare(max_bytes: int) -> None:
    """Prepare such a process: as a worker, and what the libraries write is discarded."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            os.dup2(nowhere, stream.fileno())
    prepare_worker()
    limit_own_memory(max_bytes)


def _try_graphics(answer: Connection[int | None, None], worker_bytes: int) -> None:
    _prepare(worker_bytes)
    from enhance_gui.service.engine.nets.nets import working_graphics

    answer.send(working_graphics())


def _try_models(folder: Path) -> None:
    """Try the changed models one by one; before each, the worst result is recorded."""
    _prepare(WORKER_BYTES)
    # numpy and the nets' libraries belong into this process alone.
    from enhance_gui.service.engine.nets.own_model import examine

    for model in _found_in(folder)[1]:
        if model.problem:
            _note(folder, model)
            continue
        _note(folder, replace(model, problem=_ENDS_THE_PROGRAM))
        try:
            found = examine(model, folder)
        except EnhanceError as error:
            found = replace(model, problem=error.detail)
        except MemoryError:
            found = replace(model, problem="there is not enough memory for it")
        # Any error of a strange file is reported, and keeps no other model from being tried.
        except Exception as error:  # noqa: BLE001
            found = replace(model, problem=f"it cannot be computed ({error})")
        _note(folder, found)


def _found_in(folder: Path) -> tuple[tuple[OwnModel, ...], list[OwnModel]]:
    """Return the models with what is known of them, and those of which nothing is known yet."""
    known = {(model.name, model.stamp): model for model in read_models(folder)}
    found = {(model.name, model.stamp): model for model in find_models(folder)}
    new = [model for key, model in found.items() if key not in known]
    return tuple(known.get(key, model) for key, model in found.items()), new


def _note(folder: Path, model: OwnModel) -> None:
    others = [each for each in read_models(folder) if each.name != model.name]
    _keep(folder, (*others, model))


def _keep(folder: Path, models: tuple[OwnModel, ...]) -> None:
    try:
        write_models(folder, models)
    except OSError as error:
        _LOG.error("the list of the user's models could not be written: %s", error.strerror)
