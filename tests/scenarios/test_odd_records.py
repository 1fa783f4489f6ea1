"""Answers to gettask that tell nothing of the task: it is kept, and keeps nothing else waiting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.core.services.profile import Phase
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.worker.polling_loop import UNEXPECTED_REPLIES_TO_REPORT
from tests.scenarios.running import Running, at_work, profile_of, until, with_provider
from tests.support.provider import RESULT, Provider
from tests.support.scriptable_service import Handler, Reply, Step, Talk, envelope

OTHERS_ID = "a" * 26

ODD: dict[str, Step] = {
    "no record": envelope({}),
    "the record of another": envelope({"taskid": "task-77", "outputurl": "http://example.org/x"}),
    "another's private id": envelope({"taskid": "", "chtaskid": "somebody-elses"}),
    "the private id of another of ours": envelope({"taskid": "task-1", "chtaskid": OTHERS_ID}),
    "a code of its own": envelope(None, 5000, "odd"),
    "no such page": envelope(None, 5001, "odd", 404),
}


def tell_of_the_first(provider: Provider, odd: Step) -> None:
    """Answer so whenever the first task is asked for, and properly for all others."""

    async def get(talk: Talk) -> None:
        if talk.request.json()["taskid"] != "task-1":
            await provider.get(talk)
        elif isinstance(odd, Reply):
            await talk.reply(odd)
        else:
            await odd(talk)

    provider.on("/gettask", get)


def asked_for(provider: Provider, task_id: str) -> int:
    asked = [request_ for request_ in provider.requests if request_.path == "/gettask"]
    return sum(each.json()["taskid"] == task_id for each in asked)


async def reported(running: Running, task_id: int, kind: str) -> None:
    def received() -> bool:
        return any(
            isinstance(event, TaskChanged)
            and event.task.id == task_id
            and event.suspended
            and event.task.failure is not None
            and event.task.failure.kind == kind
            for event in running.events
        )

    await running.until_true(received, f"nothing of {kind} was told")


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_a_task_of_which_nothing_is_told_is_shown_and_keeps_no_other_waiting(
    tmp_path: Path, odd: Step
) -> None:
    async def test(provider: Provider) -> None:
        tell_of_the_first(provider, odd)
        async with at_work(tmp_path, provider) as running:
            (first,) = await running.add_pictures("a")
            await reported(running, first.id, "record_unusable")
            await until(lambda: asked_for(provider, "task-1") >= UNEXPECTED_REPLIES_TO_REPORT + 2)
            assert "offline" not in running.line_states()
            (second,) = await running.add_pictures("b")
            await running.until(second, TaskState.SAVED)
            # And as soon as the service comes to its senses:
            provider.on("/gettask", provider.get)
            saved = await running.until(first, TaskState.SAVED)
            assert saved.failure is None
        assert len(provider.charged) == 2

    with_provider(test)


def test_a_task_that_makes_the_service_stumble_does_not_make_it_seem_gone(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        tell_of_the_first(provider, Reply(500))
        async with at_work(tmp_path, provider) as running:
            await running.add_pictures("a")
            await running.until_true(
                lambda: "offline" in running.line_states(), "five faults in a row are no outage"
            )
            (second,) = await running.add_pictures("b")
            await running.until(second, TaskState.SAVED)

    with_provider(test)


def test_a_record_that_tells_again_takes_the_sentence_away(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 10**6
        tell_of_the_first(provider, envelope({}))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await reported(running, task.id, "record_unusable")
            provider.on("/gettask", provider.get)
            await running.until_true(
                lambda: running.last(task).failure is None, "the sentence stays"
            )
            assert running.last(task).state is TaskState.ACCEPTED

    with_provider(test)


def test_a_rewritten_private_id_is_no_reason_to_doubt_the_task(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        def record(task: Any) -> dict[str, Any]:
            return {"chtaskid": f"client-{task.private_id.upper()}"}

        provider.record_of_new = record
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_a_long_address_is_taken_whole(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        signed = f"/signed.png?signature={'x' * 4000}"

        async def serve(talk: Talk) -> None:
            right = talk.request.target == signed
            await talk.reply(Reply(body=RESULT) if right else Reply(403))

        provider.on("/signed.png", serve)
        provider.record_of_new = lambda _: {"outputurl": provider.url(signed)}
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_a_record_with_many_faces_and_long_addresses_is_read(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        face = {"inputurl": provider.url(f"/f?{'x' * 4000}")}
        provider.record_of_new = lambda _: {"facelist": [face] * 500}
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_a_result_named_a_moment_after_the_task_is_called_finished_is_fetched(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        looks = 0

        async def get(talk: Talk) -> None:
            nonlocal looks
            looks += 1
            task = provider.tasks[talk.request.json()["taskid"]]
            task.record = {"status": 7, **({"outputurl": ""} if looks < 3 else {})}
            await provider.get(talk)

        provider.on("/gettask", get)
        by_number = profile_of(provider, status={7: Phase.FINISHED})
        async with at_work(tmp_path, provider, by_number) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def _variants(provider: Provider, counts: list[int]) -> Handler:
    """Answer gettask with so many of four variants, the last count for good."""

    async def get(talk: Talk) -> None:
        task = provider.tasks[talk.request.json()["taskid"]]
        ready = counts.pop(0) if len(counts) > 1 else counts[0]
        whole = {"outputurl": provider.url("/result.png"), "outpathwidth": 400}
        entries = [{"inputurl": task.picurl, **(whole if n < ready else {})} for n in range(4)]
        task.record = {"outputurl": "", "facenum": 4, "facelist": entries}
        await provider.get(talk)

    return get


@pytest.mark.parametrize(
    ("counts", "saved"), [([1, 2, 3, 4], 4), ([0, 3], 3)], ids=["one by one", "one never comes"]
)
def test_variants_are_waited_for_as_long_as_they_come(
    tmp_path: Path, counts: list[int], saved: int
) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/gettask", _variants(provider, counts))
        colorize = EnhanceType(1, "Enhance", outputs=Outputs.VARIANTS)
        profile = profile_of(provider, enhance_types=(colorize,))
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            done = await running.until(task, TaskState.SAVED)
        assert len(done.files) == saved
        assert counts == counts[-1:]

    with_provider(test)
