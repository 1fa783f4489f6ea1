"""Limits in time for tests: a short one only where running out of it is what the test is about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from enhance_gui.transport.timeouts import Timeouts

T = TypeVar("T")

UNHURRIED: Final = Timeouts(connect_s=60, read_s=60, overall_s=60, slow_window_s=60)
"""For what comes to an end by itself, on a computer that stands still for seconds as well."""

QUICK: Final = Timeouts(connect_s=0.3, read_s=0.1, overall_s=0.3, slow_window_s=0.1)
"""For what never comes to an end by itself, so that it does not matter when patience does."""

SHORT_CONNECT: Final = Timeouts(connect_s=0.3, read_s=60, overall_s=60, slow_window_s=60)
"""For hosts that are never connected to."""

HUNG_S: Final = 60.0
"""What takes longer hangs."""

_TRIES: Final = 10


async def undisturbed(attempt: Callable[[], Awaitable[T]], *disturbed: type[Exception]) -> T:
    """Await an attempt that is short of time; anew where the computer has eaten the time up.

    :param disturbed: what is raised then. Where it comes each time it is no accident.
    """
    for _ in range(_TRIES - 1):
        try:
            return await attempt()
        except disturbed:
            continue
    return await attempt()
