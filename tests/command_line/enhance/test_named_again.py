"""An input that is named again is not paid for again without a word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.command_line.enhance.test_resuming import Desk
from tests.scenarios.running import profile_of, with_provider
from tests.support.program import write_profile
from tests.support.provider import Provider
from tests.support.scriptable_service import envelope

FAILED_THERE = {"errorcode": 4711, "errormsg": "no face found", "outputurl": ""}
AGAIN = pytest.mark.parametrize("more", [["--resume"], []], ids=["resume", "plain"])


@AGAIN
def test_what_was_given_up_is_reported_with_the_way_to_pay_again(
    tmp_path: Path, more: list[str]
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.creating(provider.create_and_say_nothing)
        await desk.enhance(*provider.pictures("a"))
        private_id = provider.charged[0]
        await desk.enhance("--resume", "--settle", "all=give-up")
        again = await desk.enhance(*more, *provider.pictures("a"))
        assert again.code == 1, again.err
        (line,) = again.lines()
        assert (line["state"], line["charges_possible"]) == ("cancelled", 1)
        assert "may have been charged" in line["error"]["message"]
        assert f"--settle {private_id}=send-again" in again.err
        assert len(provider.charged) == 1
        paid = await desk.enhance("--resume", "--settle", f"{private_id}=send-again")
        assert paid.code == 0, paid.err
        assert len(provider.charged) == 2

    with_provider(test)


@AGAIN
def test_what_has_failed_there_is_asked_about_again_and_not_paid_again(
    tmp_path: Path, more: list[str]
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.record_of_new = lambda _: FAILED_THERE
        assert (await desk.enhance(*provider.pictures("a"))).code == 1
        polls = len(provider.seen("/gettask"))
        again = await desk.enhance(*more, *provider.pictures("a"))
        assert again.code == 1, again.err
        assert again.lines()[0]["error"]["kind"] == "task_failed"
        assert len(provider.seen("/gettask")) > polls
        assert len(provider.charged) == 1

    with_provider(test)


@AGAIN
def test_what_the_service_forgot_for_a_moment_is_waited_for(
    tmp_path: Path, more: list[str]
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.on("/gettask", envelope(None, 1002001))
        first = await desk.enhance(*provider.pictures("a"), "--timeout-s", "3")
        assert first.code == 4, first.err
        provider.on("/gettask", provider.get)
        settle = f"{provider.charged[0]}=ask-again"
        known = await desk.enhance("--resume", "--settle", settle) if more else first
        assert "no stored task" not in known.err
        again = await desk.enhance(*more, *provider.pictures("a"))
        assert again.code == 0, again.err
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_refused_further_attempt_is_a_doubt_still(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.creating(provider.create_and_say_nothing, envelope(None, 1001001, "no"))
        await desk.enhance(*provider.pictures("a"))
        again = await desk.enhance("--resume", "--settle", "all=send-again")
        assert again.code == 3, again.err
        (line,) = again.lines()
        assert (line["state"], line["private_id"]) == ("in_doubt", provider.charged[0])
        assert line["error"]["message"].startswith("It may have been charged")
        assert f"--settle {line['private_id']}=send-again" in again.err

    with_provider(test)


def test_a_result_that_was_moved_away_and_is_gone_there_is_paid_again_only_on_the_users_word(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        assert (await desk.enhance(*provider.pictures("a"))).code == 0
        for file in desk.results.iterdir():
            file.unlink()
        provider.tasks["task-1"].deleted = True
        for _ in range(2):
            gone = await desk.enhance("--resume", *provider.pictures("a"))
            assert gone.code == 1, gone.err
            assert gone.lines()[0]["error"]["kind"] == "task_deleted"
            assert len(provider.charged) == 1
        settle = f"{provider.charged[0]}=send-again"
        paid = await desk.enhance("--resume", "--settle", settle)
        assert paid.code == 0, paid.err
        assert len(provider.charged) == 2

    with_provider(test)


def test_a_yes_is_to_one_further_attempt_however_often_it_is_typed(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.creating(provider.create_and_say_nothing)
        await desk.enhance(*provider.pictures("a"))
        settle = f"{provider.charged[0]}=send-again"
        assert (await desk.enhance("--resume", "--settle", settle)).code == 0
        again = await desk.enhance("--resume", "--settle", settle)
        assert again.code == 2
        assert f"has been sent again since, as {provider.charged[1]}" in again.err
        saved = await desk.enhance("--resume", "--settle", f"{provider.charged[1]}=send-again")
        assert saved.code == 2
        assert "the task is saved" in saved.err
        assert len(provider.charged) == 2

    with_provider(test)


def test_another_name_for_the_same_address_pays_for_nothing_twice(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.creating(provider.create_and_say_nothing)
        await desk.enhance(*provider.pictures("a"))
        write_profile(desk.profile, profile_of(provider, name="Another name"))
        again = await desk.enhance("--resume", *provider.pictures("a"))
        assert again.code == 3, again.err
        assert again.lines()[0]["service"] == "Studio"
        assert "“Another name” is at the address of “Studio”" in again.err
        assert len(provider.charged) == 1

    with_provider(test)


def test_a_choice_that_does_not_fit_is_told_as_that(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.creating(provider.say_nothing)
        doubt = await desk.enhance(*provider.pictures("a"))
        private_id = doubt.lines()[0]["private_id"]
        await desk.enhance("--resume", "--settle", f"{private_id}=give-up")
        wrong = await desk.enhance("--resume", "--settle", f"{private_id}=ask-again")
        assert wrong.code == 2
        assert f"ask-again is no choice for {private_id}: the task is written_off" in wrong.err
        unknown = await desk.enhance("--resume", "--settle", "nobody=ask-again")
        assert "no stored task has the private id nobody" in unknown.err

    with_provider(test)


def test_what_another_name_has_sent_is_asked_about_with_the_token_of_this_run(
    tmp_path: Path,
) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.record_of_new = lambda _: FAILED_THERE
        (picture,) = provider.pictures("a")
        assert (await desk.enhance(picture)).code == 1
        other = replace(profile_of(provider), name="Other")
        desk.profile = write_profile(tmp_path / "other.toml", other)
        polls = len(provider.seen("/gettask"))
        again = await desk.enhance(picture)
        assert again.code == 1, again.err
        assert again.lines()[0]["error"]["kind"] == "task_failed"
        assert "password manager" not in again.err
        assert len(provider.seen("/gettask")) > polls
        assert len(provider.charged) == 1

    with_provider(test)
