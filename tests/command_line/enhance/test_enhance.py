"""``enhance`` as a user runs it, against services that misbehave."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.command_line.enhance.resuming import print_asking
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.tasks.states import Outcome, TaskState
from enhance_gui.core.tasks.task import Attempt, Failure, Task
from enhance_gui.jobs.queue.reports import report_of
from enhance_gui.storage.folders import user_folders
from tests.scenarios.running import at_work, profile_of, with_provider
from tests.support.pictures import shows
from tests.support.program import Ended, Started, ended, run, start, write_profile
from tests.support.provider import RESULT, Provider
from tests.support.scriptable_service import Reply, Talk, envelope


class Desk:
    """A user's desk: a profile file, and a folder for results."""

    def __init__(self, folder: Path, provider: Provider) -> None:
        self.provider = provider
        # Where requests are expensive, the program waits for seconds before it looks.
        self.profile = write_profile(
            folder / "studio.toml", profile_of(provider, requests_per_s=50.0)
        )
        self.results = folder / "results"

    def arguments(self, *more: str) -> list[str]:
        service = ["--service", str(self.profile), "--save", str(self.results)]
        return ["enhance", *service, "--json", *more]

    async def enhance(self, *more: str) -> Ended:
        return await run(*self.arguments(*more), token="secret-token")


