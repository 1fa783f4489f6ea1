"""Waits for the first paint of the window: what is expensive begins after it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

LIMIT_S: Final = 1.0
"""A window that is hidden from its start, by a window manager say, is never painted."""


async def painted(window: QWidget) -> None:
    """Wait until the window has been painted, at most :data:`LIMIT_S`."""
    watcher = _Watcher()
    window.installEventFilter(watcher)
    with suppress(TimeoutError):
        async with asyncio.timeout(LIMIT_S):
            await watcher.painted.wait()
    window.removeEventFilter(watcher)


class _Watcher(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.painted = asyncio.Event()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.painted.set()
        return False
