"""What Qt says goes through the log, redacted like all else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import logging
from PySide6.QtCore import QLoggingCategory, qCritical, qWarning, qInfo
from enhance_gui.core import leak_proofing
from enhance_gui.core.secret import Secret
from enhance_gui.ui.qt_messages import log_qt_messages
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
