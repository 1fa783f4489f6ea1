"""What Qt says goes through the log, redacted like all else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pictures import picture_bytes

_SCRIPT = """
import logging
from PySide6.QtCore import QLoggingCategory, qCritical, qWarning, qInfo
from enhance_gui.core import hardening as leak_proofing
from enhance_gui.core.secret import Secret
from enhance_gui.ui.startup.qt_messages import log_qt_messages
leak_proofing.redact_every_log()
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
Secret("c4n4ry-of-qt")
log_qt_messages()
qWarning("cannot open http://host/a?token=c4n4ry-of-qt")
qCritical("100 % c4n4ry-of-qt")
qInfo("a word")
"""


def test_messages_of_qt_are_logged_by_their_level_without_the_token() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert done.stderr.splitlines() == [
        "WARNING qt.default: cannot open http://host/a?<hidden>",
        "ERROR qt.default: 100 % <hidden>",
        "INFO qt.default: a word",
    ]


_DAMAGED = """
import logging, sys
from PySide6.QtGui import QImageReader
from enhance_gui.ui.startup.qt_messages import log_qt_messages
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s")
log_qt_messages()
assert QImageReader(sys.argv[1]).read().isNull() in (True, False)
"""


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "bmp"])
def test_what_qt_says_of_a_damaged_picture_is_no_warning(tmp_path: Path, kind: str) -> None:
    whole = picture_bytes(kind, 200, 150)
    picture = tmp_path / f"cut.{kind}"
    picture.write_bytes(whole[: len(whole) // 2])
    done = subprocess.run(
        [sys.executable, "-c", _DAMAGED, str(picture)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "QT_QPA_PLATFORM": "offscreen"},
    )
    levels = {line.split()[0] for line in done.stderr.splitlines()}
    assert levels <= {"INFO", "libpng"}  # libpng writes its own line, past Qt
    if kind == "jpg":
        assert "INFO qt.gui.imageio.jpeg" in done.stderr
