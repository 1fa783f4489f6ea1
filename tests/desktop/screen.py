"""A real X server with a window manager, and the hands of a user on it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image, ImageGrab

from tests.support.waiting import until

COMMANDS: Final = ("Xvfb", "openbox", "xdotool", "dbus-daemon")
"""What has to be installed."""

SIZE: Final = (1600, 1000)

_LIMIT_S: Final = 60.0
"""Much longer than any of the commands takes: a busy computer must not fail a test."""

_STEP_S: Final = 0.02
"""Between two movements of the mouse: a hand is not faster."""


def lacking_commands() -> list[str]:
    return [name for name in COMMANDS if shutil.which(name) is None]


class Screen:
    """One display."""

    def __init__(self, display: str) -> None:
        self.display = display

    def picture(self) -> Image.Image:
        """Return what is to be seen on the whole screen."""
        return ImageGrab.grab(xdisplay=self.display).convert("RGB")

    def clipboards(self) -> dict[str, bytes]:
        """Return what the clipboard and the primary selection hold, all formats together."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.desktop.clipboard"],
            env={**os.environ, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"},
            stdout=subprocess.PIPE,
            timeout=_LIMIT_S,
            check=True,
        )
        held = json.loads(done.stdout)
        return {
            name: b"\n".join(base64.b64decode(data) for data in formats.values())
            for name, formats in held.items()
        }

    def xdotool(self, *arguments: str | int) -> str:
        """Do something as a user; return what the tool prints."""
        done = subprocess.run(
            ["xdotool", *map(str, arguments)],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
        return done.stdout.strip()

    def windows(self, process: int, title: str = ".") -> list[int]:
        """Return the visible windows of a process."""
        found = self.xdotool("search", "--onlyvisible", "--all", "--pid", process, "--name", title)
        return [int(number) for number in found.split()]

    def is_in_front(self, process: int, title: str) -> bool:
        """Tell whether a window of a process has the keyboard."""
        active = self.xdotool("getactivewindow")
        return active in map(str, self.windows(process, title))

    def point_at(self, place: tuple[int, int]) -> None:
        self.xdotool("mousemove", *place)

    def click(self, place: tuple[int, int], times: int = 1) -> None:
        self.point_at(place)
        self.xdotool("click", "--repeat", times, "--delay", 60, 1)

    def keys(self, *names: str) -> None:
        """Press keys, one after the other: "ctrl+q", "Left"."""
        self.xdotool("key", "--delay", 20, *names)

    def drag(self, way: Sequence[tuple[int, int]]) -> None:
        """Move through these places with the button held down; it stays down."""
        self.point_at(way[0])
        self.xdotool("mousedown", 1)
        for _ in range(5):
            time.sleep(_STEP_S)
            self.xdotool("mousemove_relative", 5, 4)
        for place in way[1:]:
            time.sleep(_STEP_S)
            self.point_at(place)

    def let_go(self) -> None:
        self.xdotool("mouseup", 1)


@contextmanager
def screen(folder: Path) -> Iterator[Screen]:
    """Run an X server and a window manager.

    :param folder: home of the window manager.
    """
    reading, writing = os.pipe()
    width_px, height_px = SIZE
    server = subprocess.Popen(
        [
            *("Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", "-noreset"),
            # A key that is held down by a stall of the computer is not pressed again and again.
            "-r",
            *("-screen", "0", f"{width_px}x{height_px}x24"),
        ],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    manager = None
    try:
        with os.fdopen(reading) as pipe:
            shown = Screen(f":{pipe.readline().strip()}")
        manager = subprocess.Popen(
            ["openbox", "--sm-disable"],
            env={**os.environ, "DISPLAY": shown.display, "HOME": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: shown.xdotool("get_num_desktops"), "a window manager")
        yield shown
    finally:
        for process in (manager, server):
            if process is not None:
                process.terminate()
                process.wait()
