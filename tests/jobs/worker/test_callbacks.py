"""Callbacks: a task is looked at sooner, a doubt is settled, and nothing else can come of them."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from enhance_gui.client import callback_server
from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import CallbackSettings, ServiceProfile
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task
from enhance_gui.jobs.events import CallbacksMended, Event, ServiceStatusChanged, TaskChanged
from enhance_gui.jobs.polling.hints import Hints
from enhance_gui.jobs.polling.polled_task import PolledTask
from enhance_gui.jobs.polling.poller import Poller
from enhance_gui.wire.callback import LOCAL_RECIPE, acknowledgement, callback_md5
from tests.scenarios.running import TOKEN, Running, at_work, profile_of, until, with_provider
from tests.service.serving import TOKEN as SERVICE_TOKEN
from tests.service.serving import UPSCALE, QuickClock, serving
from tests.service.test_service_process import child
from tests.support.patience import HUNG_S
from tests.support.pictures import picture_bytes
from tests.support.provider import INPUT, Provider
from tests.support.scriptable_service import Reply, ScriptableService, Talk

NEVER = 10**6
"""Polls until a task is finished, where it must not finish by itself."""


@pytest.fixture(autouse=True)
def time_to_take_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a computer that stands still for seconds refuse no callback."""
    monkeypatch.setattr(callback_server, "ANSWER_S", HUNG_S)


def listening(provider: Provider, **changes: Any) -> ServiceProfile:
    """Return a provider's profile that wants callbacks received, on any free port."""
    return profile_of(provider, callback=CallbackSettings("127.0.0.1:0", LOCAL_RECIPE), **changes)


def port_of(running: Running) -> int:
    receiver = running.worker.callbacks._receiver
    assert receiver is not None
    return receiver.port


