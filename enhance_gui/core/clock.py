"""Provides time as an argument: everything that waits is given a :class:`Clock`."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import suppress
from datetime import UTC, datetime

# Linux has a clock that goes on while the computer sleeps; elsewhere the monotonic clock either
# does so already (Windows) or is the best there is. asyncio's own clock stops in suspend:
# https://github.com/python/cpython/issues/106940
_SLEEP_PROOF_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)


class Clock:
    """Monotonic time, civil time, and waiting, of this computer; tests have clocks of their own."""

    def now_s(self) -> float:
        """Return seconds that never go backwards and count sleep of the computer too."""
        if _SLEEP_PROOF_CLOCK is None:
            return time.monotonic()
        return time.clock_gettime(_SLEEP_PROOF_CLOCK)

    def wall(self) -> datetime:
        """Return the civil time, with the zone UTC."""
        return datetime.now(UTC)

    async def sleep(self, delay_s: float) -> None:
        """Wait for ``delay_s`` seconds."""
        await asyncio.sleep(delay_s)

    async def wait(self, event: asyncio.Event, delay_s: float) -> None:
        """Wait for an event, at most ``delay_s`` seconds; infinity: until it comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None if math.isinf(delay_s) else delay_s):
                await event.wait()
