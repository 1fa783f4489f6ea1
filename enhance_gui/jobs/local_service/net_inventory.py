"""Finds which trained nets the local service has, and what it computes them on."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from enhance_gui.jobs.local_service.own_models import look_for_models
from enhance_gui.jobs.own_program import WITHOUT_CONSOLE, own_program

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

    words: str
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
    return NetsFound(f"{found.words}; own models: {reported}", next_step)


async def _ask(limit_s: float) -> NetsFound:
    """Ask the service, in a process of its own: a driver that fails must cost nobody else.

    :param limit_s: how long it gets to answer.
    """
    child = await asyncio.create_subprocess_exec(
        *own_program(),
        "serve",
        "--list-nets",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        # There, ncnn complains of each library that it looked for in vain.
        stderr=asyncio.subprocess.DEVNULL,
        creationflags=WITHOUT_CONSOLE,
    )
    try:
        async with asyncio.timeout(limit_s):
            answer, _ = await child.communicate()
        return _in_text(json.loads(answer))
    except (TimeoutError, ValueError, KeyError):
        return NetsFound("the part that computes them does not answer", _RUNTIME_STEP)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


def _in_text(found: dict[str, Any]) -> NetsFound:
    there, missing = found["there"], found["missing"]
    words = [f"{', '.join(there) or 'none'} there"]
    if missing:
        words.append(f"{', '.join(missing)} missing")
    onnx_runtime = found["onnx_runtime"]
    words.append(
        f"ONNX Runtime {onnx_runtime}" if onnx_runtime else "OpenCV in place of ONNX Runtime"
    )
    if not found["runtime"]:
        words.append("ncnn, which computes them, cannot be loaded")
        return NetsFound("; ".join(words), _RUNTIME_STEP)
    graphics = ", ".join(found["graphics"]) or "none"
    words.append(f"ncnn {found['runtime']}, graphics processors it can use: {graphics}")
    return NetsFound("; ".join(words), _MISSING_STEP if missing else "")