class Caller:
    """The provider's end that calls back."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._http = httpx.AsyncClient(trust_env=False, timeout=HUNG_S)

    async def __aenter__(self) -> Caller:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def call(self, task_id: str, private_id: str, token: Secret = TOKEN) -> httpx.Response:
        data = {"taskid": task_id, "chtaskid": private_id, "status": 2}
        return await self._http.post(
            f"http://127.0.0.1:{port_of(self._running)}/",
            content=json.dumps({"code": 0, "msg": "", "data": data}),
            headers={"token": token.reveal(), "md5": callback_md5(LOCAL_RECIPE, data, token)},
        )


def polls_of(provider: Provider, task_id: str) -> int:
    return sum(each.json()["taskid"] == task_id for each in provider.seen("/gettask"))


async def accepted(running: Running, name: str) -> Task:
    (task,) = await running.add_pictures(name)
    return await running.until(task, TaskState.ACCEPTED)


def test_a_callback_has_its_task_looked_at_at_once_and_the_result_fetched(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = NEVER
        async with at_work(tmp_path, provider, listening(provider)) as running:
            task = await accepted(running, "a")
            provider.tasks["task-1"].polls_left = 0
            answered = asyncio.Event()

            async def look(talk: Talk) -> None:
                await answered.wait()  # for ever, where the callback waited for the look
                await provider.get(talk)

            provider.on("/gettask", look)
            async with Caller(running) as caller:
                answer = await caller.call("task-1", str(task.private_id))
            answered.set()
            assert (answer.status_code, answer.content) == (200, acknowledgement())
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_callbacks_are_received_from_the_moment_at_which_they_are_wanted_and_no_longer(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = NEVER
        async with at_work(tmp_path, provider) as running:
            task = await accepted(running, "a")
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                taken.listen()
                listen = f"127.0.0.1:{taken.getsockname()[1]}"
                await running.queue.pool.pause()
                profile = replace(running.profile, callback=CallbackSettings(listen))
                await running.queue.pool.renew(profile)
                kinds = [
                    (event.state, event.failure.kind)
                    for event in running.events
                    if isinstance(event, ServiceStatusChanged) and event.failure is not None
                ]
                # What is published last of the service is what holds it up.
                assert kinds[-2:] == [("ready", "callbacks_not_received"), ("paused", "paused")]
            await running.queue.pool.renew(profile)  # its address is free by now
            assert CallbacksMended("Studio") in running.events
            await running.queue.pool.renew(listening(provider))
            port = port_of(running)
            await running.queue.pool.renew(listening(provider))
            assert port_of(running) == port
            provider.tasks["task-1"].polls_left = 0
            async with Caller(running) as caller:
                answer = await caller.call("task-1", str(task.private_id))
            assert answer.status_code == 200
            await running.until(task, TaskState.SAVED)
            await running.queue.pool.renew(profile_of(provider))
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)

    with_provider(test)


def test_polling_is_stretched_once_callbacks_are_proven(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = NEVER
        profile = listening(provider, requests_per_s=2.0)
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            poller = running.worker.context.poller
            hints, hint = poller._hints, poller.hint

            def finish_and_hint(key: int, now_s: float) -> None:
                # No poll of its own can find it before: it is finished from this moment on.
                provider.tasks[str(task.service_task_id)].polls_left = 0
                hint(key, now_s)

            poller.hint = finish_and_hint  # type: ignore[method-assign]
            for number in range(20):
                assert hints.stretch == 1
                task = await running.until(task, TaskState.ACCEPTED)
                await running.called_back(str(task.service_task_id), str(task.private_id))
                await running.until(task, TaskState.SAVED)
                provider.on(f"/{number}.jpg", Reply(body=INPUT))
                (task,) = await running.add(provider.url(f"/{number}.jpg"))
            assert hints.stretch == 4

    with_provider(test)


def _followed(hints: Hints) -> list[float]:
    """Return the moments at which hints are followed, as they come."""
    moments_s: list[float] = []
    follow = hints.followed

    def noted(task: PolledTask, due_s: float) -> None:
        moments_s.append(due_s)
        follow(task, due_s)

    hints.followed = noted  # type: ignore[method-assign]
    return moments_s


def _hinted(poller: Poller) -> list[bool]:
    """Return, of each hint as it comes, whether its task was under watch."""
    hints: list[bool] = []
    hint = poller.hint

    def noted(key: int, now_s: float) -> None:
        hints.append(key in poller._tasks)
        hint(key, now_s)

    poller.hint = noted  # type: ignore[method-assign]
    return hints


def test_a_thousand_replays_cost_one_look_and_ten_thousand_unknown_ids_none(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = NEVER
        async with at_work(tmp_path, provider, listening(provider, requests_per_s=0.5)) as running:
            task = await accepted(running, "a")
            followed_s = _followed(running.worker.context.poller._hints)
            await until(lambda: polls_of(provider, "task-1") > 0)
            async with Caller(running) as caller:
                before = len(provider.seen("/gettask"))
                events = len(running.events)
                for _ in range(20):
                    assert (await caller.call("task-1", str(task.private_id))).status_code == 200
                for number in range(20):
                    answer = await caller.call(f"task-{number + 2}", f"nobody-{number}")
                    assert answer.content == acknowledgement()
            for _ in range(1000):
                await running.called_back("task-1", str(task.private_id))
            for number in range(10_000):
                await running.called_back(f"task-{number + 2}", f"x{number}")
            assert running.worker.callbacks._waiting == {}
            assert followed_s
            assert all(later - earlier > 9.999 for earlier, later in pairwise(followed_s))
            looks = len(provider.seen("/gettask")) - before
            assert {each.json()["taskid"] for each in provider.seen("/gettask")} == {"task-1"}
            assert len(running.events) - events <= looks + 1  # one was under way
            assert running.store.hints.of("Studio") == []

    with_provider(test)


def test_a_forged_callback_about_a_doubt_is_asked_about_once_in_ten_seconds(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.say_nothing)
        async with at_work(tmp_path, provider, listening(provider)) as running:
            (task,) = await running.add_pictures("a")
            doubt = await running.until(task, TaskState.IN_DOUBT)
            began_s = time.monotonic()
            for number in range(500):
                await running.called_back(f"made-up-{number}", doubt.private_id or "")

            def asked() -> int:
                looks = provider.seen("/gettask")
                return sum("made-up" in look.json()["taskid"] for look in looks)

            await until(lambda: asked() > 0)
            assert asked() <= 1 + (time.monotonic() - began_s) * 40 / 10
            assert len(running.store.hints.of("Studio")) <= 8
            assert running.store.tasks.get(task.id).state is TaskState.IN_DOUBT

    with_provider(test)


def test_a_callback_before_the_answer_settles_the_doubt_that_follows(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async def call_back_then_fall_silent(talk: Talk) -> None:
            created = provider._charge(talk)
            await caller.call(created.task_id, created.private_id)
            await talk.reset()

        provider.creating(call_back_then_fall_silent)
        async with (
            at_work(tmp_path, provider, listening(provider)) as running,
            Caller(running) as caller,
        ):
            received: list[Event] = []
            running.queue.listen(received.append)
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
            assert saved.service_task_id == "task-1"
            changes = [event for event in received if isinstance(event, TaskChanged)]
            # Nobody who waits for it is told that the doubt is its end.
            assert [event.task.state for event in changes if event.suspended] == [TaskState.SAVED]
            assert TaskState.IN_DOUBT in {event.task.state for event in changes}
        assert len(provider.charged) == 1
        assert len(provider.seen("/createtask")) == 1

    with_provider(test)


def test_a_forged_callback_before_no_answer_leaves_the_doubt_to_the_user(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async def call_back_then_fall_silent(talk: Talk) -> None:
            private_id = talk.request.json()["chtaskid"]
            await caller.call("another-task", private_id)
            await talk.reset()

        provider.creating(call_back_then_fall_silent)
        async with (
            at_work(tmp_path, provider, listening(provider)) as running,
            Caller(running) as caller,
        ):
            (task,) = await running.add_pictures("a")
            assert (await running.until_suspended(task)).state is TaskState.IN_DOUBT
            assert len(provider.seen("/gettask")) >= 1

    with_provider(test)


def test_a_callback_before_the_answer_has_the_accepted_task_looked_at(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async def call_back_then_answer(talk: Talk) -> None:
            private_id = talk.request.json()["chtaskid"]
            assert (await caller.call("task-1", private_id)).status_code == 200
            await provider.create(talk)

        provider.creating(call_back_then_answer)
        provider.polls_needed = NEVER
        async with (
            at_work(tmp_path, provider, listening(provider)) as running,
            Caller(running) as caller,
        ):
            await running.queue.pool.worker_for(running.profile)
            hinted = _hinted(running.worker.context.poller)
            (task,) = await running.add_pictures("a")
            await until(lambda: not running.store.hints.of("Studio") and bool(hinted))
            assert all(hinted)
            assert running.last(task).state is TaskState.ACCEPTED

    with_provider(test)


def test_what_was_acknowledged_and_not_yet_asked_about_is_asked_at_the_next_start(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        async def gone(talk: Talk) -> None:
            await talk.reset()

        provider.creating(provider.create_and_say_nothing)
        profile = listening(provider)
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            doubt = await running.until(task, TaskState.IN_DOUBT)
            provider.on("/gettask", gone)
            async with Caller(running) as caller:
                assert (await caller.call("task-1", doubt.private_id or "")).status_code == 200
        provider.on("/gettask", provider.get)
        async with at_work(tmp_path, provider, profile) as running:
            await running.queue.resume(profile, await running.queue.stored())
            saved = await running.until(task, TaskState.SAVED)
            assert saved.service_task_id == "task-1"
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_doubt_that_a_stored_callback_does_not_settle_is_parked_at_the_next_start(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(provider.say_nothing)
        profile = listening(provider)
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            doubt = await running.until(task, TaskState.IN_DOUBT)
            running.store.hints.note("Studio", "task-99", doubt.private_id or "")
        async with at_work(tmp_path, provider, profile) as running:
            await running.queue.resume(profile, await running.queue.stored())
            assert (await running.until_suspended(task)).state is TaskState.IN_DOUBT
            assert polls_of(provider, "task-99") == 1

    with_provider(test)


def test_where_the_port_is_taken_that_is_said_and_the_line_works_on(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            listen = f"127.0.0.1:{taken.getsockname()[1]}"
            profile = replace(profile_of(provider), callback=CallbackSettings(listen))
            async with at_work(tmp_path, provider, profile) as running:
                (task,) = await running.add_pictures("a")
                await running.until(task, TaskState.SAVED)
                reported = [
                    event for event in running.events if isinstance(event, ServiceStatusChanged)
                ]
                assert reported[0].failure is not None
                assert reported[0].failure.kind == "callbacks_not_received"
                assert listen in reported[0].failure.detail

    with_provider(test)


def test_the_bundled_service_calls_back_and_its_further_tries_arrive(tmp_path: Path) -> None:
    """Through a relay whose first answers are errors, as a relay's are while it starts."""

    async def test(provider: Provider) -> None:
        async with ScriptableService() as relay, httpx.AsyncClient(trust_env=False) as http:

            async def pass_on(talk: Talk) -> None:
                answer = await http.post(
                    f"http://127.0.0.1:{port_of(running)}/",
                    content=talk.request.body,
                    headers={name: talk.request.headers[name] for name in ("token", "md5")},
                )
                await talk.reply(Reply(answer.status_code, answer.content))

            relay.on("/called", Reply(502), Reply(503), pass_on)
            async with serving(
                tmp_path / "service", QuickClock(), callback_url=relay.url("/called")
            ) as asker:
                profile = replace(
                    listening(provider),
                    base_url=asker.service.base_url,
                    upload_path="/upload",
                    requests_per_s=0.05,
                )
                async with at_work(tmp_path, provider, profile, Secret(SERVICE_TOKEN)) as running:
                    picture = tmp_path / "a.png"
                    picture.write_bytes(picture_bytes())
                    new = replace(running.new(str(picture)), type_id=UPSCALE)
                    (task,) = await running.queue.add(profile, [new])
                    await running.until(task, TaskState.SAVED)
                    assert len(relay.seen("/called")) == 3

    with_provider(test)


