"""``enhance-gui [INPUT…]``: the window, or the one that is open already."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from enhance_gui.command_line.messages import say
from enhance_gui.command_line.run_token import take_token
from enhance_gui.core.errors import DatabaseBusy
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.instance_lock import InstanceLock
from enhance_gui.storage.log_file import set_up_logging
from enhance_gui.ui.display import display_problem

NO_DISPLAY: Final = 3
"""Exit code where no window can be shown."""

HAND_OVER_LIMIT_S: Final = 5.0
"""How long the window that is open already gets to answer."""


def run(inputs: list[str]) -> int:
    """Show the window with the inputs added; return the exit code."""
    token = take_token()
    folders = user_folders()
    full = [_full(each) for each in inputs]
    with InstanceLock(folders.data) as lock:
        # A folder that cannot be written to is something for the window to say.
        with suppress(OSError):
            if not lock.acquire() and asyncio.run(_handed_over(folders.data, full)):
                return 0
        if problem := display_problem():
            say(f"enhance-gui: {problem}")
            return NO_DISPLAY
        set_up_logging(folders.log)
        from enhance_gui.application import run_window

        return run_window(folders, lock, full, token)


async def _handed_over(folder: Path, inputs: Sequence[str]) -> bool:
    """Have the window that is open take the inputs; return whether there is one that did."""
    from enhance_gui.jobs.hand_over import hand_over
    from enhance_gui.jobs.opening import open_request

    opened = False
    with suppress(DatabaseBusy, TimeoutError):
        async with asyncio.timeout(HAND_OVER_LIMIT_S):
            async for line in hand_over(folder, open_request(inputs)):
                opened |= "opened" in line
    return opened


def _full(text: str) -> str:
    """Return an input that means the same in another folder."""
    if "://" in text or text.startswith(("file:", "data:")):
        return text
    return str(Path(text).expanduser().absolute())
