"""Of a file of this computer every frame is counted, and what is known of it outlives a restart."""

from __future__ import annotations

from pathlib import Path

from enhance_gui.core.images.left_out import Part, left_out
from enhance_gui.core.tasks.states import TaskState
from tests.imaging.test_further_parts import animation
from tests.scenarios.running import at_work, profile_of, with_provider
from tests.support.provider import Provider


def test_the_frames_of_a_file_are_counted_and_stored(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        file = tmp_path / "dance.webp"
        file.write_bytes(animation("WEBP", 40, lossless=True))
        profile = profile_of(provider, upload_path="/upload")
        async with at_work(tmp_path, provider, profile) as running:
            (draft,) = await running.queue.draft(profile, [running.new(str(file))])
            await running.queue.pool.work_on(profile, [draft])
            await running.until_true(lambda: running.last(draft).checked, "it is checked")
        async with at_work(tmp_path, provider, profile) as running:
            (stored,) = await running.queue.stored()
        assert stored.state is TaskState.DRAFT
        assert stored.checked is not None
        assert [(each.part, str(each.reason)) for each in left_out(stored.checked.header)] == [
            (Part.ANIMATION, "only the first of 40 frames is enhanced")
        ]

    with_provider(test)