def test_a_saved_input_gives_its_line_and_exit_code_0(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        done = await Desk(tmp_path, provider).enhance(*provider.pictures("a"))
        assert done.code == 0, done.err
        (line,) = done.lines()
        assert line["state"] == "saved"
        assert line["input"] == provider.url("/a.jpg")
        assert line["service"] == "Studio"
        assert line["type"] == 1
        assert line["task_id"] == "task-1"
        assert line["private_id"] == provider.charged[0]
        _assert_saved(line)
        assert line["error"] is None

    with_provider(test)


def test_what_a_saved_result_lacks_is_told_to_people_and_programs(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        nothing = {"inputurl": "", "outputurl": ""}
        provider.record_of_new = lambda _: {"facelist": [nothing], "facenum": 1}
        done = await Desk(tmp_path, provider).enhance(*provider.pictures("a"))
        assert done.code == 0, done.err
        (line,) = done.lines()
        assert (line["state"], line["error"]) == ("saved", None)
        assert line["missing"] == ["face-1: the service names no address for it"]
        assert "Not everything is there" in done.err
        assert "face-1: the service names no address for it" in done.err

    with_provider(test)


def _assert_saved(line: dict[str, Any]) -> None:
    assert shows(Path(line["files"][0]), RESULT)
    assert json.loads(Path(line["sidecar"]).read_text())["task_id"] == line["task_id"]


@pytest.mark.parametrize(
    ("reply", "code", "state", "kind"),
    [
        (envelope(None, 1001001, "no"), 1, "failed", "create_failed"),
        (envelope(None, 1001002, "no"), 1, "failed", "address_refused"),
        (envelope(None, 1001003, "no"), 1, "failed", "too_large_for_service"),
        (envelope(None, 1001004, "no"), 1, "failed", "kind_refused"),
        (envelope(None, 1003002, "no"), 4, "waiting", "balance_too_low"),
        (Reply(401), 4, "waiting", "token_refused"),
        (Reply(502, b"<html>"), 3, "in_doubt", "in_doubt"),
    ],
)
def test_answers_to_createtask_as_exit_codes(
    tmp_path: Path, reply: Reply, code: int, state: str, kind: str
) -> None:
    async def test(provider: Provider) -> None:
        provider.creating(reply)
        done = await Desk(tmp_path, provider).enhance(*provider.pictures("a"))
        (line,) = done.lines()
        assert (done.code, line["state"], line["error"]["kind"]) == (code, state, kind), done.err
        assert line["error"]["message"]
        assert line["error"]["next_step"]
        assert len(provider.seen("/createtask")) == 1

    with_provider(test)


@pytest.mark.parametrize(
    ("path", "reply", "kind"),
    [
        ("/createtask", envelope(None, 1003002, "no"), "balance_too_low"),
        ("/createtask", Reply(401), "token_refused"),
        ("/gettask", Reply(401), "token_refused"),
    ],
)
def test_each_input_that_waits_tells_why_its_service_holds_it_up(
    tmp_path: Path, path: str, reply: Reply, kind: str
) -> None:
    async def test(provider: Provider) -> None:
        provider.on(path, reply)
        done = await Desk(tmp_path, provider).enhance(*provider.pictures("ab"))
        assert done.code == 4, done.err
        reported = [(line["state"], line["error"]["kind"]) for line in done.lines()]
        assert reported == [("waiting", kind)] * 2

    with_provider(test)


def test_a_run_costs_no_more_than_its_limit_and_the_rest_stays_stored(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        write_profile(
            desk.profile,
            profile_of(
                provider, requests_per_s=50.0, enhance_types=(EnhanceType(1, "Enhance", cost=2.5),)
            ),
        )
        done = await desk.enhance("--max-cost", "6", *provider.pictures("abc"))
        assert done.code == 4, done.err
        states = [line["state"] for line in done.lines()]
        assert sorted(states) == ["saved", "saved", "waiting"]
        (waiting,) = [line for line in done.lines() if line["state"] == "waiting"]
        assert waiting["error"]["kind"] == "spending_limit"
        assert "5 may have been spent" in waiting["error"]["message"]
        assert len(provider.charged) == 2
        assert (await desk.enhance("--resume", "--max-cost", "2")).code == 4
        assert len(provider.charged) == 2
        assert (await desk.enhance("--resume", "--max-cost", "2.5")).code == 0
        assert len(provider.charged) == 3

    with_provider(test)


def test_where_a_limit_cannot_be_kept_a_doubt_is_not_settled_by_sending_again(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)  # its profile does not tell what the type costs
        provider.creating(provider.say_nothing)
        assert (await desk.enhance(*provider.pictures("a"))).code == 3
        done = await desk.enhance("--resume", "--settle", "all=send-again", "--max-cost", "3")
        assert done.code == 2
        assert "--max-cost" in done.err
        resumed = await desk.enhance("--resume")
        assert [line["state"] for line in resumed.lines()] == ["in_doubt"]
        assert len(provider.seen("/createtask")) == 1

    with_provider(test)


@pytest.mark.parametrize("maximum", ["3", "-1", "nan", "inf", "much"])
def test_a_limit_that_cannot_be_kept_is_refused_before_anything_is_sent(
    tmp_path: Path, maximum: str
) -> None:
    async def test(provider: Provider) -> None:
        # Its profile does not tell what the type costs.
        done = await Desk(tmp_path, provider).enhance(
            f"--max-cost={maximum}", *provider.pictures("a")
        )
        assert done.code == 2
        assert "--max-cost" in done.err
        assert provider.requests == []

    with_provider(test)


def test_a_doubt_is_told_at_every_start_and_its_choices_are_named(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.creating(provider.create_and_say_nothing)
        first = await desk.enhance(*provider.pictures("a"))
        (line,) = first.lines()
        assert first.code == 3
        private_id = line["private_id"]
        # The same command again is not sent again.
        again = await desk.enhance(*provider.pictures("a"))
        assert again.code == 3
        assert again.lines()[0]["private_id"] == private_id
        resumed = await desk.enhance("--resume")
        assert resumed.code == 3
        assert f"--settle {private_id}=send-again" in resumed.err
        assert f"--settle {private_id}=give-up" in resumed.err
        assert len(provider.charged) == 1
        settled = await desk.enhance("--resume", "--settle", f"{private_id}=send-again")
        assert settled.code == 0, settled.err
        assert len(provider.charged) == 2

    with_provider(test)


def test_a_doubt_can_be_given_up(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.creating(provider.say_nothing)
        await desk.enhance(*provider.pictures("a"))
        given_up = await desk.enhance("--resume", "--settle", "all=give-up")
        assert [line["state"] for line in given_up.lines()] == ["cancelled"]
        assert (await desk.enhance("--resume")).out == ""

    with_provider(test)


def test_a_run_out_of_time_keeps_its_work_and_resume_continues_it(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 10_000
        desk = Desk(tmp_path, provider)
        done = await desk.enhance(*provider.pictures("ab"), "--timeout-s", "3")
        assert done.code == 4, done.err
        assert {line["state"] for line in done.lines()} == {"waiting"}
        # On a slow computer, it may not even have come to creating both.
        provider.polls_needed = 1
        for task in provider.tasks.values():
            task.polls_left = 0
        resumed = await desk.enhance("--resume")
        assert resumed.code == 0, resumed.err
        assert len(resumed.lines()) == 2
        assert len(provider.charged) == 2

    with_provider(test)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_its_work(tmp_path: Path, number: signal.Signals) -> None:
    async def test(provider: Provider) -> None:
        provider.polls_needed = 10_000
        desk = Desk(tmp_path, provider)
        arrived = asyncio.Event()

        async def create(talk: Talk) -> None:
            await provider.create(talk)
            arrived.set()

        provider.creating(create)
        process = await start(*desk.arguments(*provider.pictures("a")), token="t")
        await arrived.wait()
        process.send_signal(number)
        done = await ended(process)
        assert done.code == 4, done.err
        assert [line["state"] for line in done.lines()] == ["waiting"]
        assert "Traceback" not in done.err

    with_provider(test)


def test_a_killed_run_in_the_middle_of_a_create_is_in_doubt_at_the_next_start(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        arrived = asyncio.Event()

        async def charge_and_hang(talk: Talk) -> None:
            provider._charge(talk)
            arrived.set()
            await talk.until_closed_by_peer()

        provider.creating(charge_and_hang)
        desk = Desk(tmp_path, provider)
        process = await start(*desk.arguments(*provider.pictures("a")), token="t")
        await arrived.wait()
        process.kill()
        await ended(process)
        resumed = await desk.enhance("--resume")
        assert resumed.code == 3
        assert [line["state"] for line in resumed.lines()] == ["in_doubt"]
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_second_start_hands_its_inputs_over(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        # Whichever of them works has work until the other one has come.
        provider.polls_needed = 10_000
        desk = Desk(tmp_path, provider)
        starts = [
            await start(*desk.arguments(*provider.pictures(names)), token="t")
            for names in ("abc", "cde")
        ]
        saying = [asyncio.ensure_future(_said(each, "handed over")) for each in starts]
        await asyncio.wait(saying, return_when=asyncio.FIRST_COMPLETED)
        assert sum(each.done() for each in saying) == 1
        for each in saying:
            each.cancel()
        await asyncio.wait(saying)
        provider.polls_needed = 1
        for task in provider.tasks.values():
            task.polls_left = 1
        done = [await ended(each) for each in starts]
        assert [each.code for each in done] == [0, 0], done[0].err + done[1].err
        assert [len(each.lines()) for each in done] == [3, 3]
        assert len(provider.charged) == 5

    with_provider(test)


async def _said(process: Started, words: str) -> None:
    """Wait until the program has said something."""
    assert process.stderr is not None
    async for line in process.stderr:
        if words in line.decode():
            return
    raise AssertionError(f"it never said: {words}")


def test_one_input_named_twice_is_one_task_and_two_lines(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        done = await Desk(tmp_path, provider).enhance(*provider.pictures("aa"))
        assert done.code == 0
        assert len(done.lines()) == 2
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_list_gives_inputs(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        urls = "\n".join(provider.pictures("ab"))
        (tmp_path / "list.txt").write_text(f"\ufeff# two pictures\n\n{urls}\n", "utf-8")
        done = await Desk(tmp_path, provider).enhance("--list", str(tmp_path / "list.txt"))
        assert done.code == 0, done.err
        assert len(done.lines()) == 2

    with_provider(test)


def test_the_token_is_nowhere_but_in_the_requests_to_its_service(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        done = await run("--verbose", *desk.arguments(*provider.pictures("a")), token="c4n4ry")
        assert done.code == 0
        assert "c4n4ry" not in done.out + done.err
        for request in provider.requests:
            is_call = request.path in ("/createtask", "/gettask", "/deletetask")
            assert ("c4n4ry" in str(request.headers)) == is_call
        folders = user_folders()
        for folder in (folders.data, folders.cache, desk.results):
            for path in folder.rglob("*"):
                assert not path.is_file() or b"c4n4ry" not in path.read_bytes()
        with sqlite3.connect(folders.database) as database:
            assert "c4n4ry" not in "\n".join(database.iterdump())
        database.close()

    with_provider(test)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["enhance"], "no input"),
        (["enhance", "a.jpg", "--type", "Nonsense"], "not an enhance type"),
        (["enhance", "a.jpg", "--service", "Nobody"], "neither a service"),
        (["enhance", "a.jpg", "--list", "/no/such/list"], "list"),
        (["enhance", "a.jpg", "--timeout-s", "-1"], "seconds"),
        (["enhance", "a.jpg", "--settle", "all=give-up"], "--resume"),
        (["enhance", "--resume", "--settle", "all"], "CHOICE"),
        (["enhance", "--resume", "--settle", "unknown=give-up"], "no stored task"),
    ],
)
def test_wrong_usage_is_told_and_sends_nothing(arguments: list[str], words: str) -> None:
    done = asyncio.run(run(*arguments))
    assert done.code == 2, done.err
    assert words in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_a_missing_token_is_wrong_usage(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        done = await run(*desk.arguments(*provider.pictures("a")))
        assert done.code == 2
        assert "ENHANCE_GUI_TOKEN" in done.err
        assert provider.requests == []

    with_provider(test)


async def _lose_result(provider: Provider) -> None:
    """Have an earlier run end with a result that could not be had."""
    provider.on("/result.png", Reply(404))
    async with at_work(user_folders().data, provider) as earlier:
        (task,) = await earlier.add_pictures("a")
        await earlier.until(task, TaskState.FAILED)


def test_a_result_that_could_not_be_had_is_asked_about_again_when_told_to(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        await _lose_result(provider)
        polls = len(provider.seen("/gettask"))
        # Without a word nothing happens to what has failed.
        resumed = await desk.enhance("--resume")
        assert (resumed.code, resumed.out) == (0, "")
        assert len(provider.seen("/gettask")) == polls

        provider.on("/result.png", Reply(body=RESULT))
        asked = await desk.enhance("--resume", "--settle", f"{provider.charged[0]}=ask-again")
        assert asked.code == 0, asked.err
        (line,) = asked.lines()
        assert line["state"] == "saved"
        _assert_saved(line)
        assert len(provider.charged) == 1
        again = await desk.enhance("--resume", "--settle", "all=ask-again")
        assert (again.code, again.out) == (0, "")

    with_provider(test)


@pytest.mark.parametrize("more", [["--resume"], []])
def test_an_input_whose_result_could_not_be_had_is_asked_about_and_not_paid_again(
    tmp_path: Path, more: list[str]
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        await _lose_result(provider)
        provider.on("/result.png", Reply(body=RESULT))
        done = await desk.enhance(*more, *provider.pictures("a"))
        assert done.code == 0, done.err
        (line,) = done.lines()
        assert line["state"] == "saved"
        assert line["task_id"] == "task-1"
        assert Path(line["files"][0]).parent == desk.results
        assert len(provider.charged) == 1

    with_provider(test)


def test_what_could_not_be_had_is_paid_again_only_where_it_is_named(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        await _lose_result(provider)
        private_id = provider.charged[0]
        provider.on("/result.png", Reply(body=RESULT))
        all_of_them = await desk.enhance("--resume", "--settle", "all=send-again")
        assert (all_of_them.code, all_of_them.out) == (0, "")
        assert len(provider.charged) == 1
        named = await desk.enhance("--resume", "--settle", f"{private_id}=send-again")
        assert named.code == 0, named.err
        (line,) = named.lines()
        assert line["state"] == "saved"
        assert len(provider.charged) == 2

    with_provider(test)


def test_a_result_that_stays_away_fails_again_with_the_way_to_ask(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        await _lose_result(provider)
        for task in provider.tasks.values():
            task.deleted = True
        asked = await desk.enhance("--resume", "--settle", "all=ask-again")
        assert asked.code == 1, asked.err
        (line,) = asked.lines()
        assert line["error"]["kind"] == "task_deleted"
        # Nobody is told to ask about what the service says that it has deleted.
        assert "ask-again" not in asked.err
        assert len(provider.charged) == 1
        known = await desk.enhance("--resume", "--settle", f"{provider.charged[0]}=ask-again")
        assert known.code == 2
        assert "ask-again is no choice for" in known.err

    with_provider(test)


@pytest.mark.parametrize(
    ("failure", "reported"),
    [
        (Failure("result_gone", "HTTP 404"), True),
        (Failure("task_unknown", ""), True),
        (Failure("picture_unreachable", ""), True),
    ],
)
def test_the_way_to_ask_is_told_where_asking_may_help(failure: Failure, reported: bool) -> None:
    accepted = Attempt(1, "private-7", Outcome.ACCEPTED, "there", approved=False)
    task = Task(
        1,
        "https://example.org/a.jpg",
        "Studio",
        1,
        "Enhance",
        Path("/results"),
        TaskState.FAILED,
        datetime(2026, 1, 2, tzinfo=UTC),
        failure=failure,
        attempts=(accepted,),
    )
    said: list[str] = []
    print_asking(report_of(task, task.input), said.append)
    assert any("--settle private-7=ask-again" in line for line in said) is reported
    assert any("costs again: " in line and "=send-again" in line for line in said) is reported
