"""What others have named does nothing to a terminal."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

if sys.platform != "win32":
    import pty

NAME = "a\x9b31mb\x1b]0;c\u202ed\u2028e\u200bf\ng\u00fc"
PRINT_OUT = f"from enhance_gui.command_line.console.output import print_out; print_out({NAME!a})"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
def test_signs_that_steer_a_terminal_are_shown_as_escapes() -> None:
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-c", PRINT_OUT],
            stdout=theirs,
            check=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        shown = os.read(ours, 1000).decode()
    finally:
        os.close(theirs)
        os.close(ours)
    assert shown == "a\\x9b31mb\\x1b]0;c\\u202ed\\u2028e\\u200bf\r\ngü\r\n"


def test_a_program_gets_every_name_as_it_is() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRINT_OUT],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.stdout.decode().replace(os.linesep, "\n") == NAME + "\n"
