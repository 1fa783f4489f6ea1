"""What waited in a list that cannot be relied on is sent on the user's word alone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.storage.folders import user_folders
from tests.command_line.enhance.test_resuming import Desk
from tests.scenarios.running import profile_of, with_provider
from tests.support.program import write_profile
from tests.support.provider import Provider

AGAIN = pytest.mark.parametrize("more", [["--resume"], []], ids=["resume", "plain"])


def desk_of(folder: Path, provider: Provider, cost: int = 1) -> Desk:
    """Return a desk whose service names what a task costs."""
    desk = Desk(folder, provider)
    priced = replace(
        profile_of(provider, requests_per_s=50.0),
        enhance_types=(EnhanceType(1, "Enhance", cost=cost),),
    )
    write_profile(desk.profile, priced)
    return desk


def put_back(copy: Path) -> None:
    database = user_folders().database
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    shutil.copy(copy, database)


@pytest.mark.long
@AGAIN
def test_a_recovered_task_that_is_named_again_waits_for_a_word_on_it(
    tmp_path: Path, more: list[str]
) -> None:
    async def test(provider: Provider) -> None:
        desk = desk_of(tmp_path, provider)
        (picture,) = provider.pictures("a")
        assert (await desk.enhance(picture, "--max-cost", "0")).code == 4
        copy = Path(shutil.copy(user_folders().database, tmp_path / "copy"))
        assert (await desk.enhance("--resume")).code == 0
        put_back(copy)
        again = await desk.enhance(*more, picture)
        assert again.code == 4, again.err
        (line,) = again.lines()
        assert (line["state"], line["error"]["kind"]) == ("waiting", "recovered")
        assert "--resume --settle all=start" in again.err
        assert "kept; this continues" not in again.err
        assert len(provider.charged) == 1
        sent = await desk.enhance("--resume", "--settle", "all=start")
        assert sent.code == 0, sent.err
        assert len(provider.charged) == 2

    with_provider(test)


@AGAIN
def test_a_recovered_further_attempt_is_no_reason_to_order_the_picture_anew(
    tmp_path: Path, more: list[str]
) -> None:
    async def test(provider: Provider) -> None:
        desk = desk_of(tmp_path, provider)
        provider.creating(provider.create_and_say_nothing)
        (picture,) = provider.pictures("a")
        await desk.enhance(picture)
        settle = f"{provider.charged[0]}=send-again"
        held = await desk.enhance("--resume", "--settle", settle, "--max-cost", "0")
        assert held.code == 4, held.err
        copy = Path(shutil.copy(user_folders().database, tmp_path / "copy"))
        await desk.enhance("--resume")
        put_back(copy)
        charged = len(provider.charged)
        again = await desk.enhance(*more, picture)
        assert again.lines()[0]["error"]["kind"] == "recovered"
        assert again.lines()[0]["error"]["message"].startswith("It may have been charged")
        assert f"--settle {provider.charged[0]}=start" in again.err
        assert len(provider.charged) == charged

    with_provider(test)
