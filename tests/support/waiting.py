"""Waits for what another process does, or another part of this one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LIMIT_S = 60.0
"""Much longer than anything takes: a busy computer must not fail a test."""


def until(look: Callable[[], T | None], what: str, limit_s: float = LIMIT_S) -> T:
    """Look again and again until there is something to see; return it.

    :param what: what is waited for, for the report of a failure.
    """
    give_up_s = time.monotonic() + limit_s
    while not (seen := look()):
        assert time.monotonic() < give_up_s, f"it did not come to this: {what}"
        time.sleep(0.02)
    return seen


async def eventually(look: Callable[[], T | None], what: str) -> T:
    """Look again and again, and let the event loop work in between; return what is to be seen."""
    give_up_s = time.monotonic() + LIMIT_S
    while not (seen := look()):
        assert time.monotonic() < give_up_s, f"it did not come to this: {what}"
        await asyncio.sleep(0.01)
    return seen
