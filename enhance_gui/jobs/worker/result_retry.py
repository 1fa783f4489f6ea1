"""Retries for the files of a result: each further try later than the one before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from enhance_gui.core.backoff import Waits
from enhance_gui.core.clock import Clock
from enhance_gui.core.picture_errors import ResultError, ResultUnreachable
from enhance_gui.core.storage_errors import StorageError
from enhance_gui.jobs.worker.context import STORAGE_RETRY_S

DELAYS_S: Final = Waits((1.0, 3.0, 10.0, 30.0, 60.0))
"""Waits between tries; after the last the result is suspended, or lost."""

SUSPENDED_RETRY_S: Final = 300.0
"""Wait before a result's host is asked again for a suspended result."""

MAX_ASKED_S: Final = 60.0
"""Longest wait that a result's host can ask for."""

BESIDE_S: Final = 120.0
"""How long the faces or variants of a task, all together, are tried again."""

TRIES_OF_LASTING: Final = 3
"""Tries of faces or variants that are not there or are not pictures, while no other is waited
for."""

FUTILE_IN_A_ROW: Final = 6
"""So many faces lost one after the other are the host's doing: where that takes longer than
:data:`BESIDE_S` no other is tried."""


class ResultRetry:
    """Counts the tries of one task's result, and plans the next.

    The main result and what lies beside it are counted apart: a host that was down until the main
    result came is not known to have had a moment for the faces.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.start_over()

    def start_over(self) -> None:
        """Count the next try as the first."""
        self._tries = 0
        self._tries_beside = 0
        self._until_s = math.inf
        self._in_a_row: list[ResultError] = []
        self._row_since_s = 0.0
        self._extra: ResultError | None = None

    def came(self) -> None:
        """Note that a face or variant is in its place."""
        self._in_a_row.clear()

    def lost(self, error: ResultError) -> None:
        """Note that a face or variant could not be had."""
        if not self._in_a_row:
            self._row_since_s = self._clock.now_s()
        self._in_a_row.append(error)

    @property
    def gave_up(self) -> ResultError | None:
        """Why what lies beside the main result is not even tried any more; ``None``: it is."""
        if len(self._in_a_row) < FUTILE_IN_A_ROW:
            return None
        has_run_out = self._clock.now_s() >= self._row_since_s + BESIDE_S
        return self._in_a_row[-1] if has_run_out else None

    def wait_for(self, lost: Sequence[ResultError]) -> ResultError | None:
        """Return why the task is to wait for its faces or variants; ``None``: no longer.

        :param lost: what a round of tries met.
        """
        self._extra = None
        had_given_up = self.gave_up is not None
        self._in_a_row.clear()
        if not lost or had_given_up:
            return None
        # From the end of the first round, which may have taken long for others that came.
        now_s = self._clock.now_s()
        self._until_s = min(self._until_s, now_s + BESIDE_S)
        self._tries_beside += 1
        transience = [
            each for each in lost if isinstance(each, ResultUnreachable) and each.may_pass
        ]
        max_tries = len(DELAYS_S) + 1 if transience else TRIES_OF_LASTING
        if self._tries_beside < max_tries and now_s < self._until_s:
            self._extra = max(transience or lost, key=_asked_s)
        return self._extra

    def is_last(self, error: ResultError | StorageError) -> bool:
        """Return whether a failed try was the last before the result is suspended, or lost."""
        return error is not self._extra and self._tries >= len(DELAYS_S)

    def next_delay_s(self, error: ResultError | StorageError) -> float:
        """Return the wait before the next try, and count the one that failed."""
        if error is self._extra:
            return self._rest_beside_s(error)
        self._tries += 1
        if isinstance(error, StorageError):
            return STORAGE_RETRY_S
        return max(DELAYS_S.after(self._tries) or SUSPENDED_RETRY_S, _asked_s(error))

    def _rest_beside_s(self, error: ResultError) -> float:
        delay_s = max(DELAYS_S[self._tries_beside - 1], _asked_s(error))
        # The last try is made when the time is over, however long the host would have it wait.
        return max(0.0, min(delay_s, self._until_s - self._clock.now_s()))


def _asked_s(error: ResultError) -> float:
    return min(error.retry_after_s or 0.0, MAX_ASKED_S)
