"""The program with a window, as a process: it starts, takes inputs of later starts, and ends."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest

from enhance_gui.storage.folders import user_folders
from enhance_gui.ui.startup.display_check import broken_together, debian_package, display_problem
from tests.benchmarks.first_paint import paints
from tests.benchmarks.painting import FIRST, FULL
from tests.support.contention import assert_in_time
from tests.support.pictures import picture_bytes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends processes by signals")

END_LIMIT_S = 2.0
TIMEOUT_S = 90.0
"""Much longer than anything takes: a busy computer must not fail a test."""


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start the program and wait until it works."""
    process = subprocess.Popen(
        [sys.executable, "-X", "dev", "-m", "enhance_gui", *arguments],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(user_folders().data / "instance.json", process)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    give_up_s = time.monotonic() + TIMEOUT_S
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < give_up_s, f"{path} did not come"
        time.sleep(0.02)


def end(process: subprocess.Popen[str], how: signal.Signals) -> float:
    """End the process, which has nothing to complain of; return how many seconds it took."""
    begin_s = time.monotonic()
    process.send_signal(how)
    _, errors = process.communicate(timeout=TIMEOUT_S)
    taken_s = time.monotonic() - begin_s
    assert process.returncode == 0, errors
    assert complaints(errors) == []
    return taken_s


def complaints(errors: str) -> list[str]:
    # The last is asyncio's: with -X dev it counts how long each step takes.
    harmless = ("propagateSizeHints", "This plugin does not support", " seconds")
    return [line for line in errors.splitlines() if not any(each in line for each in harmless)]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_and_ends_with_nothing_to_do(how: signal.Signals) -> None:
    def measure() -> float:
        with started() as process:
            return end(process, how)

    assert_in_time(measure, END_LIMIT_S)


@pytest.mark.parametrize("later_s", [0.0, 0.1, 0.2, 0.3, 0.4])
def test_ctrl_c_while_it_starts_ends_it_without_a_word(later_s: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "enhance_gui"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(user_folders().data / "instance.lock", process)
    time.sleep(later_s)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode in (0, -signal.SIGINT)
    assert complaints(errors) == []


def test_pictures_that_another_run_kept_from_being_added_are_told_of_at_the_end() -> None:
    code = (
        "import os, signal, sys\n"
        "from enhance_gui.storage.system.instance_lock import InstanceLock\n"
        "asked = []\n"
        "def acquire(self):\n"
        "    asked.append(self)\n"
        "    if len(asked) == 3:\n"  # the window waits for it by now
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return False\n"
        "InstanceLock.acquire = acquire\n"
        "from enhance_gui.command_line.main import run\n"
        "sys.exit(run(['https://example.org/a.jpg']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    (reported,) = complaints(done.stderr)
    assert "was not added" in reported


def test_a_session_that_ends_while_it_starts_ends_it_as_one_that_is_open() -> None:
    # The signal comes when the empty window is shown and there is no loop yet to take it.
    code = (
        "import os, signal, time\n"
        "from enhance_gui import application\n"
        "def end(*_):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    time.sleep(60)\n"
        "application.run_window = end\n"
        "from enhance_gui.command_line.main import run\n"
        "run([])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert ended.returncode == 0
    assert complaints(ended.stderr) == []
    with started() as process:  # what it held is free
        end(process, signal.SIGTERM)


@pytest.mark.long
def test_it_ends_in_time_while_it_works_and_goes_on_at_the_next_start(tmp_path: Path) -> None:
    numbers = count(1)
    added = 0

    def measure() -> float:
        nonlocal added
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        for number in range(6):
            (folder / f"{number}.png").write_bytes(picture_bytes(width_px=700, height_px=500))
        added += 6
        with started(str(folder)) as process:
            until(lambda: len(states()) == added and "draft" not in states())
            until(lambda: "saved" in states())
            return end(process, signal.SIGTERM)

    assert_in_time(measure, END_LIMIT_S)
    with started() as process:
        until(lambda: states() == ["saved"] * added)
        end(process, signal.SIGTERM)


def states() -> list[str]:
    """Return the states of the stored tasks."""
    address = f"{user_folders().database.as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        return [row[0] for row in database.execute("SELECT state FROM task")]


def until(condition: Callable[[], bool]) -> None:
    give_up_s = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < give_up_s
        time.sleep(0.02)


def test_a_second_start_hands_its_inputs_over(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(picture_bytes(width_px=120, height_px=100))
    with started() as process:
        second = subprocess.run(
            [sys.executable, "-m", "enhance_gui", "a.png"],
            cwd=tmp_path,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert second.returncode == 0, second.stderr
        wait_for(user_folders().results / "a-upscale-x2.json", process)
        end(process, signal.SIGTERM)


def test_the_command_line_hands_its_work_over_to_the_window(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(picture_bytes(width_px=120, height_px=100))
    with started() as process:
        command = subprocess.run(
            [sys.executable, "-m", "enhance_gui", "enhance", str(picture), "--json"],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert command.returncode == 0, command.stderr
        assert json.loads(command.stdout)["state"] == "saved"
        assert "handed over" in command.stderr
        end(process, signal.SIGTERM)


HEAVY = {
    "PIL",
    "anyio",
    "certifi",
    "cv2",
    "h11",
    "httpcore",
    "httpx",
    "jeepney",
    "keyring",
    "msgspec",
    "numpy",
    "secretstorage",
    "sqlite3",
    "starlette",
    "tomlkit",
    "uvicorn",
}
"""What takes long to load, and is needed for the work only."""

LATER = HEAVY | {
    "asyncio",
    "dataclasses",
    "enhance_gui.application",
    "enhance_gui.jobs",
    "qasync",
    "ssl",
}
"""What is needed for the window's content, too, but not to show that there is a window."""


def test_what_takes_long_to_load_comes_after_the_first_paint() -> None:
    seen = {what: set(modules) for what, (_ms, modules) in paints().items()}
    assert not seen[FIRST] & LATER
    assert not seen[FULL] & HEAVY
    assert "enhance_gui.ui.window.panels" in seen[FULL]


def test_without_a_display_it_says_so_and_ends_with_3() -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    run = subprocess.run(
        [sys.executable, "-m", "enhance_gui"],
        env={name: value for name, value in os.environ.items() if name not in hidden},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert run.returncode == 3
    assert run.stderr.startswith("enhance-gui: there is no display; ")
    assert len(run.stderr.splitlines()) == 1


def test_a_display_that_is_not_there_is_told_apart() -> None:
    problem = display_problem({"DISPLAY": ":4711"})
    assert "4711" in problem or "apt install" in problem
    assert display_problem({"QT_QPA_PLATFORM": "offscreen"}) == ""


def test_the_broken_pair_of_releases_is_refused() -> None:
    assert broken_together((3, 11), (6, 12))
    assert not broken_together((3, 12), (6, 12))
    assert not broken_together((3, 11), (6, 11))


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libX11-xcb.so.1", "libx11-xcb1"),
    ],
)
def test_a_missing_library_is_named_with_its_package(library: str, package: str) -> None:
    assert debian_package(library) == package
