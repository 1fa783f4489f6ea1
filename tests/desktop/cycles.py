"""Starts the program and quits it again, many times, in all ways and situations.

``python -m tests.desktop.cycles 100`` runs so many cycles and says how long quitting took. Signals
are sent to a program on Qt's offscreen platform; what the window manager and the keyboard do
needs a screen, for which Xvfb, openbox and xdotool have to be installed.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from pathlib import Path
from statistics import median
from typing import Final

import pytest

from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.storage.folders import Folders, user_folders
from enhance_gui.storage.profiles.profile_files import empty_entry, save_entry
from enhance_gui.storage.settings.preferences_file import read_preferences, write_preferences
from tests.desktop.program import TITLE
from tests.desktop.screen import Screen, screen
from tests.support.contention import contention
from tests.support.keyrings.secret_service import session_bus
from tests.support.keyrings.silent_keyring import SilentKeyring
from tests.support.own_home import use_home
from tests.support.pictures import picture_bytes
from tests.support.processes import births, family, still_there
from tests.support.waiting import until

LIMIT_S: Final = 2.0
"""Within which the program has to be gone."""

_PICTURES: Final = 60
"""So many that work goes on while the computer, or whoever looks, is held up for seconds."""

_BEGUN_WITHIN: Final = 30
"""It is told to quit before so many of them are saved, and has to quit before all are."""

_TIMEOUT_S: Final = 90.0
"""Much longer than anything takes: a busy computer must not fail a cycle."""

_HARMLESS: Final = ("propagateSizeHints", "This plugin does not support")
"""What Qt's offscreen platform says because it is offscreen."""


class Situation(StrEnum):
    """What the program is doing when it has to quit."""

    IDLE = "idle"
    WORKING = "working"
    """Pictures are being enhanced by the local service."""
    HANGING_KEYRING = "hanging keyring"
    """It waits for a password manager that does not answer."""


class Way(StrEnum):
    """How it is told to quit."""

    TERMINATE = "SIGTERM"
    INTERRUPT = "SIGINT"
    CLOSE = "alt+F4"
    QUIT = "ctrl+q"

    @property
    def on_screen(self) -> bool:
        return self in (Way.CLOSE, Way.QUIT)


@dataclass(frozen=True)
class Cycle:
    """One start and its end."""

    situation: Situation
    way: Way

    def __str__(self) -> str:
        return f"{self.situation}, {self.way}"


CLOSED_AT_ONCE: Final = Cycle(Situation.IDLE, Way.CLOSE)
"""It is closed as soon as its window is there, while the rest is being loaded."""

CYCLES: Final = tuple(Cycle(*each) for each in product(Situation, Way))


class FailedError(AssertionError):
    """A cycle did not end as it should."""


def run_cycle(cycle: Cycle, shown_on: Screen | None, folder: Path) -> float:
    """Start and quit the program once; return how many seconds quitting took.

    :param folder: an empty one.
    :raises FailedError: it did not end properly, or left something behind.
    """
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        use_home(patch, folder / "home")
        bus = stack.enter_context(session_bus(patch, folder / "session"))
        keyring = None
        if cycle.situation is Situation.HANGING_KEYRING:
            keyring = stack.enter_context(SilentKeyring(bus))
        inputs = _prepare(cycle.situation, folder)
        process = stack.enter_context(_started(inputs, shown_on, folder))
        if cycle != CLOSED_AT_ONCE:
            _wait(cycle.situation, process, keyring)
        return _quit(cycle, process, shown_on, folder)


def _prepare(situation: Situation, folder: Path) -> list[str]:
    """Make what a situation needs; return what the program is to open."""
    if situation is Situation.IDLE:
        return []
    pictures = folder / "pictures"
    pictures.mkdir()
    content = picture_bytes("png", 700, 500)
    for number in range(_PICTURES):
        (pictures / f"{number}.png").write_bytes(content)
    if situation is Situation.HANGING_KEYRING:
        _choose_remote(user_folders())
    return [str(pictures)]


def _choose_remote(folders: Folders) -> None:
    """Have new pictures go, without a review, to a service that needs a token."""
    kinds = (EnhanceType(1, "Enhance"),)
    address = "https://127.0.0.1:9/api"
    # Before pictures are to be sent, nobody asks for the token.
    profile = ServiceProfile("Studio", address, upload_path="/upload", enhance_types=kinds)
    save_entry(empty_entry(), profile, folders.profiles)
    preferences = read_preferences(folders.preferences)
    chosen = preferences.with_start_at_once("Studio", wanted=True)
    write_preferences(folders.preferences, replace(chosen, service="Studio"))


