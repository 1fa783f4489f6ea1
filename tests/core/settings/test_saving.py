"""Where the result of a picture goes, by what the user has chosen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from enhance_gui.core.settings.saving import Grouping, Place, Saving

MOMENT = datetime(2026, 3, 4, 12, 30, 15, tzinfo=UTC)
DAY = f"{MOMENT.astimezone():%Y-%m-%d}"
FOLDER = Path("/results")
PHOTO = "/photos/Summer/a.jpg"
ADDRESS = "https://example.org/a.jpg"


@pytest.mark.parametrize(
    ("saving", "input_", "folder"),
    [
        (Saving(FOLDER), PHOTO, "/results"),
        (Saving(None), PHOTO, "/otherwise"),
        (Saving(FOLDER, Place.BESIDE), PHOTO, "/photos/Summer"),
        (Saving(FOLDER, Place.BESIDE), ADDRESS, "/results"),
        (Saving(FOLDER, Place.SUBFOLDER), PHOTO, "/photos/Summer/enhanced"),
        (Saving(FOLDER, Place.SUBFOLDER), ADDRESS, "/results"),
        (Saving(FOLDER, Place.SUBFOLDER), "/photos/enhanced/a-enhance.png", "/photos/enhanced"),
        (Saving(FOLDER, Place.BESIDE, not_beside=(Path("/own"),)), "/own/p/a.png", "/results"),
        (Saving(FOLDER, Place.BESIDE, not_beside=(Path("/own"),)), "/owner/a.png", "/owner"),
        (Saving(FOLDER, grouping=Grouping.DATE), PHOTO, f"/results/{DAY}"),
        (Saving(FOLDER, Place.BESIDE, Grouping.DATE), PHOTO, f"/photos/Summer/{DAY}"),
        (
            Saving(FOLDER, grouping=Grouping.BATCH),
            ADDRESS,
            f"/results/{MOMENT.astimezone():%Y-%m-%d %H.%M.%S}",
        ),
    ],
)
def test_the_folder_of_a_result(saving: Saving, input_: str, folder: str) -> None:
    assert saving.folder_of(input_, Path("/otherwise"), MOMENT) == Path(folder)
