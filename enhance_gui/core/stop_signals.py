"""Handles the signals that end the program."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final

STOP_SIGNALS: Final = [signal.SIGINT, signal.SIGTERM]
if sys.platform == "win32":
    # What Ctrl+Break, and a process that ends its children, sends.
    STOP_SIGNALS.append(signal.SIGBREAK)


def on_stop_signal(
    handler: Callable[[int], object], loop: asyncio.AbstractEventLoop | None = None
) -> None:
    """Call ``handler`` with the number of each signal that is to end the program.

    :param loop: calls it between two steps; ``None``: it is called amid whatever goes on, which
        suits what has to be ready before there is a loop.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        if loop is None:
            handler(number)
        else:
            loop.call_soon_threadsafe(handler, number)

    for number in STOP_SIGNALS:
        try:
            if loop is not None:
                loop.add_signal_handler(number, handler, number)
                continue
        except (NotImplementedError, AttributeError):  # Windows
            pass
        signal.signal(number, stop)
