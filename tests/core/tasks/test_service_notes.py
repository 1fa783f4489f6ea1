"""What a service says of a task that is finished."""

from __future__ import annotations

from dataclasses import replace

import pytest

from enhance_gui.core.tasks.records import MAX_NOTE_CHARS, service_note
from enhance_gui.core.tasks.states import TaskState
from tests.core.tasks.test_records import saved


@pytest.mark.parametrize(
    ("message", "note"),
    [
        ("No face was found.", "No face was found"),
        ("<b>half</b> price", "<b>half</b> price"),
        ("OK", ""),
        ("success", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_the_message_of_a_saved_task_is_its_note(message: str | None, note: str) -> None:
    assert service_note(saved({"errorcode": 0, "errormsg": message})) == note


def test_a_long_one_is_cut() -> None:
    note = service_note(saved({"errormsg": "word " * 90}))
    assert len(note) <= MAX_NOTE_CHARS
    assert note.endswith("word…")


def test_a_failed_task_has_a_reason_and_no_note() -> None:
    failed = replace(saved({"errorcode": 7, "errormsg": "broken"}), state=TaskState.FAILED)
    assert service_note(failed) == ""
    assert service_note(saved(None)) == ""
