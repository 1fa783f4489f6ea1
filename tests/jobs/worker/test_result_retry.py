"""How long a result and what lies beside it are waited for: no real time passes here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from enhance_gui.core.clock import Clock
from enhance_gui.core.picture_errors import (
    ResultError,
    ResultGone,
    ResultNotAsPromised,
    ResultUnreachable,
)
from enhance_gui.core.storage_errors import FolderNotUsable
from enhance_gui.jobs.worker.result_retry import (
    BESIDE_S,
    DELAYS_S,
    FUTILE_IN_A_ROW,
    MAX_ASKED_S,
    SUSPENDED_RETRY_S,
    TRIES_OF_LASTING,
    ResultRetry,
)


@dataclass
class SetClock(Clock):
    """Shows what it is set to."""

    at_s: float = 1000.0

    def now_s(self) -> float:
        return self.at_s

    def wall(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC)

    async def sleep(self, delay_s: float) -> None:
        self.at_s += delay_s

    async def wait(self, event: asyncio.Event, delay_s: float) -> None:
        self.at_s += delay_s


def rounds(retry: ResultRetry, clock: SetClock, *lost: ResultError, each_s: float) -> int:
    """Lose the same faces until they are given up; return how many rounds that took."""
    count = 0
    while True:
        count += 1
        for error in lost:
            clock.at_s += each_s
            retry.lost(error)
        awaited = retry.wait_for(lost)
        if awaited is None:
            return count
        assert not retry.is_last(awaited)
        clock.at_s += retry.next_delay_s(awaited)


def test_faces_get_the_tries_of_the_result_itself() -> None:
    clock = SetClock()
    retry = ResultRetry(clock)
    tries = rounds(retry, clock, ResultUnreachable("down"), each_s=0.1)
    assert tries == len(DELAYS_S) + 1
    assert clock.at_s - 1000 >= sum(DELAYS_S)


def test_what_lasts_is_not_waited_for_as_long() -> None:
    for error in (
        ResultGone("gone"),
        ResultNotAsPromised("cut"),
        ResultUnreachable("no", may_pass=False),
    ):
        clock = SetClock()
        assert rounds(ResultRetry(clock), clock, error, each_s=0.1) == TRIES_OF_LASTING
    clock = SetClock()
    both = (ResultGone("gone"), ResultUnreachable("down"))
    assert rounds(ResultRetry(clock), clock, *both, each_s=0.1) == len(DELAYS_S) + 1


def test_all_faces_of_a_task_share_one_deadline() -> None:
    clock = SetClock()
    lost = [ResultUnreachable("silent")] * 10
    assert rounds(ResultRetry(clock), clock, *lost, each_s=15) < len(DELAYS_S)
    assert clock.at_s - 1000 <= BESIDE_S + 2 * 10 * 15

    # Where each try hangs for long, one round of them is enough.
    clock, lost = SetClock(), [ResultUnreachable("silent")] * 30
    assert rounds(ResultRetry(clock), clock, *lost, each_s=15) == 1


def test_a_face_is_tried_again_though_the_others_took_long_to_come() -> None:
    clock = SetClock()
    retry = ResultRetry(clock)
    busy = ResultUnreachable("busy")
    retry.lost(busy)
    for _ in range(100):
        clock.at_s += 10
        retry.came()
    assert retry.wait_for([busy]) is busy
    assert retry.next_delay_s(busy) == DELAYS_S[0]


def test_nothing_is_tried_any_more_when_one_face_after_the_other_was_lost_for_too_long() -> None:
    clock = SetClock()
    retry = ResultRetry(clock)
    error = ResultUnreachable("silent")
    found = []
    for _ in range(FUTILE_IN_A_ROW):
        found.append(retry.gave_up)
        retry.lost(error)
    found.append(retry.gave_up)
    assert found == [None] * (FUTILE_IN_A_ROW + 1)
    clock.at_s += BESIDE_S
    assert retry.gave_up is error
    # Where one comes the host is there: what has not been tried yet is.
    retry.came()
    assert [retry.gave_up] == [None]


def test_a_host_is_left_alone_for_as_long_as_it_asks_within_limits() -> None:
    clock = SetClock()
    retry = ResultRetry(clock)
    assert retry.next_delay_s(ResultUnreachable("busy", retry_after_s=5)) == 5
    assert retry.next_delay_s(ResultUnreachable("busy", retry_after_s=1)) == DELAYS_S[1]
    assert retry.next_delay_s(ResultUnreachable("busy", retry_after_s=86_400)) == MAX_ASKED_S

    asked = ResultUnreachable("busy", retry_after_s=86_400)
    retry.lost(asked)
    assert retry.wait_for([ResultUnreachable("down"), asked]) is asked
    assert retry.next_delay_s(asked) == MAX_ASKED_S
    clock.at_s += BESIDE_S - 10
    assert retry.wait_for([asked]) is asked
    assert retry.next_delay_s(asked) == 10


def test_the_result_itself_is_parked_after_its_tries_and_begun_anew_when_wanted() -> None:
    retry = ResultRetry(SetClock())
    down = ResultUnreachable("down")
    for delay_s in DELAYS_S:
        assert not retry.is_last(down)
        assert retry.next_delay_s(down) == delay_s
    assert retry.is_last(down)
    assert retry.is_last(FolderNotUsable("gone"))
    assert retry.next_delay_s(down) == SUSPENDED_RETRY_S
    retry.start_over()
    assert not retry.is_last(down)
