"""Services that are out of reach: how long a run waits for them before it keeps their work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import Event, ServiceStatusChanged, TaskChanged

OUTAGE_TIMEOUT_S: Final = 300.0
NEVER_THERE_TIMEOUT_S: Final = 15.0
"""How long a run waits for a service that is out of reach: one that has worked in this run, and one
that has not, whose address may simply be wrong. Then the work is kept."""


class Outages:
    """The services that are out of reach in one run."""

    def __init__(self, clock: Clock, print_message: Callable[[str], None]) -> None:
        """:param say: prints a line for people."""
        self._clock = clock
        self._print_message = print_message
        self._offline: dict[str, float] = {}
        """Services out of reach, and since when by the clock."""
        self._answered: set[str] = set()
        """Services that have accepted something in this run."""
        self._offline_changed = asyncio.Event()

    def on_event(self, event: Event) -> None:
        """Take in an event of the queue."""
        if isinstance(event, TaskChanged) and event.task.state is TaskState.ACCEPTED:
            self._answered.add(event.task.service)
        if isinstance(event, ServiceStatusChanged):
            if not event.out_of_reach:
                self._offline.pop(event.service, None)
            elif event.service not in self._offline:
                self._offline[event.service] = self._clock.now_s()
            self._offline_changed.set()

    async def watch(self, suspend: Callable[[str], None]) -> None:
        """Suspend the work of each service that stays out of reach for too long.

        :param suspend: keeps the work of a service as it is.
        """
        while True:
            await self._offline_changed.wait()
            self._offline_changed.clear()
            while self._offline and not self._offline_changed.is_set():
                left_s = min(map(self._due_s, self._offline)) - self._clock.now_s()
                await self._clock.wait(self._offline_changed, max(0.0, left_s))
                self._give_up_waiting(suspend)

    def _due_s(self, service: str) -> float:
        has_answered = service in self._answered
        timeout_s = OUTAGE_TIMEOUT_S if has_answered else NEVER_THERE_TIMEOUT_S
        return self._offline[service] + timeout_s

    def _give_up_waiting(self, suspend: Callable[[str], None]) -> None:
        for service in list(self._offline):
            if self._clock.now_s() >= self._due_s(service):
                del self._offline[service]
                self._print_message(f"{service}: the work is kept; continue it with --resume")
                suspend(service)
