"""Work that a run leaves: how it is told, and continued beside another run."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from enhance_gui.command_line.enhance.resuming import print_choices
from enhance_gui.core.services.profile import CallbackSettings, ServiceProfile
from enhance_gui.jobs.queue.reports import Report, ReportState
from tests.scenarios.running import profile_of, until, with_provider
from tests.support.program import Ended, Started, ended, run, start, write_profile
from tests.support.provider import Provider


class Desk:
    """A user's desk: a profile file in a folder whose name has to be quoted."""

    def __init__(self, folder: Path, provider: Provider, **changes: Any) -> None:
        self.provider = provider
        (folder / "of mine").mkdir()
        self.profile = folder / "of mine" / "studio.toml"
        write_profile(self.profile, profile_of(provider, requests_per_s=50.0, **changes))
        self.results = folder / "results"

    def arguments(self, *more: str | Path) -> list[str | Path]:
        return ["enhance", "--service", self.profile, "--save", self.results, "--json", *more]

    async def enhance(self, *more: str | Path) -> Ended:
        return await run(*self.arguments(*more), token="t")

    async def leave_waiting(self) -> Ended:
        """Leave two tasks that the service has not finished."""
        self.provider.polls_needed = 10_000
        pictures = self.provider.pictures("ab")
        return await self.enhance(*pictures, "--timeout-s", "4")

    def let_go(self) -> None:
        self.provider.polls_needed = 1
        for task in self.provider.tasks.values():
            task.polls_left = 0

    async def begin_resuming(self, *more: str) -> Started:
        """Begin to continue what is stored; return when the service is asked."""
        asked = len(self.provider.seen("/gettask"))
        process = await start("enhance", "--resume", "--json", *more, token="t")
        await until(lambda: len(self.provider.seen("/gettask")) > asked)
        return process


async def _said(process: Started, words: str) -> None:
    assert process.stderr is not None
    async for line in process.stderr:
        if words in line.decode():
            return
    raise AssertionError(f"it never said: {words}")


def test_the_end_names_the_command_that_continues_what_is_kept(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        kept = await desk.leave_waiting()
        assert kept.code == 4, kept.err
        last = kept.err.splitlines()[-1]
        assert last.startswith("2 inputs are kept; this continues: ")
        words = shlex.split(last.partition(": ")[2])
        assert words == ["enhance-gui", "enhance", "--resume", "--service", str(desk.profile)]
        desk.let_go()
        done = await run(*words[1:], "--json", token="t")
        assert done.code == 0, done.err
        assert [line["state"] for line in done.lines()] == ["saved", "saved"]
        nothing = await run(*words[1:], token="t")
        assert (nothing.code, nothing.err) == (0, "nothing is stored that could be continued\n")

    with_provider(test)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "it stays in doubt, for no proof can arrive"),
        ({"callback": CallbackSettings("127.0.0.1:0")}, "callbacks are received while the program"),
    ],
)
def test_what_waiting_brings_follows_from_the_profile(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider, **changes)
        provider.creating(provider.say_nothing)
        first = await desk.enhance(*provider.pictures("a"))
        assert first.code == 3, first.err
        assert words in first.err
        # Its profile is not named any more, and known all the same.
        resumed = await run("enhance", "--resume", token="t")
        assert resumed.code == 3, resumed.err
        assert words in resumed.err

    with_provider(test)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"private_id_is_idempotent": True}, "--resume repeats the same request"),
        (None, "of use only where the service's profile has its callbacks received"),
    ],
)
def test_what_waiting_brings_is_told_of_a_service_that_knows_a_repeated_request_and_of_any_other(
    changes: dict[str, Any] | None, words: str
) -> None:
    profile = changes and ServiceProfile("Studio", "https://example.org", **changes)
    said: list[str] = []
    report = Report(ReportState.IN_DOUBT, {"private_id": "private-7"})
    print_choices(report, profile or None, said.append)
    (wait,) = [line for line in said if line.startswith("    wait: ")]
    assert words in wait


