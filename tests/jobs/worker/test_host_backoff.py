"""A picture's host that is down for a moment is waited for; nothing is spent meanwhile."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from enhance_gui.core.errors import Transience
from enhance_gui.core.picture_errors import PictureUnreachable
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.jobs.events import TaskWaits
from enhance_gui.jobs.worker.checking import CHECKS_AT_ONCE
from enhance_gui.jobs.worker.host_backoff import DELAYS_S, FORGET_S, HostBackoff
from tests.scenarios.running import Running, at_work, until, with_provider
from tests.support.provider import INPUT, Provider
from tests.support.scriptable_service import Reply, ScriptableService, Talk, redirect

TRIES = len(DELAYS_S) + 1


def asked(provider: Provider, path: str) -> int:
    return sum(request.path == path for request in provider.requests)


def waits(running: Running) -> list[TaskWaits]:
    return [event for event in running.events if isinstance(event, TaskWaits)]


def down(transience: Transience = Transience.CONNECTION) -> PictureUnreachable:
    error = PictureUnreachable("no connection")
    error.transience = transience
    return error


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(Reply(body=INPUT, headers={"Connection": "close"}).to_bytes())
    await writer.drain()
    writer.close()


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_a_host_that_stumbles_is_tried_again_until_it_answers(tmp_path: Path, status: int) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/a.jpg", Reply(status), Reply(status), Reply(body=INPUT))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
            reported = waits(running)
        assert [event.host for event in reported] == ["127.0.0.1"] * 2
        assert reported[1].next_try_s - reported[0].next_try_s > DELAYS_S[1]
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_host_that_was_not_there_is_found_when_it_comes(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            async with at_work(tmp_path, provider) as running:
                (task,) = await running.add(f"http://127.0.0.1:{port}/a.jpg")
                await until(lambda: len(waits(running)) > 0)
                assert running.last(task).state is TaskState.QUEUED
                assert provider.charged == []
                async with await asyncio.start_server(_serve, sock=taken):
                    await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_host_that_stays_down_fails_the_picture_with_its_reason(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/a.jpg", Reply(500))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            failed = await running.until(task, TaskState.FAILED)
        assert failed.failure is not None
        assert failed.failure.kind == "picture_unreachable"
        assert "HTTP 500" in failed.failure.detail
        assert asked(provider, "/a.jpg") == TRIES
        assert provider.charged == []

    with_provider(test)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_picture_that_is_not_there_fails_at_once(tmp_path: Path, status: int) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/a.jpg", Reply(status))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FAILED)
            assert waits(running) == []
        assert asked(provider, "/a.jpg") == 1

    with_provider(test)


def test_a_picture_that_waits_holds_up_no_other_and_can_be_taken_back(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/a.jpg", Reply(500))
        async with at_work(tmp_path, provider) as running:
            broken, whole = await running.add_pictures("ab")
            await running.until(whole, TaskState.SAVED)
            await until(lambda: len(waits(running)) > 0)
            if running.last(broken).state is TaskState.QUEUED:
                cancelled = await running.queue.cancel(broken.id)
                assert cancelled.state is TaskState.CANCELLED
            before = asked(provider, "/a.jpg")
            (third,) = await running.add_pictures("c")
            await running.until(third, TaskState.SAVED)
        assert asked(provider, "/a.jpg") <= before + 1

    with_provider(test)


def test_a_draft_that_waits_for_its_host_goes_on_when_it_was_started_meanwhile(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/a.jpg", Reply(503), Reply(body=INPUT))
        async with at_work(tmp_path, provider) as running:
            (address,) = provider.pictures("a")
            (task,) = await running.queue.draft(running.profile, [running.new(address)])
            await running.queue.pool.work_on(running.profile, [task])
            await until(lambda: len(waits(running)) > 0)
            await running.queue.start_unless_repeated(task.id)
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_what_waits_for_a_host_that_is_given_up_fails_with_it_and_a_retry_tries_anew(
    tmp_path: Path,
) -> None:
    names = "abcdefghijkl"

    async def reset(talk: Talk) -> None:
        await talk.reset()

    async def test(provider: Provider) -> None:
        async with ScriptableService() as down, at_work(tmp_path, provider) as running:
            down.on_connect(reset)
            # By https a connection that is reset never comes about.
            address = down.base_url.replace("http:", "https:")
            tasks = await running.add(*[f"{address}/{name}.jpg" for name in names])
            failed = [await running.until(task, TaskState.FAILED) for task in tasks]
            assert len({task.failure for task in failed}) == 1
            # In each round, those looked at together find out: one time-out, not one for each.
            assert down.connections <= TRIES * CHECKS_AT_ONCE
            before = down.connections
            await running.queue.retry(tasks[0].id)
            await running.until(tasks[0], TaskState.QUEUED)
            again = await running.until(tasks[0], TaskState.FAILED)
            assert again.failure == failed[0].failure
            assert down.connections > before
            (new,) = await running.add(f"{address}/new.jpg")
            before = down.connections
            await running.until(new, TaskState.FAILED)
            assert down.connections > before
        assert provider.charged == []

    with_provider(test)


@pytest.mark.parametrize("trouble", ["resets", "a redirect to nowhere"])
def test_pictures_that_make_their_host_stumble_stop_no_other_of_it(
    tmp_path: Path, trouble: str
) -> None:
    async def stumble(talk: Talk) -> None:
        if trouble == "resets":
            await talk.reset()
        else:
            await talk.reply(redirect("http://127.0.0.1:1/nowhere"))

    async def test(provider: Provider) -> None:
        bad = [f"/bad-{number}.jpg" for number in range(12 * CHECKS_AT_ONCE)]
        for path in bad:
            provider.on(path, stumble)
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add(*map(provider.url, bad), *provider.pictures("abc"))
            for task in tasks[len(bad) :]:
                await running.until(task, TaskState.SAVED)
            for task in tasks[: len(bad)]:
                await running.until(task, TaskState.FAILED)
        assert len(provider.charged) == 3

    with_provider(test)


# -- backoff, without a network -------------------------------------------------------------------


def test_all_pictures_of_a_host_wait_for_the_same_tries() -> None:
    patience = HostBackoff()
    first = patience.failed(1, "a", down(), 100)
    assert first == 100 + DELAYS_S[0]
    assert patience.failed(2, "a", down(), 100.5) == first
    assert patience.next_try_s("a", 101) == first
    assert patience.next_try_s("b", 101) is None
    assert patience.next_try_s("a", first) is None


def test_a_host_is_given_up_once_for_all_its_pictures() -> None:
    patience = HostBackoff()
    now_s = 0.0
    for _ in DELAYS_S:
        due_s = patience.failed(1, "a", down(), now_s)
        assert due_s is not None
        now_s = due_s
    assert patience.failed(1, "a", down(), now_s) is None
    assert [patience.failed(each, "a", down(), now_s) for each in (2, 3, 4)] == [None] * 3
    later_s = now_s + FORGET_S + 1
    assert patience.failed(5, "a", down(), later_s) == later_s + DELAYS_S[0]


def test_what_was_wanted_before_its_host_was_given_up_fails_untried_for_a_while() -> None:
    patience = HostBackoff()
    now_s = 0.0
    for _ in DELAYS_S:
        now_s = patience.failed(1, "a", down(), now_s) or now_s
        assert patience.given_up(2, "a", 0, now_s) is None
    assert patience.failed(1, "a", down(), now_s) is None
    assert patience.given_up(2, "a", 0, now_s) == Failure.of(down())
    assert patience.given_up(2, "b", 0, now_s) is None
    assert patience.given_up(2, "a", now_s + 1, now_s + 1) is None  # wanted since: tried anew
    assert patience.given_up(2, "a", 0, now_s + FORGET_S + 1) is None
    patience.answered(2, "a")
    assert patience.given_up(2, "a", 0, now_s) is None


def test_a_host_that_connects_and_stumbles_is_tried_for_each_picture() -> None:
    patience = HostBackoff()
    now_s = 0.0
    for _ in DELAYS_S:
        now_s = patience.failed(1, "a", down(Transience.HOST), now_s) or now_s
    assert patience.failed(1, "a", down(Transience.HOST), now_s) is None
    assert patience.given_up(2, "a", 0, now_s) is None


def test_one_picture_that_its_host_cannot_give_does_not_hold_up_the_others() -> None:
    patience = HostBackoff()
    assert patience.failed(1, "a", down(Transience.RESOURCE), 0) == DELAYS_S[0]
    assert patience.next_try_s("a", 0) is None


@pytest.mark.parametrize(
    "transience", [Transience.RESOURCE, Transience.HOST, Transience.CONNECTION]
)
def test_a_picture_is_not_tried_for_ever_while_others_of_its_host_succeed(
    transience: Transience,
) -> None:
    patience = HostBackoff()
    tries, now_s = 0, 0.0
    while (due_s := patience.failed(1, "a", down(transience), now_s)) is not None:
        patience.answered(2, "a")
        tries, now_s = tries + 1, due_s
    assert tries + 1 == TRIES
    assert patience.failed(1, "a", down(transience), now_s) is not None
