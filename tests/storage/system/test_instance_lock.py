"""One program at a time works on the list of tasks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from enhance_gui.storage.system.instance_lock import InstanceLock, address_file

_HOLD = """
import sys
from pathlib import Path
from enhance_gui.storage.system.instance_lock import InstanceLock
print(InstanceLock(Path(sys.argv[1])).acquire(), flush=True)
sys.stdin.read()
"""


def test_a_second_program_does_not_get_it_and_a_killed_one_leaves_it_free(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert not InstanceLock(tmp_path).acquire()
        holder.kill()
        holder.wait()
        with InstanceLock(tmp_path) as lock:
            assert lock.acquire()


def test_it_is_free_after_release(tmp_path: Path) -> None:
    with InstanceLock(tmp_path) as lock:
        assert lock.acquire()
    assert InstanceLock(tmp_path).acquire()


def test_what_an_earlier_process_said_of_its_address_holds_no_longer(tmp_path: Path) -> None:
    address_file(tmp_path).write_text("{}")
    with InstanceLock(tmp_path) as lock:
        assert lock.acquire()
        assert not address_file(tmp_path).exists()
        # Its own: another start, which does not get the lock, leaves it.
        address_file(tmp_path).write_text("{}")
        assert not InstanceLock(tmp_path).acquire()
        assert address_file(tmp_path).exists()
