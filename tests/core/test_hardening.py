"""What a process says and leaves behind, however it ends, holds no token."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CANARY = "c4n4ry/of+the process"

_HEAD = f"""
import asyncio, logging, sys, threading
from enhance_gui.core import hardening as leak_proofing
from enhance_gui.core.secret import Secret
leak_proofing.redact_every_log()
leak_proofing.log_uncaught_errors()
Secret({CANARY!r})
canary = {CANARY!r}
def fail():
    raise ValueError(canary)
"""


def _run(script: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", _HEAD + script],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    return done.returncode, done.stdout + done.stderr


_IN_A_LOOP = """
async def main():
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({'message': canary})
    loop.call_soon(fail)
    await asyncio.sleep(0.01)

asyncio.run(main())
"""
_IN_A_THREAD = """
thread = threading.Thread(target=fail)
thread.start()
thread.join()
"""
_TO_ITS_OWN_HANDLER = """
logging.getLogger('x').addHandler(logging.StreamHandler(sys.stdout))
logging.getLogger('x').error({'token': canary})
"""
_CAUGHT = """
try:
    fail()
except ValueError:
    logging.exception('caught')
"""
_FROM_ANOTHER = """
try:
    fail()
except ValueError as error:
    raise KeyError('x') from error
"""
_LATE = """
class Late:
    def __del__(self):
        fail()
late = Late()
del late
"""


@pytest.mark.parametrize(
    "script",
    [
        "logging.basicConfig(level=0); logging.debug('it is %s', canary)",
        "logging.basicConfig(level=0); logging.debug(canary)",
        "logging.error('an argument too many for ' + canary, canary)",
        "logging.warning('no handler was added: %s', canary)",
        _TO_ITS_OWN_HANDLER,
        _CAUGHT,
        "fail()",
        _FROM_ANOTHER,
        "raise ExceptionGroup(canary, [ValueError(canary)])",
        "error = ValueError('x'); error.add_note(canary); raise error",
        _IN_A_THREAD,
        _LATE,
        _IN_A_LOOP,
    ],
)
def test_no_log_and_no_last_words_hold_the_token(script: str) -> None:
    _, said = _run(script)
    assert "<hidden>" in said
    assert "c4n4ry" not in said.lower()


def test_an_uncaught_error_still_ends_the_process_with_its_traceback() -> None:
    code, said = _run("def deep(): raise ValueError('the reason')\ndeep()")
    assert code == 1
    assert "ValueError: the reason" in said
    assert "in deep" in said


def test_the_arguments_of_a_log_line_are_not_formatted_twice() -> None:
    _, said = _run("logging.basicConfig(level=0); logging.info('%s', 'a %d b')")
    assert said == "INFO:root:a %d b\n"


_DIE = """
import resource
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
leak_proofing.forbid_core_dumps()
print(*resource.getrlimit(resource.RLIMIT_CORE), open("/proc/self/coredump_filter").read().strip())
sys.stdout.flush()
import os
os.abort()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_crash_leaves_no_core_dump(tmp_path: Path) -> None:
    done = subprocess.run(
        # Without -X dev: that prints the stack, and is not what is looked at here.
        [sys.executable, "-c", _HEAD + _DIE],
        capture_output=True,
        check=False,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    if "setrlimit" in done.stderr:
        pytest.skip("the limit of core dumps cannot be raised here, so its lowering shows nothing")
    assert done.returncode == -signal.SIGABRT
    assert done.stdout.split() == ["0", "0", "00000000"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_hidden_process_is_not_readable_by_others_of_the_same_user() -> None:
    script = (
        "import ctypes, os\nleak_proofing.hide_memory()\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), os.stat('/proc/self/environ').st_uid)"
    )
    assert _run(script) == (0, "0 0\n")
