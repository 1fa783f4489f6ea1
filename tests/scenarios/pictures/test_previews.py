"""What is given by address can be looked at before it is paid for, at no further request."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from enhance_gui.client import preflight
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.events import PreviewMade
from enhance_gui.jobs.worker import previews
from enhance_gui.jobs.worker.checking import CHECKS_AT_ONCE
from tests.scenarios.running import Running, at_work, with_provider
from tests.support.pictures import picture_bytes, undecodable_picture
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply, Talk


async def checked(running: Running, names: str) -> list[Task]:
    new = [running.new(picture) for picture in running.provider.pictures(names)]
    drafts = await running.queue.draft(running.profile, new)
    await running.queue.pool.work_on(running.profile, drafts)
    return [await running.until_suspended(draft) for draft in drafts]


def made(running: Running) -> dict[int, Path]:
    return {each.task_id: each.file for each in running.events if isinstance(each, PreviewMade)}


def test_a_draft_has_a_small_picture_and_its_host_one_request(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/a.jpg", Reply(body=picture_bytes("jpg", 2000, 1000)))
        async with at_work(tmp_path, provider) as running:
            (draft,) = await checked(running, "a")
            await running.until_true(lambda: made(running), "it has no preview")
            with Image.open(made(running)[draft.id]) as image:
                assert image.size == (960, 480)
            assert len(provider.seen("/a.jpg")) == 1
            assert draft.before_file is None  # nothing to compare a result with
            files = {path.name for path in made(running)[draft.id].parent.iterdir()}
            assert files == {f"{draft.id}.webp"}

    with_provider(test)


def test_a_picture_that_cannot_be_shown_does_not_keep_others_from_it(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/a.jpg", Reply(body=undecodable_picture()))
        async with at_work(tmp_path, provider) as running:
            first, second = await checked(running, "ab")
            assert first.state is TaskState.DRAFT
            await running.until_true(lambda: second.id in made(running), "it has no preview")
            assert first.id not in made(running)

    with_provider(test)


def test_a_review_reads_no_more_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "MAX_FETCHED_BYTES", 1)

    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            drafts = await checked(running, "abcdefgh")
            await running.until_true(lambda: made(running), "there is no preview at all")
            assert len(drafts) > len(made(running))
            (later,) = await checked(running, "a")  # another review
            await running.until_true(lambda: later.id in made(running), "it has no preview")

    with_provider(test)


def test_what_is_sent_without_a_review_is_not_held_up_for_one(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            assert not made(running)

    with_provider(test)


def test_a_slow_host_is_waited_for_once_in_a_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "_REST_S", 0.3)
    picture = picture_bytes("png", 300, 200)

    async def stop_halfway(talk: Talk) -> None:
        reply = Reply(200, picture[:20_000], {"Content-Length": str(len(picture))})
        await talk.send(reply.to_bytes())
        await talk.until_closed_by_peer()

    async def test(provider: Provider) -> None:
        for name in "abc":  # as many as are checked at once
            provider.on(f"/{name}.jpg", stop_halfway)
        async with at_work(tmp_path, provider) as running:
            drafts = await checked(running, "abcdefgh")
            assert all(draft.checked is not None for draft in drafts)
            (later,) = await checked(running, "d")  # another review
            await running.until_true(lambda: made(running), "it has no preview")
            assert set(made(running)) == {later.id}

    with_provider(test)


def test_a_host_that_names_no_size_is_read_in_vain_once_in_a_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "MAX_WHOLE_BYTES", 50_000)
    picture = picture_bytes("png", 300, 300)
    assert len(picture) > 100_000
    talks: list[Talk] = []

    async def send_without_size(talk: Talk) -> None:
        talks.append(talk)
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n")
        await talk.trickle(picture, 10_000)

    async def test(provider: Provider) -> None:
        for name in "abcdefgh":
            provider.on(f"/{name}.jpg", send_without_size)
        async with at_work(tmp_path, provider) as running:
            drafts = await checked(running, "abcdefgh")
            assert all(draft.checked is not None for draft in drafts)
            assert 1 <= sum(talk.sent_bytes > 45_000 for talk in talks) <= CHECKS_AT_ONCE

    with_provider(test)
