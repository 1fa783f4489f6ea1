"""How long a result and what lies beside it are waited for: no real time passes here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from enhance_gui.core.errors import (
    FolderNotUsable,
    ResultError,
    ResultGone,
    ResultNotAsPromised,
    ResultUnreachable,
)
from enhance_gui.jobs.worker.result_retry import (
    BESIDE_S,
    DELAYS_S,
    FUTILE_IN_A_ROW,
    MOST_ASKED_S,
    PARKED_RETRY_S,
    TRIES_OF_LASTING,
    ResultPatience,
)


@dataclass
class SetClock:
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


def rounds(patience: ResultPatience, clock: SetClock, *lost: ResultError, each_s: float) -> int:
    """Lose the same faces until they are given up; return how many rounds that took."""
    count = 0
    while True:
        count += 1
        for error in lost:
            clock.at_s += each_s
            patience.lost(error)
        awaited = patience.wait_for(lost)
        if awaited is None:
            return count
        assert not patience.is_last(awaited)
        clock.at_s += patience.rest_s(awaited)


def test_faces_get_the_tries_of_the_result_itself() -> None:
    clock = SetClock()
    patience = ResultPatience(clock)
    tries = rounds(patience, clock, ResultUnreachable("down"), each_s=0.1)
    assert tries == len(DELAYS_S) + 1
    assert clock.at_s - 1000 >= sum(DELAYS_S)


def test_what_lasts_is_not_waited_for_as_long() -> None:
    for error in (
        ResultGone("gone"),
        ResultNotAsPromised("cut"),
        ResultUnreachable("no", may_pass=False),
    ):
        clock = SetClock()
        assert rounds(ResultPatience(clock), clock, error, each_s=0.1) == TRIES_OF_LASTING
    clock = SetClock()
    both = (ResultGone("gone"), ResultUnreachable("down"))
    assert rounds(ResultPatience(clock), clock, *both, each_s=0.1) == len(DELAYS_S) + 1


def test_all_faces_of_a_task_share_one_deadline() -> None:
    clock = SetClock()
    lost = [ResultUnreachable("silent")] * 10
    assert rounds(ResultPatience(clock), clock, *lost, each_s=15) < len(DELAYS_S)
    assert clock.at_s - 1000 <= BESIDE_S + 2 * 10 * 15

    # Where each try hangs for long, one round of them is enough.
    clock, lost = SetClock(), [ResultUnreachable("silent")] * 30
    assert rounds(ResultPatience(clock), clock, *lost, each_s=15) == 1


def test_a_face_is_tried_again_though_the_others_took_long_to_come() -> None:
    clock = SetClock()
    patience = ResultPatience(clock)
    busy = ResultUnreachable("busy")
    patience.lost(busy)
    for _ in range(100):
        clock.at_s += 10
        patience.came()
    assert patience.wait_for([busy]) is busy
    assert patience.rest_s(busy) == DELAYS_S[0]


def test_nothing_is_tried_any_more_when_one_face_after_the_other_was_lost_for_too_long() -> None:
    clock = SetClock()
    patience = ResultPatience(clock)
    error = ResultUnreachable("silent")
    found = []
    for _ in range(FUTILE_IN_A_ROW):
        found.append(patience.futile)
        patience.lost(error)
    found.append(patience.futile)
    assert found == [None] * (FUTILE_IN_A_ROW + 1)
    clock.at_s += BESIDE_S
    assert patience.futile is error
    # Where one comes the host is there: what has not been tried yet is.
    patience.came()
    assert [patience.futile] == [None]


def test_a_host_is_left_alone_for_as_long_as_it_asks_within_limits() -> None:
    clock = SetClock()
    patience = ResultPatience(clock)
    assert patience.rest_s(ResultUnreachable("busy", retry_after_s=5)) == 5
    assert patience.rest_s(ResultUnreachable("busy", retry_after_s=1)) == DELAYS_S[1]
    assert patience.rest_s(ResultUnreachable("busy", retry_after_s=86_400)) == MOST_ASKED_S

    asked = ResultUnreachable("busy", retry_after_s=86_400)
    patience.lost(asked)
    assert patience.wait_for([ResultUnreachable("down"), asked]) is asked
    assert patience.rest_s(asked) == MOST_ASKED_S
    clock.at_s += BESIDE_S - 10
    assert patience.wait_for([asked]) is asked
    assert patience.rest_s(asked) == 10


def test_the_result_itself_is_parked_after_its_tries_and_begun_anew_when_wanted() -> None:
    patience = ResultPatience(SetClock())
    down = ResultUnreachable("down")
    for delay_s in DELAYS_S:
        assert not patience.is_last(down)
        assert patience.rest_s(down) == delay_s
    assert patience.is_last(down)
    assert patience.is_last(FolderNotUsable("gone"))
    assert patience.rest_s(down) == PARKED_RETRY_S
    patience.start_over()
    assert not patience.is_last(down)
