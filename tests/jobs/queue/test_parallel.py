"""How many tasks a service has at a time is changed while it works."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.running import at_work, profile_of, until, with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import Talk

NEVER = 10**6


def test_a_higher_number_sends_more_at_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = NEVER
        profile = profile_of(provider, max_in_flight=1)
        async with at_work(tmp_path, provider, profile) as running:
            await running.add_pictures("abc")
            asked: list[str] = []

            async def get(talk: Talk) -> None:
                asked.append(talk.request.json()["taskid"])
                await provider.get(talk)

            provider.on("/gettask", get)
            await until(lambda: len(asked) >= 3)
            assert len(provider.charged) == 1
            running.worker.limit_parallel(3)
            assert running.worker.context.poller.settings.max_in_flight == 3
            await until(lambda: len(provider.charged) == 3)

    with_provider(test)
