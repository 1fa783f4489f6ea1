"""How long a run waits for services that are out of reach, before it keeps their work."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from enhance_gui.command_line.enhance.outages import (
    NEVER_THERE_TIMEOUT_S,
    OUTAGE_TIMEOUT_S,
    Outages,
)
from enhance_gui.core.clock import Clock
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.events import Event, ServiceStatus, ServiceStatusChanged, TaskChanged


class SkippingClock(Clock):
    """A clock on which time passes at once where nothing comes between."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now_s(self) -> float:
        return self.passed_s

    def wall(self) -> datetime:
        return datetime(2026, 1, 2, tzinfo=UTC)

    async def sleep(self, delay_s: float) -> None:
        self.passed_s += delay_s

    async def wait(self, event: asyncio.Event, delay_s: float) -> None:
        await asyncio.sleep(0)
        if not event.is_set():
            self.passed_s += delay_s


def away(service: str) -> Event:
    return ServiceStatusChanged(service, ServiceStatus.OFFLINE, out_of_reach=True)


def accepted(service: str) -> Event:
    task = Task(
        1,
        "https://example.org/a.jpg",
        service,
        1,
        "Enhance",
        Path("/results"),
        TaskState.ACCEPTED,
        datetime(2026, 1, 2, tzinfo=UTC),
    )
    return TaskChanged(task)


def kept_after_s(*events: Event, last: str) -> tuple[dict[str, float], list[str]]:
    """Return after what time each service's work was kept, and what was said.

    :param last: the service after which nothing more is waited for.
    """
    clock = SkippingClock()
    kept: dict[str, float] = {}
    said: list[str] = []

    async def run() -> None:
        outages = Outages(clock, said.append)
        is_over = asyncio.Event()

        def suspend(service: str) -> None:
            kept[service] = clock.passed_s
            if service == last:
                is_over.set()

        for event in events:
            outages.on_event(event)
        watching = asyncio.create_task(outages.watch(suspend))
        async with asyncio.timeout(60):
            await is_over.wait()
        watching.cancel()
        await asyncio.wait([watching])

    asyncio.run(run())
    return kept, said


def test_a_service_that_was_never_there_is_waited_for_a_short_time() -> None:
    kept, said = kept_after_s(away("Studio"), last="Studio")
    assert kept == {"Studio": NEVER_THERE_TIMEOUT_S}
    assert said == ["Studio: the work is kept; continue it with --resume"]


def test_a_service_that_has_worked_is_waited_for_longer() -> None:
    kept, _ = kept_after_s(accepted("Studio"), away("Studio"), away("Other"), last="Studio")
    assert kept == {"Other": NEVER_THERE_TIMEOUT_S, "Studio": OUTAGE_TIMEOUT_S}


def test_a_service_that_is_back_is_not_given_up() -> None:
    back = ServiceStatusChanged("Studio", ServiceStatus.READY)
    kept, _ = kept_after_s(away("Studio"), accepted("Other"), away("Other"), back, last="Other")
    assert kept == {"Other": OUTAGE_TIMEOUT_S}
