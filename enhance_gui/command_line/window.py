"""``enhance-gui [INPUT…]``: the window, or the one that is open already."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from enhance_gui.command_line.console.output import print_message
from enhance_gui.command_line.console.session_token import take_token
from enhance_gui.core.storage_errors import DatabaseBusy
from enhance_gui.storage.folders import Folders, user_folders
from enhance_gui.storage.system.instance_lock import InstanceLock
from enhance_gui.ui.startup.display_check import display_problem

if TYPE_CHECKING:
    from enhance_gui.ui.window.main_window import MainWindow

NO_DISPLAY: Final = 3
"""Exit code where no window can be shown."""

FORWARD_LIMIT_S: Final = 5.0
"""How long the window that is open already gets to answer."""

STORE_LIMIT_S: Final = 60.0
"""How long it gets then to store what it was given."""


def run(inputs: list[str], options: Sequence[str] = ()) -> int:
    """Show the window with the inputs added; return the exit code.

    :param options: of the command line; a restart has them too.
    """
    # Until the window's loop takes Ctrl+C, it ends the program at once. As an exception it would
    # come up in the midst of imports and of Qt's calls, which swallow it or break by it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    token = take_token()
    folders = user_folders()
    full = [_full(input_) for input_ in inputs]
    with InstanceLock(folders.data) as lock:
        # A folder that cannot be written to is something for the window to say.
        with suppress(OSError):
            if not lock.acquire() and _forward(folders.data, full):
                return 0
        signal.signal(signal.SIGTERM, _end_at_once)
        # The window collects by itself; amid all that is loaded now there is nothing to be found.
        gc.disable()
        if problem := display_problem():
            print_message(f"enhance-gui: {problem}")
            return NO_DISPLAY
        window = _open_empty(folders)
        # Loaded here, not above: it takes longer than to show the window.
        from enhance_gui.application import run_window
        from enhance_gui.storage.system.log_file import set_up_logging

        set_up_logging(folders.log)
        code = run_window(window, folders, lock, full, token)
    if window.restart_wanted:
        from enhance_gui.command_line.restart import restart

        # What was added is in the list of tasks.
        restart([*options, "--", *full] if code else options)
    return code


def _end_at_once(*_: object) -> None:
    """End before the window's loop takes the signal: nothing is begun yet, and nothing is lost.

    An orderly end is no failure, to a session that ends or a script that ends what it started.
    """
    os._exit(0)


def _open_empty(folders: Folders) -> MainWindow:
    from enhance_gui.storage.settings.json_files import read_mapping
    from enhance_gui.storage.settings.window_state import read_window_state
    from enhance_gui.ui.startup.early_window import open_empty, start_qt

    start_qt()
    # The theme alone: the preferences as a whole take long to load.
    theme = read_mapping(folders.preferences).get("theme")
    return open_empty(read_window_state(folders.window_state).geometry, theme)


def _forward(folder: Path, inputs: Sequence[str]) -> bool:
    """Have the window that is open take the inputs; return whether there is one that did."""
    import asyncio

    return asyncio.run(_forwarded(folder, inputs))


async def _forwarded(folder: Path, inputs: Sequence[str]) -> bool:
    import asyncio

    from enhance_gui.jobs.single_instance.requests import open_request
    from enhance_gui.jobs.single_instance.server import forward

    opened = False
    with suppress(DatabaseBusy, TimeoutError):
        async with asyncio.timeout(FORWARD_LIMIT_S) as limit:
            async for line in forward(folder, open_request(inputs)):
                limit.reschedule(asyncio.get_running_loop().time() + STORE_LIMIT_S)
                opened |= "opened" in line
    return opened


def _full(text: str) -> str:
    """Return an input that means the same in another folder."""
    # Loaded here, not above: the window without inputs opens sooner.
    from enhance_gui.core.images.inputs.source import parse_source
    from enhance_gui.core.picture_errors import AddressNotUsable

    try:
        return parse_source(text).key
    except AddressNotUsable:
        return text  # the window says why
