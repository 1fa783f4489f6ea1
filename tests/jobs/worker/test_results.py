"""From finished tasks to files: verified, never overwritten, and nothing lost on the way."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.core.tasks.records import missing_parts
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.jobs.events import TaskChanged
from enhance_gui.jobs.queue.reports import ReportState, report_of
from enhance_gui.jobs.worker import result_retry
from enhance_gui.jobs.worker.result_retry import DELAYS_S
from enhance_gui.storage.files.results import sha256_of
from tests.scenarios.running import at_work, profile_of, with_provider
from tests.support.pictures import picture_bytes, shows
from tests.support.provider import INPUT, RESULT, Provider
from tests.support.scriptable_service import Reply, Step, Talk, envelope, redirect

FACE = picture_bytes("png", 64, 64)


@pytest.fixture(autouse=True)
def time_for_all_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count tries, not their time: the clock hurries here, the computer may not."""
    monkeypatch.setattr(result_retry, "BESIDE_S", 40_000)


_NO_PROMISE = {"outpathwidth": 0, "outpathheight": 0, "outpathsize": 0, "outpathext": ""}


def _face(url: str) -> dict[str, Any]:
    return {"outputurl": url, "outpathwidth": 64, "outpathheight": 64, "outpathext": "png"}


def test_the_sidecar_tells_where_the_picture_came_from(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/moved.jpg", redirect("/a.jpg"))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add(provider.url("/moved.jpg"))
            saved = await running.until(task, TaskState.SAVED)
        assert saved.sidecar is not None
        sidecar = json.loads(saved.sidecar.read_text())
        assert sidecar["input"] == provider.url("/moved.jpg")
        assert sidecar["final_url"] == provider.url("/a.jpg")
        assert sidecar["private_id"] == provider.charged[0]
        assert sidecar["before"]["bytes"] == len(INPUT)
        assert sidecar["before"]["sha256"] == sidecar["input_sha256"] is not None
        assert sidecar["after"]["width_px"] == 400
        assert sidecar["after"]["bytes"] == saved.files[0].stat().st_size
        assert sidecar["after"]["sha256"] == sha256_of(saved.files[0])
        assert shows(saved.files[0], RESULT)
        assert saved.before_file is not None
        assert saved.before_file.read_bytes() == INPUT
        # The service is given the address that no longer leads on.
        assert provider.tasks["task-1"].picurl == provider.url("/a.jpg")

    with_provider(test)


@pytest.mark.parametrize("wanted", [False, True])
def test_a_sidecar_leaves_signatures_out_where_that_is_wanted(tmp_path: Path, wanted: bool) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/moved.jpg", redirect("/a.jpg?sig=secret&v=1"))
        provider.pictures("a")
        async with at_work(tmp_path, provider) as running:
            running.queue.naming.strip_signatures = wanted
            (task,) = await running.add(provider.url("/moved.jpg?token=secret"))
            saved = await running.until(task, TaskState.SAVED)
        assert saved.sidecar is not None
        assert ("secret" in saved.sidecar.read_text()) is not wanted
        sidecar = json.loads(saved.sidecar.read_text())
        if wanted:
            assert sidecar["input"] == provider.url("/moved.jpg")
            assert sidecar["final_url"] == provider.url("/a.jpg?v=1")
        else:
            assert sidecar["input"] == provider.url("/moved.jpg?token=secret")

    with_provider(test)


def test_faces_are_saved_beside_the_picture_and_one_that_is_lost_is_named(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/face.png", Reply(body=FACE))
        provider.on("/lost.png", Reply(404))
        faces = [_face(provider.url("/face.png")), _face(provider.url("/lost.png")), "not a face"]
        provider.record_of_new = lambda _: {"facelist": faces, "facenum": 2}
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
        assert [path.name for path in saved.files] == ["a-enhance.png", "a-enhance-face-1.png"]
        assert saved.sidecar is not None
        sidecar = json.loads(saved.sidecar.read_text())
        assert sidecar["outputs"] == ["a-enhance-face-1.png"]
        why = "face-2: there is nothing at its address (HTTP 404)"
        assert sidecar["missing"] == [why]
        # What is not there is not waited for as long as a host that is down.
        assert len(provider.seen("/lost.png")) == 3
        report = report_of(saved, "a.jpg")
        assert report.state is ReportState.SAVED
        assert report.fields["missing"] == [why]
        assert report.text == f"Not everything is there. Missing: {why}."
        # The list of tasks has it, too; of an earlier version's tasks the sidecar alone.
        earlier = replace(saved, missing=())
        assert report_of(earlier, "a.jpg").fields["missing"] == [why]
        saved.sidecar.unlink()
        assert report_of(saved, "a.jpg").fields["missing"] == [why]
        assert report_of(earlier, "a.jpg").fields["missing"] == ["face-2"]

    with_provider(test)


async def _broken_off(talk: Talk) -> None:
    await talk.reset()


@pytest.mark.parametrize(
    "trouble",
    [Reply(503), Reply(429, headers={"Retry-After": "5"}), Reply(500), _broken_off],
    ids=["503", "429", "500", "broken off"],
)
@pytest.mark.parametrize("outputs", [Outputs.FACES, Outputs.VARIANTS])
def test_a_face_or_variant_is_waited_for_as_long_as_the_result_itself(
    tmp_path: Path, outputs: Outputs, trouble: Step
) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/late.png", *[trouble] * 4, Reply(body=FACE))
        provider.on("/there.png", Reply(body=FACE))
        faces = [_face(provider.url("/late.png")), _face(provider.url("/there.png"))]
        main = {} if outputs is Outputs.FACES else {"outputurl": provider.url("/there.png")}
        provider.record_of_new = lambda _: {"facelist": faces, "facenum": 2, **main, **_NO_PROMISE}
        profile = profile_of(provider, enhance_types=(EnhanceType(1, "Enhance", outputs=outputs),))
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
        assert len(saved.files) == (3 if outputs is Outputs.FACES else 2)
        assert report_of(saved, "a.jpg").fields["missing"] == []
        assert report_of(saved, "a.jpg").text == ""
        # What is there is not kept waiting for what is not.
        paths = [request_.path for request_ in provider.requests]
        second_try = [place for place, path in enumerate(paths) if path == "/late.png"][1]
        assert "/there.png" in paths[:second_try]

    with_provider(test)


def test_faces_that_never_come_are_given_up_together_and_the_rest_is_saved(
    tmp_path: Path,
) -> None:
    lost = [f"/lost-{number}.png" for number in range(12)]

    async def test(provider: Provider) -> None:
        for path in lost:
            provider.on(path, Reply(503))
        provider.on("/face.png", Reply(body=FACE))
        faces = [_face(provider.url(path)) for path in [*lost, "/face.png"]]
        provider.record_of_new = lambda _: {"facelist": faces}
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
        assert [path.name for path in saved.files] == ["a-enhance.png", "a-enhance-face-13.png"]
        report = report_of(saved, "a.jpg")
        assert len(report.fields["missing"]) == 12
        assert "and 9 more" in report.text
        assert [len(provider.seen(path)) for path in lost] == [len(DELAYS_S) + 1] * 12
        # They wait together: one pause for all of them, not one after the other for each.
        put_off = [e for e in running.events if isinstance(e, TaskChanged) and e.task.failure]
        assert {e.task.failure.kind for e in put_off if e.task.failure} == {"result_unreachable"}
        pauses = [e for e in put_off if e.task.state is TaskState.FINISHED]
        assert 0 < len(pauses) <= 3 * len(DELAYS_S)

    with_provider(test)


def test_a_face_is_waited_for_though_the_result_itself_was_long_in_coming(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        tries = len(DELAYS_S)
        provider.on("/result.png", *[Reply(503)] * tries, Reply(body=RESULT))
        provider.on("/face.png", Reply(503), Reply(body=FACE))
        provider.record_of_new = lambda _: {"facelist": [_face(provider.url("/face.png"))]}
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
        assert len(saved.files) == 2

    with_provider(test)


def test_a_face_without_an_address_is_missing_and_the_others_keep_their_numbers(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/face.png", Reply(body=FACE))
        face = _face(provider.url("/face.png"))
        provider.record_of_new = lambda _: {"facelist": [face, _face(""), face], "facenum": 3}
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
        names = [path.name for path in saved.files]
        assert names == ["a-enhance.png", "a-enhance-face-1.png", "a-enhance-face-3.png"]
        why = "face-2: the service names no address for it"
        assert report_of(saved, "a.jpg").fields["missing"] == [why]
        assert missing_parts(saved) == ("face-2",)

    with_provider(test)


def test_a_type_that_has_vanished_from_the_profile_costs_no_file_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/variant.png", Reply(body=FACE))
        variant = _face(provider.url("/variant.png"))
        provider.record_of_new = lambda _: {"facelist": [variant, variant]}
        listed = profile_of(provider, enhance_types=(EnhanceType(1, "Colorize"),))
        provider.polls_needed = 10**6
        async with at_work(tmp_path, provider, listed) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.ACCEPTED)
        for each in provider.tasks.values():
            each.polls_left = 0
        without = profile_of(provider, enhance_types=())
        async with at_work(tmp_path, provider, without) as running:
            await running.queue.resume(without, await running.queue.stored())
            saved = await running.until(task, TaskState.SAVED)
        assert len(saved.files) == 3
        assert "does not list the enhance type “Enhance”; what was saved" in caplog.text

    with_provider(test)


@pytest.mark.parametrize("main", ["", "/1.png"])
def test_the_variant_that_is_the_result_is_not_saved_a_second_time(
    tmp_path: Path, main: str
) -> None:
    async def test(provider: Provider) -> None:
        for name in ("/1.png", "/2.png"):
            provider.on(name, Reply(body=FACE))
        variants = [_face(provider.url("/1.png")), _face(provider.url("/2.png"))]
        output = {"outputurl": provider.url(main) if main else "", **_NO_PROMISE}
        provider.record_of_new = lambda _: {**output, "facelist": variants}
        colorize = EnhanceType(1, "Enhance", outputs=Outputs.VARIANTS)
        profile = profile_of(provider, enhance_types=(colorize,))
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
        names = [path.name for path in saved.files]
        assert names == ["a-enhance.png", "a-enhance-variant-2.png"]
        assert missing_parts(saved) == ()
        assert report_of(saved, "a.jpg").fields["missing"] == []

    with_provider(test)


def test_a_variant_beside_a_result_of_its_own_is_saved(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/1.png", Reply(body=FACE))
        variants = [_face(provider.url("/1.png")), _face("")]
        provider.record_of_new = lambda _: {"facelist": variants}
        colorize = EnhanceType(1, "Enhance", outputs=Outputs.VARIANTS)
        profile = profile_of(provider, enhance_types=(colorize,))
        async with at_work(tmp_path, provider, profile) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
        names = [path.name for path in saved.files]
        assert names == ["a-enhance.png", "a-enhance-variant-1.png"]
        assert missing_parts(saved) == ("variant-2",)

    with_provider(test)


def test_an_expired_address_is_asked_for_anew(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        looks = 0

        def record(_: object) -> dict[str, Any]:
            nonlocal looks
            looks += 1
            return {}

        async def expired(talk: Talk) -> None:
            provider.tasks["task-1"].record = {"outputurl": provider.url("/fresh.png")}
            await talk.reply(Reply(403))

        provider.record_of_new = record
        provider.on("/result.png", expired)
        provider.on("/fresh.png", Reply(body=RESULT))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (RESULT[: len(RESULT) // 2], "result_not_as_promised"),
        (picture_bytes("png", 100, 50), "result_not_as_promised"),
        (b"<html>expired</html>", "result_not_as_promised"),
        (None, "result_gone"),
    ],
    ids=["cut", "other size", "web page", "gone"],
)
def test_what_is_not_the_promised_picture_is_never_under_a_final_name(
    tmp_path: Path, body: bytes | None, kind: str
) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/result.png", Reply(404) if body is None else Reply(body=body))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            failed = await running.until(task, TaskState.FAILED)
            assert failed.failure is not None
            assert failed.failure.kind == kind
            assert list(running.results.iterdir()) == []
            # Free of charge, it can be asked for again.
            provider.on("/result.png", Reply(body=RESULT))
            await running.queue.ask_again(task.id)
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_nothing_is_overwritten_and_a_group_keeps_one_stem(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        results = tmp_path / "results"
        results.mkdir()
        (results / "a-enhance.json").write_text("mine")
        (results / "a-enhance (2).png").write_text("mine")
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
        assert saved.files[0].name == "a-enhance (3).png"
        assert saved.sidecar is not None
        assert saved.sidecar.name == "a-enhance (3).json"
        assert (results / "a-enhance.json").read_text() == "mine"
        assert (results / "a-enhance (2).png").read_text() == "mine"

    with_provider(test)


def test_pictures_of_one_name_get_numbers_though_saved_at_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        for n in range(6):
            provider.on(f"/{n}/a.jpg", Reply(body=INPUT))
        async with at_work(tmp_path, provider) as running:
            tasks = await running.add(*[provider.url(f"/{n}/a.jpg") for n in range(6)])
            files = [(await running.until(task, TaskState.SAVED)).files[0] for task in tasks]
        assert len(set(files)) == 6
        assert all(shows(path, RESULT) for path in files)

    with_provider(test)


def test_a_save_folder_that_is_gone_makes_its_task_wait_and_not_the_others(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        (tmp_path / "blocked").write_text("a file where the folder should be")
        async with at_work(tmp_path, provider) as running:
            new = running.new(provider.pictures("a")[0])
            blocked = type(new)(new.input, new.service, 1, "Enhance", tmp_path / "blocked")
            (waiting,) = await running.queue.add(running.profile, [blocked])
            (other,) = await running.add_pictures("b")
            suspended = await running.until_suspended(waiting)
            assert suspended.state is TaskState.FINISHED
            assert suspended.failure is not None
            assert suspended.failure.kind == "folder_not_usable"
            await running.until(other, TaskState.SAVED)
            (tmp_path / "blocked").unlink()
            await running.until(waiting, TaskState.SAVED)
        assert len(provider.charged) == 2

    with_provider(test)


def test_a_damaged_stored_record_is_asked_for_anew(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/result.png", Reply(503))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FETCHING)
        with closing(sqlite3.connect(tmp_path / "tasks.sqlite3")) as sql, sql:
            sql.execute("UPDATE task SET record = ?", (b"{",))
        provider.on("/result.png", Reply(body=RESULT))
        async with at_work(tmp_path, provider) as running:
            await running.queue.resume(running.profile, await running.queue.stored())
            await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_run_that_ended_before_the_download_goes_on_with_it(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.on("/result.png", Reply(503))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.FETCHING)
        provider.on("/result.png", Reply(body=RESULT))
        async with at_work(tmp_path, provider) as running:
            await running.queue.resume(running.profile, await running.queue.stored())
            saved = await running.until(task, TaskState.SAVED)
        assert len(provider.charged) == 1
        assert sorted(p.name for p in (tmp_path / "results").iterdir()) == [
            "a-enhance.json",
            "a-enhance.png",
        ]
        assert saved.failure is None

    with_provider(test)


@pytest.mark.parametrize("ending", ["failed", "deleted"])
def test_a_task_that_fails_on_the_service_says_so(tmp_path: Path, ending: str) -> None:
    async def test(provider: Provider) -> None:
        if ending == "failed":
            failure = {"errorcode": 4711, "errormsg": "no face found", "outputurl": ""}
            provider.record_of_new = lambda _: failure
        else:
            provider.on("/gettask", envelope(None, 1002002))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            failed = await running.until(task, TaskState.FAILED)
        kinds = {"failed": "task_failed", "deleted": "task_deleted"}
        assert failed.failure is not None
        assert failed.failure.kind == kinds[ending]
        assert failed.charges_possible == 1

    with_provider(test)


def test_an_accepted_task_is_deleted_on_the_service_when_it_is_cancelled(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 1000
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.ACCEPTED)
            await running.queue.cancel(task.id)
            await running.until(task, TaskState.CANCELLED)
        assert provider.tasks["task-1"].deleted

    with_provider(test)


def test_a_task_the_service_will_not_delete_is_followed_to_its_end(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 5
        provider.on("/deletetask", envelope({"success": False}))
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            await running.until(task, TaskState.ACCEPTED)
            await running.queue.cancel(task.id)
            await running.until(task, TaskState.SAVED)

    with_provider(test)


def test_a_queued_task_is_taken_back_without_a_word_to_the_service(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(Reply(401))  # holds everything back
        async with at_work(tmp_path, provider) as running:
            first, second = await running.add_pictures("ab")
            for task in (first, second):
                await running.until_suspended(task)
            await running.queue.cancel(second.id)
            await running.until(second, TaskState.CANCELLED)
            await running.queue.unpause_service("Studio")
            await running.until(first, TaskState.SAVED)
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_result_that_goes_from_its_place_meanwhile_is_fetched_again(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        results = tmp_path / "results"

        async def after_the_main_one_went(talk: Talk) -> None:
            (results / "a-enhance.png").unlink()
            await talk.reply(Reply(body=FACE))

        provider.on("/face.png", after_the_main_one_went, Reply(body=FACE))
        provider.record_of_new = lambda _: {"facelist": [_face(provider.url("/face.png"))]}
        async with at_work(tmp_path, provider) as running:
            (task,) = await running.add_pictures("a")
            saved = await running.until(task, TaskState.SAVED)
        assert len(saved.files) == 2
        assert all(file.is_file() for file in saved.files)
        assert len(provider.charged) == 1

    with_provider(test)
