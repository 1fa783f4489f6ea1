"""What a service tells of how far a task is reaches whoever listens; odd figures do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import TaskProgress
from tests.scenarios.running import Running, at_work, with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import Talk, envelope


def tell(provider: Provider, figures: list[Any]) -> None:
    """Answer with one figure after the other, then properly."""

    async def get(talk: Talk) -> None:
        if not figures:
            await provider.get(talk)
            return
        task_id = talk.request.json()["taskid"]
        await talk.reply(envelope({"taskid": task_id, "status": 1, "x_progress": figures.pop(0)}))

    provider.on("/gettask", get)


def received(running: Running) -> list[int | None]:
    return [event.percent for event in running.events if isinstance(event, TaskProgress)]


@pytest.mark.parametrize(
    ("sent", "reported"),
    [
        ([0, 20, 60], [0, 20, 60]),
        ([50, "51", 99.5], [50, 51, 99]),
        ([None, -3, 400, "much", 10**30, [1], True], [None] * 7),
    ],
)
def test_progress_is_passed_on_as_hundredths(
    tmp_path: Path, sent: list[Any], reported: list[int | None]
) -> None:
    async def test(provider: Provider) -> None:
        tell(provider, list(sent))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            assert received(running)[: len(reported)] == reported

    with_provider(test)