@contextmanager
def _started(
    inputs: list[str], shown_on: Screen | None, folder: Path
) -> Iterator[subprocess.Popen[str]]:
    temporary = folder / "tmp"
    temporary.mkdir()
    own = {**os.environ, "TMPDIR": str(temporary), "LC_ALL": "C.UTF-8"}
    own.pop("QT_QPA_PLATFORM", None)
    own |= {"DISPLAY": shown_on.display} if shown_on else {"QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen(
        [sys.executable, "-W", "default", "-m", "enhance_gui", *inputs],
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        if shown_on is not None:
            until(lambda: shown_on.windows(process.pid, TITLE), "a window")
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _wait(
    situation: Situation, process: subprocess.Popen[str], keyring: SilentKeyring | None
) -> None:
    """Wait until the program is in a situation."""

    def look() -> bool:
        if process.poll() is not None:
            raise FailedError(f"it ended by itself: {process.communicate()}")
        if situation is Situation.WORKING:
            states = _states()
            return 0 < states.count("saved") < _BEGUN_WITHIN
        if keyring is not None:
            return bool(keyring.questions)
        return (user_folders().data / "instance.json").exists()

    until(look, f"a program that is {situation}", _TIMEOUT_S)


def _quit(
    cycle: Cycle, process: subprocess.Popen[str], shown_on: Screen | None, folder: Path
) -> float:
    begun = births(family(process.pid))
    if cycle.way.on_screen and shown_on is not None:
        [number] = until(lambda: shown_on.windows(process.pid, TITLE), "its window")
        shown_on.xdotool("windowactivate", "--sync", number)
    begin_s = time.monotonic()
    if cycle.way.on_screen and shown_on is not None:
        shown_on.keys(cycle.way)
    else:
        process.send_signal(signal.Signals[cycle.way])
    try:
        out, errors = process.communicate(timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise FailedError("it did not end") from None
    said = [line for line in errors.splitlines() if not any(each in line for each in _HARMLESS)]
    until(lambda: not still_there(begun), "the end of all that it had started")
    taken_s = time.monotonic() - begin_s
    left = [entry.name for entry in (folder / "tmp").iterdir()]
    if process.returncode or said or out or left:
        raise FailedError(f"exit code {process.returncode}, {said}, {out}, {left}")
    if _states().count("saved") == _PICTURES:
        raise FailedError("it did all its work before it ended")
    return taken_s


def _states() -> list[str]:
    database = user_folders().database
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return [row[0] for row in connection.execute("SELECT state FROM task")]
        except sqlite3.OperationalError:  # it is just being made
            return []


def main(arguments: list[str]) -> int:
    """Run so many cycles and report; return 1 if one failed."""
    count = int(arguments[0]) if arguments else 100
    times: defaultdict[str, list[float]] = defaultdict(list)
    failures = slow = 0
    with tempfile.TemporaryDirectory(prefix="cycles-") as name, screen(Path(name)) as shown:
        for number in range(count):
            cycle = CYCLES[number % len(CYCLES)]
            folder = Path(name) / str(number)
            folder.mkdir()
            try:
                taken_s = run_cycle(cycle, shown if cycle.way.on_screen else None, folder)
            except AssertionError as failure:
                failures += 1
                print(f"{number}: {cycle}: {failure}", flush=True)
                continue
            times[cycle.situation].append(taken_s)
            times[cycle.way].append(taken_s)
            times["all"].append(taken_s)
            if taken_s >= LIMIT_S:
                alone_s = taken_s / contention()
                failures += alone_s >= LIMIT_S
                slow += alone_s < LIMIT_S
                print(f"{number}: {cycle}: {taken_s:.2f} s, alone {alone_s:.2f} s", flush=True)
    for what, each in sorted(times.items()):
        print(
            f"{what:<16} {len(each):4} cycles, quit in {min(each):.2f} / {median(each):.2f} / "
            f"{max(each):.2f} s (min / median / max)"
        )
    print(
        f"{failures} of {count} failed; {slow} more were slow as the computer had other work, too"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
