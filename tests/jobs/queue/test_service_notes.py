"""What a service says of a result stands in the report of the command line."""

from __future__ import annotations

from enhance_gui.jobs.queue.reports import (
    ReportState,
    report_of,
    report_of_line,
    report_without_task,
)
from tests.core.tasks.test_records import saved

NOTE = "no face was found: the picture as a whole was enhanced"


def test_a_note_stands_in_the_json_line_and_in_the_words() -> None:
    report = report_of(saved({"errorcode": 0, "errormsg": NOTE}), "a.jpg")
    assert report.fields["message"] == NOTE
    assert report.fields["error"] is None
    assert report.text == f"The service says: {NOTE}."


def test_without_one_there_is_none() -> None:
    report = report_of(saved(None), "a.jpg")
    assert report.fields["message"] is None
    assert report.text == ""
    waiting = report_without_task(ReportState.WAITING, "a.jpg", "Studio", 1, None)
    earlier = {name: value for name, value in waiting.fields.items() if name != "message"}
    assert report_of_line(earlier) == waiting
