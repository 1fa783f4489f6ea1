"""Orders the tasks that wait: users take turns, and each user's own stay in order."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping


class FairQueue:
    """The waiting tasks, by user and ``seq``, in the order in which they start.

    Next is always the oldest task of the user whose last start lies furthest back. So a user with a
    thousand tasks delays one with two by two starts, and nobody is passed over twice by the same
    user. Among users without a start the oldest task decides.

    A user's tasks are a sorted list: with 100,000 in it an insertion or removal moves less than a
    megabyte of memory, and a position needs one search, however long the queue is.
    """

    def __init__(self, waiting: Iterable[tuple[str, int]], last_starts: Mapping[str, int]) -> None:
        """
        :param waiting: user and ``seq`` of each waiting task.
        :param last_starts: the number of each user's last start; higher is later.
        """
        self._waiting: dict[str, list[int]] = {}
        self._last_starts = dict(last_starts)
        for user, seq in waiting:
            self.add(user, seq)

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def count(self, user: str) -> int:
        """Return how many tasks of a user wait."""
        return len(self._waiting.get(user, ()))

    def add(self, user: str, seq: int) -> None:
        """Add a task: behind the older ones of its user, before the newer ones."""
        insort(self._waiting.setdefault(user, []), seq)

    def discard(self, user: str, seq: int) -> None:
        """Take a task out, where it is in the queue."""
        own = self._waiting.get(user, [])
        place = bisect_left(own, seq)
        if own[place : place + 1] != [seq]:
            return
        del own[place]
        if not own:
            del self._waiting[user]

    def first(self) -> tuple[str, int] | None:
        """Return user and ``seq`` of the task that starts next; ``None``: nothing waits."""
        if not self._waiting:
            return None
        user = min(self._waiting, key=self._turn)
        return user, self._waiting[user][0]

    @property
    def next_start(self) -> int:
        """Number of the next start."""
        return max(self._last_starts.values(), default=0) + 1

    def start(self, user: str, seq: int, number: int) -> None:
        """Take out a task that starts, as the ``number``-th of all."""
        self.discard(user, seq)
        self._last_starts[user] = number

    def position(self, user: str, seq: int) -> int:
        """Return which start from now is the task's: 1 is the next; 0: it does not wait."""
        own = self._waiting.get(user, [])
        earlier = bisect_left(own, seq)
        if own[earlier : earlier + 1] != [seq]:
            return 0
        # Until its turn, each other user starts once for each earlier task of its own user, and
        # once more where their turn comes first.
        turn = self._turn(user)
        before = sum(
            min(len(tasks), earlier + (self._turn(other) < turn))
            for other, tasks in self._waiting.items()
            if other != user
        )
        return earlier + before + 1

    def _turn(self, user: str) -> tuple[int, int]:
        """Return what orders the users that wait."""
        return self._last_starts.get(user, 0), self._waiting[user][0]
