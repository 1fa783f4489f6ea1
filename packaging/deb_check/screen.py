"""Runs an X server without any window manager, and moves its mouse."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

LIMIT_S = 60.0
_PAUSE_S = 0.05
_T = TypeVar("_T")


@dataclass(frozen=True)
class Screen:
    """The display, by its number."""

    display: str

    def xdotool(self, *arguments: object) -> str:
        done = subprocess.run(
            ["xdotool", *map(str, arguments)],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        return done.stdout.strip()

    def window(self, title: str) -> str:
        """Return the number of the window with a title, once it is there."""
        return until(
            lambda: self.xdotool("search", "--onlyvisible", "--name", title).partition("\n")[0],
            f"a window named {title}",
        )

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag from one place to another; a hand is not faster, and moves on the way."""
        self.xdotool("mousemove", *start, "mousedown", 1)
        for _ in range(6):
            time.sleep(_PAUSE_S)
            self.xdotool("mousemove_relative", 6, 5)
        for place in (end, (end[0] + 8, end[1] + 6), end):
            self.xdotool("mousemove", *place)
            time.sleep(_PAUSE_S * 4)
        self.xdotool("mouseup", 1)


@contextmanager
def screen() -> Iterator[Screen]:
    """Run the server, open to every user of this computer's own mounts."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-ac", "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(
        [*command, "-screen", "0", "1600x1000x24"], pass_fds=[writing], stderr=subprocess.DEVNULL
    ) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                yield Screen(f":{told.readline().strip()}")
        finally:
            server.terminate()


def until(look: Callable[[], _T], name: str, limit_s: float = LIMIT_S) -> _T:
    """Look again and again until there is something, and return it."""
    deadline_s = time.monotonic() + limit_s
    while not (found := look()):
        assert time.monotonic() < deadline_s, f"{name} did not come within {limit_s:.0f} s"
        time.sleep(_PAUSE_S)
    return found
