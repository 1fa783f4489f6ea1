"""Keeps the workers of a cluster that may be given jobs, and who has which of their threads.

For use by one event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager


class SeatLost(Exception):
    """The worker, or the whole cluster, is gone in the middle of a job."""

    def __init__(self, *, with_cluster: bool = False) -> None:
        """:param with_cluster: whether the worker cannot be blamed."""
        super().__init__()
        self.with_cluster = with_cluster


class Seat:
    """One worker of the cluster: as many jobs at once as it has threads."""

    def __init__(self, address: str, threads: int) -> None:
        self.address = address
        self.threads = threads
        self.taken = 0
        self.lost: SeatLost | None = None
        self.is_paused = False
        """Whether it begins nothing any more, as far as is known."""
        self._watches: set[asyncio.Timeout] = set()

    @contextmanager
    def watch(self, timeout: asyncio.Timeout) -> Iterator[None]:
        """Let a timeout expire at once when the worker is lost."""
        self._watches.add(timeout)
        try:
            if self.lost is not None:
                raise self.lost
            yield
        finally:
            self._watches.discard(timeout)

    def pause(self) -> None:
        """Break off what this worker has not begun, or has done; what it is at, it ends."""
        self.is_paused = True
        self._break_off(timeout for timeout in self._watches if timeout.when() is None)

    def lose(self, lost: SeatLost) -> None:
        """Break off what goes on with this worker."""
        self.lost = lost
        self._break_off(self._watches)

    @staticmethod
    def _break_off(watches: Iterable[asyncio.Timeout]) -> None:
        for timeout in watches:
            # One that has is on its way out.
            if not timeout.expired():
                timeout.reschedule(0)


class Seats:
    """The workers that may be given jobs. Who waits longest for one is first."""

    def __init__(self, on_more_room: Callable[[], object]) -> None:
        self._on_more_room = on_more_room
        self._seats: dict[str, Seat] = {}
        self._retired: set[Seat] = set()
        """Given no further jobs, and not done yet with those that they have."""
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.room = 0
        """How many jobs there may be at once."""

    def add(self, seat: Seat) -> None:
        """Give this worker jobs from now on."""
        self._seats[seat.address] = seat
        self._count()
        self._wake(seat.threads)
        self._on_more_room()

    def retire(self, seat: Seat) -> None:
        """Give a worker no further jobs; what it has goes on."""
        if self._seats.get(seat.address) is seat:
            del self._seats[seat.address]
            if seat.taken:
                self._retired.add(seat)
            self._count()

    def pause(self, address: str) -> bool:
        """Give a worker no further jobs; those that it is not at are done by others.

        :returns: whether it was given any.
        """
        seat = self._seats.get(address)
        if seat is None:
            return False
        self.retire(seat)
        seat.pause()
        return True

    def lose(self, address: str) -> None:
        """Break off what goes on with a worker, and give it no further jobs."""
        lost = [each for each in self._retired if each.address == address]
        seat = self._seats.pop(address, None)
        if seat is not None:
            self._count()
            lost.append(seat)
        for each in lost:
            each.lose(SeatLost())

    def lose_all(self) -> None:
        """Break off everything: the cluster is gone."""
        lost, self._seats = [*self._seats.values(), *self._retired], {}
        self._count()
        for seat in lost:
            seat.lose(SeatLost(with_cluster=True))

    async def take(self) -> Seat:
        """Wait until a worker has a thread for a job; to be given back."""
        while True:
            free = [seat for seat in self._seats.values() if seat.taken < seat.threads]
            if free:
                seat = min(free, key=lambda each: each.taken / each.threads)
                seat.taken += 1
                return seat
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            try:
                await waiting
            except asyncio.CancelledError:
                # It may have been woken for a seat that somebody else has to take now.
                self._wake(1)
                raise

    def give_back(self, seat: Seat) -> None:
        """End the use of a thread."""
        seat.taken -= 1
        if not seat.taken:
            self._retired.discard(seat)
        self._wake(1)

    def _count(self) -> None:
        self.room = sum(seat.threads for seat in self._seats.values())

    def _wake(self, count: int) -> None:
        while count > 0 and self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                count -= 1
