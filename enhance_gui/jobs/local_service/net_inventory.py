"""Finds which trained nets and models of the user the local service has."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from enhance_gui.core.services.own_models import OwnModel, is_known, models_folder, read_models
from enhance_gui.jobs.own_program import run_child

_MISSING_STEP: Final = (
    "Enhancing works without them, with plainer results. From the sources, start packaging/run.py "
    "with a network, which fetches them; else install the program anew."
)
_REFUSED_STEP: Final = (
    "Take the models that cannot be used out of the folder, or replace them: “Own models” in the "
    "settings names it."
)
_RUNTIME_STEP: Final = (
    "Enhancing works without it, with plainer results. Install the program anew, or report this."
)


@dataclass(frozen=True, slots=True)
class NetsFound:
    """The trained nets that were found, in words."""

    text: str
    next_step: str = ""
    """Empty: nothing is missing."""


async def look_for_nets(limit_s: float, service_data: Path) -> NetsFound:
    """Return the nets that the local service has, with the user's models.

    :param limit_s: how long the service gets to answer.
    :param service_data: folder of the local service.
    """
    found, own = await _ask(limit_s), await look_for_models(service_data)
    if not own:
        return found
    reported = ", ".join(
        f"{each.name} cannot be used ({each.problem})" if each.problem else each.name
        for each in own
    )
    refused = any(each.problem for each in own)
    next_step = found.next_step or (_REFUSED_STEP if refused else "")
    return NetsFound(f"{found.text}; own models: {reported}", next_step)


async def look_for_models(service_data: Path) -> tuple[OwnModel, ...]:
    """Return the user's models, those that cannot be used included.

    What is new is tried, in a process of its own: that takes seconds for each, or minutes where a
    model is slow.
    """
    folder = models_folder(service_data)
    if not await asyncio.to_thread(is_known, folder):
        await run_child("serve", "--list-models", "--data", service_data)
    return await asyncio.to_thread(read_models, folder)


async def _ask(limit_s: float) -> NetsFound:
    """Ask the service, in a process of its own: a driver that fails must cost nobody else.

    :param limit_s: how long it gets to answer.
    """
    try:
        _, answer = await run_child("serve", "--list-nets", limit_s=limit_s, prints=True)
        return _in_text(json.loads(answer))
    except (TimeoutError, ValueError, KeyError):
        return NetsFound("the part that computes them does not answer", _RUNTIME_STEP)


def _in_text(found: dict[str, Any]) -> NetsFound:
    there, missing = found["there"], found["missing"]
    sentences = [f"{', '.join(there) or 'none'} there"]
    if missing:
        sentences.append(f"{', '.join(missing)} missing")
    onnx_runtime = found["onnx_runtime"]
    sentences.append(
        f"ONNX Runtime {onnx_runtime}" if onnx_runtime else "OpenCV in place of ONNX Runtime"
    )
    sentences.append(f"MNN {found['mnn']}" if found["mnn"] else "ncnn in place of MNN")
    if not found["runtime"]:
        sentences.append("ncnn, which the service needs, cannot be loaded")
        return NetsFound("; ".join(sentences), _RUNTIME_STEP)
    graphics = ", ".join(found["graphics"]) or "none"
    sentences.append(f"ncnn {found['runtime']}, graphics processors it can use: {graphics}")
    return NetsFound("; ".join(sentences), _MISSING_STEP if missing else "")
