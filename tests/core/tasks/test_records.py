"""What variants are called, and which of them is the result itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from enhance_gui.core.images.areas import Place
from enhance_gui.core.tasks.records import NONE, Variants, missing_parts, variants_of
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Task

A, B, C = ({"outputurl": f"https://example.org/{name}.png"} for name in "abc")


def saved(record: object, *files: str) -> Task:
    return Task(
        id=1,
        input="a.jpg",
        service="Studio",
        type_id=1,
        type_name="Colorize",
        save_folder=Path("/results"),
        state=TaskState.SAVED,
        created_at=datetime(2030, 1, 2, tzinfo=UTC),
        record=None if record is None else json.dumps(record).encode(),
        files=tuple(Path("/results") / name for name in files),
    )


@pytest.mark.parametrize(
    ("record", "reported"),
    [
        ({}, NONE),
        ({"outputurl": A["outputurl"], "facelist": None}, NONE),
        ({**A, "facelist": [B, C]}, NONE),
        ({**B, "facelist": [A, B, B]}, Variants(2)),
        ({"facelist": [{"outputurl": ""}, B]}, Variants(2)),
        ({**A, "facelist": ["odd", 7, A]}, Variants(3)),
        (
            {**A, "facelist": [{**A, "x_name": "sepia"}, B, {**C, "x_name": "warm"}]},
            Variants(1, {1: "sepia", 3: "warm"}),
        ),
    ],
)
def test_the_record_tells(record: object, reported: Variants) -> None:
    assert variants_of(saved(record)) == reported


def test_a_task_without_a_record_has_none() -> None:
    assert variants_of(saved(None)) == NONE


def test_the_result_itself_is_no_missing_variant() -> None:
    record = {**A, "facelist": [A, B, C]}
    assert missing_parts(saved(record, "a.png", "a-variant-2.png")) == ("variant-3",)
    assert missing_parts(saved(record, "a.png", "a-variant-2.png", "a-variant-3.png")) == ()
    assert missing_parts(saved(record, "a.png")) == ("variant-2", "variant-3")
    # As it was saved by earlier versions.
    both = ("a.png", "a-variant-1.png", "a-variant-2.png")
    assert missing_parts(saved(record, *both)) == ("variant-3",)


AT = {"left_px": 10, "top_px": 20, "width_px": 50, "height_px": 40}


@pytest.mark.parametrize(
    ("reported", "place"),
    [
        (AT, Place(0.1, 0.1, 0.5, 0.2)),
        ({**AT, "turned_deg": -4.5}, Place(0.1, 0.1, 0.5, 0.2, -4.5)),
        ({**AT, "left_px": 60}, None),
        ({**AT, "top_px": -1}, None),
        ({**AT, "width_px": 0}, None),
        ({**AT, "height_px": 10.5}, None),
        ({**AT, "turned_deg": 1e9}, None),
        ({**AT, "turned_deg": float("nan")}, None),
        ({"left_px": 10}, None),
        ("there", None),
    ],
)
def test_the_place_of_a_face_is_believed_where_it_can_be_true(
    reported: object, place: Place | None
) -> None:
    record = {
        **A,
        "outpathwidth": 100,
        "outpathheight": 200,
        "facelist": [B, {**C, "x_place": reported}],
    }
    assert variants_of(saved(record)).places == ({} if place is None else {2: place})
    assert variants_of(saved({**record, "outpathwidth": 0})).places == {}
