"""The log file: small, private, redacted, and never in the way."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from enhance_gui.core import hardening
from enhance_gui.core.secret import Secret
from enhance_gui.storage.system.log_file import FILES, MAX_BYTES, last_lines, set_up_logging
from enhance_gui.wire.envelope import read_envelope


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Write logs of this test to a file, and put logging back as it was."""
    root, factory = logging.getLogger(), logging.getLogRecordFactory()
    before, level = list(root.handlers), root.level
    path = tmp_path / "state" / "log" / "enhance-gui.log"
    hardening.redact_every_log()
    set_up_logging(path)
    yield path
    logging.setLogRecordFactory(factory)
    root.setLevel(level)
    for handler in [each for each in root.handlers if each not in before]:
        root.removeHandler(handler)
        handler.close()


def test_the_log_holds_what_is_worth_knowing_and_no_token(log: Path) -> None:
    Secret("c4n4ry-of-the-log")
    logging.getLogger("a").debug("a detail")
    logging.getLogger("a").info("asked https://host/a?sig=1 with c4n4ry-of-the-log")
    first, line = log.read_text().splitlines()
    assert "Enhance GUI" in first
    assert line.endswith("INFO a: asked https://host/a?<hidden> with <hidden>")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_its_user_can_read_the_log(log: Path) -> None:
    logging.getLogger("a").info("a line")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


@pytest.mark.long
def test_the_log_stays_small(log: Path) -> None:
    line = "x" * 10_000
    for _ in range((FILES + 1) * MAX_BYTES // len(line)):
        logging.getLogger("a").info(line)
    files = list(log.parent.iterdir())
    assert len(files) == FILES
    assert all(file.stat().st_size <= MAX_BYTES for file in files)


def test_a_log_that_cannot_be_written_stops_nothing(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger().handlers[-1].close()
    log.unlink()
    log.mkdir()
    logging.getLogger("a").info("a line")
    assert capsys.readouterr().err == ""


def test_no_name_of_a_file_and_no_word_of_a_service_begins_a_line_of_its_own(log: Path) -> None:
    forged = "a.jpg\n2026-01-01 00:00:00 INFO a: nothing was charged\x1b[2K\r"
    try:
        open(log.parent / forged)  # noqa: PTH123, SIM115
    except OSError as error:
        logging.getLogger("a").warning("not read: %s", error)
    answer = json.dumps({"code": 1003002, "msg": forged, "data": None}).encode()
    logging.getLogger("a").warning("refused: %s", read_envelope(answer).message)
    lines = log.read_text().splitlines()
    assert len(lines) == 3
    assert all("WARNING a: " in line and "\x1b" not in line for line in lines[1:])


def test_the_last_lines_are_redacted_again(tmp_path: Path) -> None:
    path = tmp_path / "old.log"
    assert last_lines(path, 2) == []
    path.write_text("one\ntwo with c4n4ry-of-an-older-run\nthree http://u:p@h/\n")
    Secret("c4n4ry-of-an-older-run")
    assert last_lines(path, 2) == ["two with <hidden>", "three http://<hidden>@h/"]