def test_a_service_started_with_a_callback_address_settles_what_its_lost_answer_left(
    tmp_path: Path,
) -> None:
    """The whole way with the program's own ``serve``, behind a line that loses one answer."""

    async def test(provider: Provider) -> None:
        listen = f"127.0.0.1:{_free_port()}"
        with child(tmp_path / "service", "--callback-url", f"http://{listen}/") as service:
            token = service.first_line["token"]

            async def lose_the_answer(talk: Talk) -> None:
                await asyncio.to_thread(service.call, "createtask", **talk.request.json())
                await talk.reset()

            async def pass_on(talk: Talk) -> None:
                answer = await http.post(
                    f"{service.first_line['base_url']}{talk.request.path}",
                    content=talk.request.body,
                    headers={
                        "token": token,
                        "content-type": talk.request.headers["content-type"],
                    },
                )
                await talk.reply(Reply(answer.status_code, answer.content))

            provider.on("/createtask", lose_the_answer)
            provider.on("/gettask", pass_on)
            provider.on("/upload", pass_on)
            profile = profile_of(
                provider,
                upload_path="/upload",
                callback=CallbackSettings(listen, LOCAL_RECIPE),
            )
            async with (
                httpx.AsyncClient(trust_env=False) as http,
                at_work(tmp_path, provider, profile, Secret(token)) as running,
            ):
                picture = tmp_path / "a.png"
                picture.write_bytes(picture_bytes())
                new = replace(running.new(str(picture)), type_id=UPSCALE)
                (task,) = await running.queue.add(profile, [new])
                saved = await running.until(task, TaskState.SAVED)
                assert [attempt.outcome.value for attempt in saved.attempts] == ["accepted"]
                assert len(provider.seen("/createtask")) == 1

    with_provider(test)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
