"""Has the local service examine the models that the user has put into their folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

from enhance_gui.core.services.own_models import OwnModel, is_known, models_folder, read_models
from enhance_gui.jobs.own_program import WITHOUT_CONSOLE, own_program


async def look_for_models(service_data: Path) -> tuple[OwnModel, ...]:
    """Return the user's models, those that cannot be used included.

    What is new is tried, in a process of its own: that takes seconds for each, or minutes where a
    model is slow.
    """
    folder = models_folder(service_data)
    if not await asyncio.to_thread(is_known, folder):
        child = await asyncio.create_subprocess_exec(
            *own_program(),
            "serve",
            "--list-models",
            "--data",
            str(service_data),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            creationflags=WITHOUT_CONSOLE,
        )
        try:
            await child.wait()
        finally:
            if child.returncode is None:
                child.terminate()
                await child.wait()
    return await asyncio.to_thread(read_models, folder)
