"""How long an event loop was held up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from tests.support.contention import own_time_s

T = TypeVar("T")


async def longest_lag_s(work: Awaitable[object]) -> float:
    """Await ``work`` and return the longest time during which nothing else could run."""
    done = asyncio.ensure_future(work)
    longest_s, before_s = 0.0, own_time_s()
    while not done.done():
        await asyncio.sleep(0)
        now_s = own_time_s()
        longest_s, before_s = max(longest_s, now_s - before_s), now_s
    await asyncio.wait([done])
    # Seen, so that it is not reported: the caller asks about time only.
    done.exception()
    return longest_s
