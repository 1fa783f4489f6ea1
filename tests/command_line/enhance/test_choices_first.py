"""``--settle`` beside inputs: the choices are looked at, and carried out, before anything else."""

from __future__ import annotations

from pathlib import Path

from tests.command_line.enhance.test_recovered_tasks import desk_of
from tests.scenarios.running import with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import Talk

FAILED_THERE = {"errorcode": 4711, "errormsg": "no face found", "outputurl": ""}


def test_a_wrong_choice_leaves_nothing_stored_of_the_inputs_beside_it(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = desk_of(tmp_path, provider)
        wrong = await desk.enhance("--resume", *provider.pictures("ab"), "--settle", "x=give-up")
        assert (wrong.code, wrong.out) == (2, ""), wrong.err
        assert "Nothing was sent" in wrong.err
        left = await desk.enhance("--resume")
        assert (left.code, left.out) == (0, ""), left.err
        assert not provider.charged

    with_provider(test)


def test_a_choice_on_an_input_that_is_named_too_is_carried_out(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = desk_of(tmp_path, provider)
        provider.record_of_new = lambda _: FAILED_THERE
        (picture,) = provider.pictures("a")
        assert (await desk.enhance(picture)).code == 1
        provider.record_of_new = lambda _: {}
        settle = f"{provider.charged[0]}=send-again"
        again = await desk.enhance("--resume", picture, "--settle", settle)
        assert again.code == 0, again.err
        (line,) = again.lines()
        assert (line["state"], line["charges_possible"]) == ("saved", 2)
        assert len(provider.charged) == 2

    with_provider(test)


def test_a_choice_is_held_to_what_the_profile_of_this_run_says_it_costs(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = desk_of(tmp_path, provider, cost=1)

        async def refuse(talk: Talk) -> None:
            await talk.reset()

        provider.creating(refuse, refuse)
        await desk.enhance(*provider.pictures("ab"))
        desk = desk_of(tmp_path, provider, cost=5)
        choice = ("--resume", "--settle", "all=send-again", "--max-cost", "3")
        held = await desk.enhance(*choice)
        assert held.code == 4, held.err
        assert {line["error"]["kind"] for line in held.lines()} == {"spending_limit"}
        assert not provider.charged

    with_provider(test)
