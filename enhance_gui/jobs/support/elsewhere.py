"""Has pictures decoded by a child process of this program, where that can do no harm.

It has a limit in memory and in time, as when a result is verified; and while it decodes, the
window's threads can run, which some decoders would not let them.
"""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path
from typing import Final

from enhance_gui.jobs.own_program import WITHOUT_CONSOLE, own_program
from enhance_gui.jobs.worker.verifying import DECODING_LIMIT_S

_elsewhere: Final = threading.Lock()
"""One child at a time: each may take gigabytes."""


def decoded_elsewhere(
    work: str, *arguments: str | Path, limit_s: float = DECODING_LIMIT_S
) -> bytes | None:
    """Have a child do it; return what it prints, or ``None`` where it did not succeed."""
    command = [*own_program(), "decode", work, *arguments]
    with _elsewhere:
        try:
            done = subprocess.run(  # noqa: S603  this program itself
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=limit_s,
                # Each thread of it would reserve some of the memory that the child may have.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
                # An interrupt meant for the program must not look like a broken picture.
                start_new_session=True,
                creationflags=WITHOUT_CONSOLE,
                check=True,
            )
        except (subprocess.SubprocessError, OSError):
            return None
    return done.stdout
