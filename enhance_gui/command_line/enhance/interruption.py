"""Ends a run before its work is done, and leaves what is under way some time."""

from __future__ import annotations

import asyncio
import signal

from enhance_gui.core.stop_signals import on_stop_signal
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task


class Interruption:
    """Whether a run is to end, and the requests whose answers are worth waiting for."""

    def __init__(self) -> None:
        self.wanted = asyncio.Event()
        """Set when the run is to end."""
        self.urgent = asyncio.Event()
        """Set when it is to end at once, whatever is under way."""
        self.hurried = asyncio.Event()
        """Set when somebody wants it to end at once, even before its last words are read."""
        self.waits_on = False
        """Whether a request that may be charged gets its own time to be answered."""
        self._sending: set[int] = set()
        self._answered = asyncio.Event()

    def on_signals(self) -> None:
        """End by Ctrl+C, at once where it comes twice; or by whoever ends processes."""
        on_stop_signal(self._signalled, asyncio.get_running_loop())

    def end(self) -> None:
        """End where nobody is in a hurry."""
        self.waits_on = self.waits_on or not self.wanted.is_set()
        self.wanted.set()

    def break_off(self) -> None:
        """End at once."""
        self.wanted.set()
        self.urgent.set()

    def follow(self, task: Task) -> None:
        """Take in how a task stands."""
        if task.state is TaskState.SENDING:
            self._sending.add(task.id)
        else:
            self._sending.discard(task.id)
            self._answered.set()

    @property
    def is_sending(self) -> bool:
        """Whether a request is on its way that may be charged."""
        return bool(self._sending)

    async def answers(self) -> None:
        """Wait until every request that may be charged is answered."""
        while self._sending:
            self._answered.clear()
            await self._answered.wait()

    def _signalled(self, number: int) -> None:
        if self.wanted.is_set():
            self.urgent.set()
            self.hurried.set()
        elif number == signal.SIGINT:
            self.end()
        else:
            # Who ends processes kills the one that takes its time.
            self.wanted.set()
