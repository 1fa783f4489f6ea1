"""Later starts hand pictures to a window that is quitting: each is stored, or its start knows."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from enhance_gui.command_line.window import _handed_over
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.instance_lock import address_file
from tests.support.pictures import picture_bytes
from tests.ui.conftest import Run, Wait
from tests.ui.running import program

STARTS = 12


@pytest.mark.parametrize("turns", [3, 10, 20, 40, 80, 160])
def test_what_is_acknowledged_while_the_window_quits_is_stored(
    arun: Run, until: Wait, tmp_path: Path, turns: int
) -> None:
    data = user_folders().data
    pictures = [tmp_path / f"{number}.png" for number in range(STARTS)]
    for picture in pictures:
        picture.write_bytes(picture_bytes(width_px=100, height_px=100))

    async def job() -> list[bool]:
        async with program() as window:
            await until(address_file(data).exists, "it works")
            given = [
                asyncio.ensure_future(_handed_over(data, [str(picture)])) for picture in pictures
            ]
            for _ in range(turns):
                await asyncio.sleep(0)
            window.close()
        return await asyncio.gather(*given)

    acknowledged = arun(job())
    with closing(sqlite3.connect(user_folders().database)) as database:
        stored = {row[0] for row in database.execute("SELECT input FROM task")}
    lost = [
        picture.name
        for picture, was_taken in zip(pictures, acknowledged, strict=True)
        if was_taken and str(picture) not in stored
    ]
    assert lost == []
