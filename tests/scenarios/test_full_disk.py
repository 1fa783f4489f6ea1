"""Results that no longer fit: what is half fetched must not keep a whole one from its place."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from enhance_gui.core.images.left_out import Part
from enhance_gui.core.settings.saving import ResultFormat
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import TaskChanged
from tests.scenarios.running import at_work, with_provider
from tests.support.mounts import needs_mounts, small_disk
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply, Talk

_SIDES_PX = (240, 200)
_LARGE = picture_bytes("png", *_SIDES_PX)
_ROOM_KB = round(len(_LARGE) * 1.3 / 1024)
_HALF = round(len(_LARGE) * 0.6)


@needs_mounts
def test_a_result_gets_the_room_of_another_that_was_half_fetched(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        second_failed = asyncio.Event()
        first_begun = asyncio.Event()

        async def breaks_off(talk: Talk) -> None:
            await talk.send(Reply(body=_LARGE).to_bytes()[:_HALF])
            first_begun.set()
            await second_failed.wait()
            await talk.reset()

        async def whole(talk: Talk) -> None:
            await first_begun.wait()
            await talk.reply(Reply(body=_LARGE))
            await talk.until_closed_by_peer()
            second_failed.set()

        def record(task: Any) -> dict[str, Any]:
            width_px, height_px = _SIDES_PX
            return {
                "outputurl": task.picurl.replace("jpg", "png"),
                "outpathwidth": width_px,
                "outpathheight": height_px,
                "outpathsize": len(_LARGE),
            }

        provider.record_of_new = record
        provider.on("/a.png", breaks_off)
        provider.on("/b.png", whole, Reply(body=_LARGE))
        with small_disk(tmp_path / "results", _ROOM_KB):
            async with at_work(tmp_path, provider) as running:
                _first, second = await running.add_pictures("ab")
                saved = await running.until(second, TaskState.SAVED)
                assert second_failed.is_set()
                assert saved.files[0].read_bytes() == _LARGE
                # It has no room twice, so that nothing could be written into it.
                assert saved.sidecar is not None
                assert "the disk has no room" in saved.sidecar.read_text()
                reported = [e for e in running.events if isinstance(e, TaskChanged)]
                suspended = [e.task for e in reported if e.suspended and e.task.id == second.id]
                assert [task.state for task in suspended] == [TaskState.SAVED]

    with_provider(test)


@needs_mounts
def test_a_result_that_has_no_room_as_another_kind_stays_as_it_came_and_says_so(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        came = picture_bytes("jpg", *_SIDES_PX)
        none = {"outpathwidth": 0, "outpathheight": 0, "outpathsize": 0, "outpathext": ""}
        provider.record_of_new = lambda _: {"outputurl": provider.url("/own"), **none}
        provider.on("/own", Reply(body=came))
        with small_disk(tmp_path / "results", round(len(came) * 1.3 / 1024) + 4):
            async with at_work(tmp_path, provider) as running:
                new = running.new(*provider.pictures("a"))
                new = replace(new, result_format=ResultFormat.TIFF)
                (task,) = await running.queue.add(running.profile, [new])
                saved = await running.until(task, TaskState.SAVED)
                assert saved.files[0].read_bytes() == came
                told = [(each.part, str(each.reason)) for each in saved.left_out]
                assert told == [
                    (Part.FORMAT, "it stays JPG: it could not be converted"),
                    (Part.METADATA, "all: the disk has no room to write the result anew"),
                ]

    with_provider(test)
