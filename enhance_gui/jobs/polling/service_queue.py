"""The service's queue, put together from what single answers say of it.

The service is taken to begin tasks in the order in which they came. Then each answer tells about
all tasks: a place in the queue says how many have begun so far, so a task that nobody has asked
about for a while is known to have begun, or not to have. Where a service works in another order,
the next answer about a task corrects what is believed of it.
"""

from __future__ import annotations

import heapq
import math

from enhance_gui.jobs.polling.polled_task import PolledTask

_PLACES_REMEMBERED = 30.0


class ServiceQueue:
    """Counts turns: a task of turn ``n`` begins when the ``n``-th begins.

    Each change returns the tasks to plan anew: those that an answer about another has shown to have
    begun.
    """

    def __init__(self) -> None:
        self._begun = 0.0
        self._last_turn = 0.0
        self._counted_s = -math.inf
        self._counted = 0.0
        self.reported_s = -math.inf
        """When an answer last showed how many have begun."""
        self._before_s = -math.inf
        self._passed_s = 0.0
        self._passed = 0.0
        self.waiting = 0
        """How many tasks wait, as far as is known."""
        self._was_empty = False
        """Whether none waited at some time since the last exact count."""
        self._turns: list[tuple[float, int, PolledTask]] = []
        self._entries = 0

    def seconds_a_place(self, guess_s: float) -> float:
        """Return how fast the queue moves; ``guess_s`` counts like one place's experience."""
        return (self._passed_s + guess_s) / (self._passed + 1)

    def places_before(self, task: PolledTask) -> int:
        """Return the place in the queue of a waiting task at :attr:`reported_s`."""
        return max(1, round(task.turn - self._begun))

    def joined(self, task: PolledTask, now_s: float, position: int) -> list[PolledTask]:
        """Take in a new task."""
        if position == 0:
            task.turn = self._last_turn + 1
            self._begun, self._last_turn = task.turn, task.turn
            self._count(now_s)
            return self._newly_begun()
        # Only ours arrived since the last one, or else there would be fewer begun than before.
        begun = self._last_turn + 1 - position
        if begun >= self._begun:
            task.turn = begun + position
            self._learn_pace(now_s, begun)
            self._begun = begun
            self._count(now_s)
        else:
            task.turn = max(self._last_turn + 1, self._begun + position)
        return self._wait(task, position)

    def waits(self, task: PolledTask, polled_s: float, position: int) -> list[PolledTask]:
        """Take in that a task waits, at ``position``."""
        begun = task.turn - position
        if begun >= self._begun:
            self._learn_pace(polled_s, begun)
            self._begun = begun
            self._count(polled_s)
        else:
            task.turn = self._begun + position  # others came before it
        task.began_after_s = polled_s
        return self._wait(task, position)

    def began(self, task: PolledTask, polled_s: float) -> list[PolledTask]:
        """Take in that a task waits no longer; how many after it have begun too is not known."""
        if task.position > 0:
            self._begun = max(self._begun, task.turn)
            self._before_s = self._counted_s
            self.reported_s = max(self.reported_s, polled_s)
        return self._newly_begun()

    def left(self, task: PolledTask) -> None:
        """Take in that nobody wants to know of a task any more."""
        self._set_position(task, 0)

    def _wait(self, task: PolledTask, position: int) -> list[PolledTask]:
        self._last_turn = max(self._last_turn, task.turn)
        self._entries += 1
        heapq.heappush(self._turns, (task.turn, self._entries, task))
        self._set_position(task, position)
        return self._newly_begun()

    def _newly_begun(self) -> list[PolledTask]:
        """Set the bounds of when those began that must have begun by what was counted."""
        begun = []
        while self._turns and self._turns[0][0] <= self._begun:
            turn, _, task = heapq.heappop(self._turns)
            # A task may stand there twice: its position, set at once, keeps it from coming again.
            if task.position > 0 and task.turn == turn:
                task.began_after_s = max(task.began_after_s, self._before_s)
                task.began_by_s = max(task.began_after_s, self.reported_s)
                self._set_position(task, 0)
                if not task.is_settled:
                    begun.append(task)
        return begun

    def _set_position(self, task: PolledTask, position: int) -> None:
        self.waiting += (position > 0) - (task.position > 0)
        self._was_empty |= not self.waiting
        task.position = position

    def _learn_pace(self, now_s: float, begun: float) -> None:
        """Learn from two exact counts between which some task always waited."""
        passed_s = now_s - self._counted_s
        if self._last_turn > self._counted and not self._was_empty and 0 < passed_s < math.inf:
            keep = math.exp((self._counted - begun) / _PLACES_REMEMBERED)
            self._passed = keep * self._passed + begun - self._counted
            self._passed_s = keep * self._passed_s + passed_s

    def _count(self, now_s: float) -> None:
        self._before_s = self._counted_s
        self._counted_s = max(self._counted_s, now_s)
        self.reported_s = max(self.reported_s, now_s)
        self._counted = self._begun
        self._was_empty = False


def spread_of_waits_s(places: int, seconds_a_place: float) -> tuple[float, ...]:
    """Return five equally likely waits until a task is begun.

    Each place takes a time of its own, so the sum of ``places`` of them scatters by the square
    root of their number.
    """
    mean_s = places * seconds_a_place
    deviation_s = min(mean_s / 1.5, 0.7 * math.sqrt(places) * seconds_a_place)
    return tuple(mean_s + offset * deviation_s for offset in (-1.40, -0.53, 0.0, 0.53, 1.40))
