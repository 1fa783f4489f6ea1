"""A list of tasks that cannot be opened, is older than the last run, or is taken away in use."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from enhance_gui.storage.folders import user_folders
from tests.command_line.enhance.test_kept_work import Desk
from tests.scenarios.running import until, with_provider
from tests.support.program import ended, run, start
from tests.support.provider import Provider


def test_each_input_is_told_of_where_the_list_cannot_be_opened(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        user_folders().database.mkdir(parents=True)
        desk = Desk(tmp_path, provider)
        reported = await desk.enhance(*provider.pictures("ab"))
        assert reported.code == 1, reported.err
        assert [line["state"] for line in reported.lines()] == ["cancelled", "cancelled"]
        assert {line["error"]["kind"] for line in reported.lines()} == {"storage"}
        assert "kept" not in reported.err
        assert provider.charged == []

    with_provider(test)


def test_without_inputs_it_is_told_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        del provider
        user_folders().database.mkdir(parents=True)
        reported = await run("enhance", "--resume", "--json", token="t")
        assert (reported.code, reported.lines()) == (1, [])
        assert "could not store it" in reported.err

    with_provider(test)


def test_nothing_is_called_kept_in_a_list_that_was_deleted_meanwhile(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider, max_in_flight=1)
        provider.polls_needed = 10_000
        arguments = desk.arguments(*provider.pictures("ab"), "--timeout-s", "5")
        process = await start(*arguments, token="t")
        await until(lambda: provider.seen("/gettask") != [])
        user_folders().database.unlink()
        reported = await ended(process)
        assert reported.code == 3, reported.err
        assert sorted(line["state"] for line in reported.lines()) == ["cancelled", "in_doubt"]
        assert {line["error"]["kind"] for line in reported.lines()} == {"list_replaced"}
        assert "kept" not in reported.err
        assert len(provider.charged) == 1

    with_provider(test)


def test_nothing_that_is_handed_over_is_called_kept_in_a_list_that_was_deleted(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.polls_needed = 10_000
        process = await start(*desk.arguments(*provider.pictures("a")), token="t")
        await until(lambda: provider.seen("/gettask") != [])
        user_folders().database.unlink()
        reported = await desk.enhance(*provider.pictures("b"))
        assert "handed over" in reported.err
        assert reported.code == 1, reported.err
        (line,) = reported.lines()
        assert (line["state"], line["error"]["kind"]) == ("cancelled", "list_replaced")
        assert "kept" not in reported.err
        process.terminate()
        await ended(process)
        assert len(provider.charged) == 1

    with_provider(test)


@pytest.mark.long
def test_what_waits_in_an_older_list_is_not_sent_by_itself(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider, max_in_flight=1)
        await desk.leave_waiting()
        database = user_folders().database
        copy = shutil.copytree(database.parent, tmp_path / "copy") / database.name
        desk.let_go()
        done = await desk.enhance("--resume")
        assert done.code == 0, done.err
        sent = len(provider.charged)
        for path in database.parent.glob(f"{database.name}*"):
            path.unlink()
        for path in copy.parent.glob(f"{database.name}*"):
            shutil.copy(path, database.parent)
        reported = await desk.enhance("--resume")
        assert "older than the last run" in reported.err
        assert len(provider.charged) == sent
        states = [json.dumps(line["state"]) for line in reported.lines()]
        assert '"waiting"' in states

    with_provider(test)
