"""The app with a user's token at a studio's service: the limit of a day, until it is lifted."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest

from enhance_gui.core.services.enhance_types import EnhanceType, Outputs
from enhance_gui.core.services.profile import ServiceProfile
from tests.service.serving import UPSCALE, serving
from tests.service.tasks.test_many_users import Calendar, settle
from tests.support.pictures import picture_bytes
from tests.support.program import Ended, ended, run, start, write_profile


class Desk:
    """Somebody at a computer of the studio, with three pictures."""

    def __init__(self, folder: Path, base_url: str, token: str) -> None:
        self.token = token
        self.profile = write_profile(
            folder / "studio.toml",
            ServiceProfile(
                name="Studio",
                base_url=base_url,
                allow_private_addresses=True,
                requests_per_s=50.0,
                upload_path="/upload",
                enhance_types=(EnhanceType(UPSCALE, "Upscale ×2", outputs=Outputs.NONE),),
            ),
        )
        self.results = folder / "results"
        self.pictures = [folder / f"{name}.png" for name in "abc"]
        for number, picture in enumerate(self.pictures):
            picture.write_bytes(picture_bytes(width_px=100 + number))

    async def enhance(self) -> Ended:
        return await self._run("--save", self.results, *self.pictures)

    async def resume(self) -> Ended:
        return await self._run("--resume")

    async def _run(self, *more: str | Path) -> Ended:
        service = ("enhance", "--service", self.profile, "--json")
        return await run(*service, *more, token=self.token)

    def names(self) -> list[str]:
        return sorted(path.name[0] for path in self.results.glob("*.png"))


def with_limit(file: Path, limit: int) -> None:
    """Write the limit of the last user."""
    kept = file.read_text("utf-8").partition("\ntasks_a_day")[0].rstrip()
    file.write_text(f"{kept}\ntasks_a_day = {limit}\n", "utf-8")
    settle(file)


async def user(file: Path, limit: int) -> str:
    """Add a user by the command, and a limit by hand; return the token."""
    added = await run("serve", "--users", file, "--add-user", "Ana")
    assert added.code == 0, added.err
    assert "shown once" in added.err
    assert added.out.strip() not in added.err
    with_limit(file, limit)
    return added.out.strip()


def assert_third_waits(done: Ended) -> None:
    assert done.code == 4, done.err
    assert Counter(line["state"] for line in done.lines()) == {"saved": 2, "waiting": 1}
    (waiting,) = [line for line in done.lines() if line["state"] == "waiting"]
    error = waiting["error"]
    assert (error["kind"], error["code"]) == ("day_limit", 1003002)
    assert "today's limit of 2 pictures is reached and nothing was taken" in error["message"]
    assert "from midnight on, by the service's clock, or once" in error["message"]
    assert "today's limit of 2 pictures" in done.err
    assert "Studio: Your pictures of today are used up" in done.err
    assert "Continue tomorrow, or ask whoever runs the service for a higher limit" in done.err
    assert "No credit" not in done.err
    assert "1 input is kept" in done.err


def assert_third_saved(done: Ended, desk: Desk) -> None:
    assert done.code == 0, done.err
    assert [line["state"] for line in done.lines()] == ["saved"]
    assert desk.names() == ["a", "b", "c"]


@pytest.mark.long
def test_the_third_picture_waits_for_the_limit_to_be_raised_and_usage_tells_of_three(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        file, data = tmp_path / "users.toml", tmp_path / "data"
        token = await user(file, limit=2)
        service = await start("serve", "--data", data, "--workers", "1", "--users", file)
        assert service.stdout is not None
        first = json.loads(await service.stdout.readline())
        try:
            desk = Desk(tmp_path, first["base_url"], token)
            assert_third_waits(await desk.enhance())
            again = await desk.resume()
            assert (again.code, [line["state"] for line in again.lines()]) == (4, ["waiting"])
            with_limit(file, 3)
            assert_third_saved(await desk.resume(), desk)
            usage = await run("serve", "--data", data, "--usage", "--json")
            (counted,) = usage.lines()
            assert {**counted, "day": ""} == {
                "day": "",
                "user": "Ana",
                "tasks": 3,
                "finished": 3,
                "failed": 0,
                "withdrawn": 0,
            }
            table = (await run("serve", "--data", data, "--usage")).out.splitlines()
            assert table[0].split() == list(counted)
            assert table[1].split() == [str(value) for value in counted.values()]
        finally:
            service.terminate()
            stopped = await ended(service)
        assert token not in stopped.out + stopped.err
        for kept in [file, *data.glob("tasks.sqlite*"), *desk.results.iterdir()]:
            assert token.encode() not in kept.read_bytes(), kept

    asyncio.run(go())


@pytest.mark.long
def test_the_third_picture_goes_on_the_next_day(tmp_path: Path) -> None:
    async def go() -> None:
        file, calendar = tmp_path / "users.toml", Calendar()
        token = await user(file, limit=2)
        async with serving(tmp_path / "data", calendar, users_file=file) as operator:
            desk = Desk(tmp_path, operator.service.base_url, token)
            assert_third_waits(await desk.enhance())
            calendar.days = 1
            assert_third_saved(await desk.resume(), desk)

    asyncio.run(go())


def test_a_service_with_a_mistake_in_its_users_does_not_start_and_names_the_line(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        file = tmp_path / "users.toml"
        token = await user(file, limit=2)
        file.write_text(file.read_text("utf-8") + "limit = 3\n", "utf-8")
        refused = await run("serve", "--data", tmp_path / "data", "--users", file)
        assert refused.code == 2
        line = len(file.read_text("utf-8").splitlines())
        assert f"line {line}: a user has no “limit”" in refused.err
        assert (await run("serve", "--add-user", "Ben")).code == 2
        for name in ("Ana", "Ben"):
            assert (await run("serve", "--users", file, "--add-user", name)).code == 2
        assert token not in file.read_text("utf-8")
        nothing = await run("serve", "--data", tmp_path / "data", "--usage")
        assert (nothing.code, nothing.out) == (0, "")
        assert "No task has been counted yet" in nothing.err

    asyncio.run(go())
