"""Examines the user's own models: new ones are tried in a separate process."""

from __future__ import annotations

import logging
import multiprocessing
from dataclasses import replace
from pathlib import Path
from typing import Final

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.services.own_models import OwnModel, find_models, read_models, write_models
from enhance_gui.service.engine import prepare_worker
from enhance_gui.service.work.memory import WORKER_BYTES, limit_own_memory
from enhance_gui.service.work.worker import say_nothing

_LOG = logging.getLogger(__name__)

# As for workers: a forked child would inherit the locks of the service's threads.
_SPAWN: Final = multiprocessing.get_context("spawn")
_TRY_LIMIT_S: Final = 120.0
"""For all new ones together, with the start of the process; what is left is tried in another."""
_ENDS_THE_PROGRAM: Final = (
    "it ended the process that tried it, took more than two minutes or too much memory"
)


def look_at_models(folder: Path) -> tuple[OwnModel, ...]:
    """Examine the models of a folder that have changed; store and return the findings."""
    while True:
        models = _with_what_is_known(folder)
        new = [model for model in models if _is_new(model, folder)]
        if not new:
            # Of those that are gone nothing is kept.
            if models != read_models(folder):
                _keep(folder, models)
            return models
        child = _SPAWN.Process(target=_try_new, args=(folder,), daemon=True)
        child.start()
        child.join(_TRY_LIMIT_S)
        child.kill()
        child.join()
        child.close()
        left = [each for each in _with_what_is_known(folder) if _is_new(each, folder)]
        if len(left) >= len(new):  # nothing could be written down, or no process be started
            _LOG.error("the user's models could not be looked at")
            return tuple(model for model in models if model not in new)


def _try_new(folder: Path) -> None:
    """Try the changed models one by one; before each, the worst result is recorded."""
    say_nothing()
    prepare_worker()
    limit_own_memory(WORKER_BYTES)
    # numpy and the nets' libraries belong into this process alone.
    from enhance_gui.service.engine.nets.own_model import examine

    for model in find_models(folder):
        if _is_new(model, folder) and not model.problem:
            _note(folder, replace(model, problem=_ENDS_THE_PROGRAM))
            try:
                _note(folder, examine(model, folder))
            except EnhanceError as error:
                _note(folder, replace(model, problem=error.detail))
            except MemoryError:
                _note(folder, replace(model, problem="there is not enough memory for it"))
            # Any error of a strange file is reported, and keeps no other model from being tried.
            except Exception as error:  # noqa: BLE001
                _note(folder, replace(model, problem=f"it cannot be computed ({error})"))
        elif _is_new(model, folder):
            _note(folder, model)


def _with_what_is_known(folder: Path) -> tuple[OwnModel, ...]:
    known = {(model.name, model.stamp): model for model in read_models(folder)}
    return tuple(known.get((model.name, model.stamp), model) for model in find_models(folder))


def _is_new(model: OwnModel, folder: Path) -> bool:
    return all((each.name, each.stamp) != (model.name, model.stamp) for each in read_models(folder))


def _note(folder: Path, model: OwnModel) -> None:
    others = [each for each in read_models(folder) if each.name != model.name]
    _keep(folder, (*others, model))


def _keep(folder: Path, models: tuple[OwnModel, ...]) -> None:
    try:
        write_models(folder, models)
    except OSError as error:
        _LOG.error("the list of the user's models could not be written: %s", error.strerror)
