"""An address that leads to a picture which was ordered before is not sent without a word."""

from __future__ import annotations

from pathlib import Path

from tests.command_line.enhance.test_resuming import Desk
from tests.scenarios.running import with_provider
from tests.support.provider import Provider
from tests.support.scriptable_service import redirect


def test_what_is_in_doubt_is_not_sent_by_an_address_that_leads_there(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        provider.creating(provider.create_and_say_nothing)
        (picture,) = provider.pictures("a")
        await desk.enhance(picture)
        provider.on("/short", redirect(picture))
        held = await desk.enhance(provider.url("/short"))
        assert held.code == 1, held.err
        (line,) = held.lines()
        assert (line["state"], line["charges_possible"]) == ("failed", 0)
        assert line["error"]["kind"] == "ordered_before"
        assert picture in line["error"]["message"]
        # As it says: the address that it leads to tells how the earlier task stands.
        reported = await desk.enhance(picture)
        assert reported.code == 3, reported.err
        assert len(provider.charged) == 1

    with_provider(test)


def test_two_addresses_of_one_picture_are_paid_for_once(tmp_path: Path) -> None:
    async def test(provider: Provider) -> None:
        desk = Desk(tmp_path, provider)
        (picture,) = provider.pictures("a")
        provider.on("/short", redirect(picture))
        provider.polls_needed = 3
        done = await desk.enhance(provider.url("/short"), picture)
        assert done.code == 1, done.err
        assert sorted(line["state"] for line in done.lines()) == ["failed", "saved"]
        assert len(provider.charged) == 1

    with_provider(test)