def test_a_doubt_that_was_given_up_is_counted_and_asks_for_nothing_more(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.creating(provider.say_nothing)
        await desk.enhance(*provider.pictures("a"))
        done = await desk.enhance("--resume", "--settle", "all=give-up")
        assert done.code == 1, done.err
        (line,) = [each for each in done.err.splitlines() if each.startswith("[")]
        assert line.startswith(f"[1/1] {provider.url('/a.jpg')}: given up. It may have been")
        assert "then send it again" not in line

    with_provider(test)


def test_stored_work_of_a_service_that_has_moved_is_counted(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        async with Provider() as elsewhere:
            desk = Desk(tmp_path, provider)
            await desk.leave_waiting()
            write_profile(desk.profile, replace(profile_of(elsewhere)))
            moved = await desk.enhance("--resume")
            reported = [line[:6] for line in moved.err.splitlines() if line.startswith("[")]
            assert reported == ["[1/2] ", "[2/2] "], moved.err
            assert elsewhere.requests == []

    with_provider(test)


@pytest.mark.parametrize(("error_code", "codes"), [(0, [0, 0]), (7, [1, 1])])
def test_a_second_resume_tells_what_the_first_makes_of_the_work(
    tmp_path: Path, error_code: int, codes: list[int]
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        await desk.leave_waiting()
        first = await desk.begin_resuming()
        second = await start(*desk.arguments("--resume"), token="t")
        await _said(second, "handed over")
        for task in provider.tasks.values():
            task.record = {"errorcode": error_code}
        desk.let_go()
        done = [await ended(first), await ended(second)]
        assert [each.code for each in done] == codes, done[0].err + done[1].err
        assert [len(each.lines()) for each in done] == [2, 2]
        assert len(provider.charged) == 2

    with_provider(test)


def test_a_second_resume_with_inputs_gets_a_line_for_each_of_them_and_of_the_rest(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        await desk.leave_waiting()
        first = await desk.begin_resuming()
        second = await start(*desk.arguments("--resume", *provider.pictures("bbc")), token="t")
        await _said(second, "handed over")
        desk.let_go()
        assert (await ended(first)).code == 0
        done = await ended(second)
        assert done.code == 0, done.err
        inputs = sorted(line["input"] for line in done.lines())
        assert inputs == provider.pictures("abbc")
        assert "/4] " in done.err
        assert len(provider.charged) == 3

    with_provider(test)


def test_a_second_resume_can_name_another_folder_for_what_the_first_works_on(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        await desk.leave_waiting()
        first = await desk.begin_resuming()
        elsewhere = tmp_path / "elsewhere"
        second = await start("enhance", "--resume", "--json", "--save", elsewhere, token="t")
        await _said(second, "handed over")
        desk.let_go()
        assert (await ended(first)).code == 0
        done = await ended(second)
        assert done.code == 0, done.err
        assert [Path(line["files"][0]).parent for line in done.lines()] == [elsewhere, elsewhere]

    with_provider(test)


@pytest.mark.long
def test_a_second_resume_that_is_too_short_tells_what_is_left(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        await desk.leave_waiting()
        first = await desk.begin_resuming()
        second = await desk.enhance("--resume", "--timeout-s", "4")
        assert second.code == 4, second.err
        assert [line["state"] for line in second.lines()] == ["waiting", "waiting"]
        assert "2 inputs are kept" in second.err
        desk.let_go()
        assert (await ended(first)).code == 0

    with_provider(test)


def test_stored_work_is_not_continued_by_a_run_that_has_another_token(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        await desk.leave_waiting()
        first = await desk.begin_resuming()
        second = await run("enhance", "--resume", "--json", token="another")
        assert (second.code, second.out) == (2, "")
        assert "Another token is in use" in second.err
        desk.let_go()
        assert (await ended(first)).code == 0

    with_provider(test)
