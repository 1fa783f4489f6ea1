"""A service that cannot be used holds up its pictures, and all of them go on once it can."""

from __future__ import annotations

import asyncio
from pathlib import Path

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.events import Event, ServiceStatus, ServiceStatusChanged, TaskChanged
from tests.scenarios.running import TOKEN, at_work, profile_of, with_provider
from tests.support.provider import Provider


def test_a_token_that_is_given_as_soon_as_it_is_missed_brings_every_picture_on(
    tmp_path: Path,
) -> None:
    given: list[Secret] = []
    resuming: list[asyncio.Task[None]] = []

    async def token_of(_: ServiceProfile) -> Secret | None:
        return given[-1] if given else None

    async def test(provider: Provider) -> None:
        profile = profile_of(provider, needs_token=True)
        async with at_work(tmp_path, provider, profile, token_of=token_of) as running:
            held: dict[int, Task] = {}

            def on_event(event: Event) -> None:
                """Give the token as the window does: to what is known to wait by then."""
                if isinstance(event, TaskChanged) and event.suspended:
                    held[event.task.id] = event.task
                is_missed = isinstance(event, ServiceStatusChanged) and (
                    event.state is ServiceStatus.PAUSED
                )
                if is_missed and not given:
                    given.append(TOKEN)
                    known = list(held.values())
                    resuming.append(asyncio.create_task(running.queue.resume(profile, known)))

            running.queue.listen(on_event)
            added = await running.add_pictures("abc")
            await asyncio.gather(*resuming)
            for task in added:
                await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == len(added)

    with_provider(test)
