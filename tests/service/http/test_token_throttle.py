"""Wrong tokens: slowed down by address, without shutting anybody out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from enhance_gui.service.http import gate
from enhance_gui.service.http.gate import TokenThrottle
from tests.service.serving import TOKEN, QuickClock, serving
from tests.support.patience import HUNG_S

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


def throttle_after(wrong: int) -> TokenThrottle:
    throttle = TokenThrottle()
    for _ in range(wrong):
        throttle.note_wrong(HERE, 100.0)
    return throttle


def test_ten_wrong_tokens_of_an_address_make_the_next_wait_a_second() -> None:
    assert throttle_after(9).pause_s(HERE, 100.0) == 0
    assert throttle_after(10).pause_s(HERE, 100.0) == 1
    assert throttle_after(10).pause_s(ELSEWHERE, 100.0) == 0


def test_after_a_minute_without_a_wrong_token_all_is_forgotten() -> None:
    throttle = throttle_after(10)
    assert throttle.pause_s(HERE, 159.9) == 1
    assert throttle.pause_s(HERE, 160.0) == 0
    throttle.note_wrong(HERE, 160.0)
    assert throttle.pause_s(HERE, 160.0) == 0


def test_only_so_many_addresses_are_remembered_and_the_quietest_goes_first() -> None:
    throttle = throttle_after(10)
    for number in range(gate._MAX_ADDRESSES - 1):
        throttle.note_wrong(f"other {number}", 101.0)
    assert throttle.pause_s(HERE, 101.0) == 1
    throttle.note_wrong("one more", 101.0)
    assert throttle.pause_s(HERE, 101.0) == 0


def test_who_guesses_waits_and_who_has_the_token_is_served(tmp_path: Path) -> None:
    async def go() -> None:
        clock = QuickClock()
        async with (
            serving(tmp_path, clock) as asker,
            httpx.AsyncClient(
                base_url=asker.service.base_url,
                trust_env=False,
                timeout=HUNG_S,
                # Each request on a connection of its own.
                limits=httpx.Limits(max_keepalive_connections=0),
            ) as stranger,
        ):

            async def status(token: str | None) -> int:
                reply = await stranger.post(
                    "/gettask",
                    json={"taskid": "a", "type": 1},
                    headers={} if token is None else {"token": token},
                )
                return reply.status_code

            assert (await asker.call("gettask", taskid="a", type=1))["code"] == 1002001
            for _ in range(20):
                assert await status(None) == 401
            for _ in range(9):
                assert await status("wrong") == 401
            assert clock.waited_s == []
            assert await status("wrong") == 401
            assert await status("wrong") == 401
            assert clock.waited_s == [1.0, 1.0]
            # By its speed alone a right token would tell that it is right.
            assert await status(TOKEN) == 200
            assert clock.waited_s == [1.0, 1.0, 1.0]
            # A connection on which it was shown before tells nothing new.
            assert (await asker.call("gettask", taskid="a", type=1))["code"] == 1002001
            assert clock.waited_s == [1.0, 1.0, 1.0]

    asyncio.run(go())
