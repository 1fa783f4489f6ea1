"""The real program on a real screen, driven and looked at from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PIL import Image

from tests.desktop.accessible import Part, Registry, variables
from tests.desktop.screen import Screen
from tests.support.contention import in_time
from tests.support.processes import births, family, still_there
from tests.support.waiting import until

QUIT_LIMIT_S: Final = 2.0
TITLE: Final = "^Enhance GUI$"
CORNER: Final = (220, 40)
"""Where the window is put: beside what is dragged into it."""


@dataclass
class Program:
    """One run of it."""

    screen: Screen
    process: subprocess.Popen[str]
    registry: Registry
    temporary: Path
    window: int = 0
    """Number of the main window."""
    errors: str = field(default="")
    """What it said on standard error; known once it has ended."""

    # -- looking ----------------------------------------------------------------------------------

    @property
    def root(self) -> Part:
        """All its windows."""
        assert self.process.poll() is None, self.process.communicate()[1]
        return until(lambda: self.registry.program(self.process.pid), "its windows")

    def part(self, role: str, name: str = "") -> Part:
        """Return a part of the window as soon as it is shown."""
        return until(lambda: self.root.find(role, name), f"a {role} {name!r}")

    def wait_for_text(self, words: str) -> None:
        """Wait until something shown says so."""

        def look() -> bool:
            return any(words in each for each in self.root.texts())

        until(look, f"the words {words!r}")

    def state(self) -> str:
        """Return what there is to know about it where a test fails."""
        if self.process.poll() is not None:
            return f"It has ended: {self.errors}"
        return f"It shows: {self.root.texts()}"

    def picture(self, part: Part) -> Image.Image:
        """Return what a part looks like."""
        left, top, width, height = part.box
        return self.screen.picture().crop((left, top, left + width, top + height))

    # -- doing ------------------------------------------------------------------------------------

    def press(self, role: str, name: str = "") -> None:
        """Click on something."""
        self.screen.click(self.part(role, name).middle)

    def keys(self, *names: str) -> None:
        """Press keys in the main window."""
        self.screen.xdotool("windowactivate", "--sync", self.window)
        self.screen.keys(*names)

    def quit_with(self, *keys: str) -> None:
        """Quit with these keys; soon all of it has to be gone."""
        self.screen.xdotool("windowactivate", "--sync", self.window)
        begun = births(family(self.process.pid))
        begin_s = time.monotonic()
        self.screen.keys(*keys)
        try:
            _, self.errors = self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            raise AssertionError("it did not quit") from None
        assert in_time(taken_s := time.monotonic() - begin_s, QUIT_LIMIT_S), taken_s
        assert self.process.returncode == 0, self.errors
        assert still_there(begun) == []

    def assert_left_nothing(self) -> None:
        assert self.errors == "", self.errors
        assert list(self.temporary.iterdir()) == []


@contextmanager
def running(screen: Screen, bus: str, folder: Path, *inputs: str) -> Iterator[Program]:
    """Run the program until the block ends; it should have quit by then.

    :param folder: for its temporary files.
    """
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    own = {**os.environ, "DISPLAY": screen.display, "TMPDIR": str(temporary)}
    own |= {"LC_ALL": "C.UTF-8", "LANGUAGE": "en", **variables(bus)}
    for other in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY"):
        own.pop(other, None)
    with Registry(bus) as registry:
        process = subprocess.Popen(
            [sys.executable, "-W", "default", "-m", "enhance_gui", *inputs],
            env=own,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        program = Program(screen, process, registry, temporary)
        try:
            _place(program)
            yield program
        except AssertionError as failure:
            failure.add_note(program.state())
            raise
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def _place(program: Program) -> None:
    """Put the window where nothing lies over it, and give it the keyboard."""

    def window() -> int:
        assert program.process.poll() is None, program.process.communicate()[1]
        return next(iter(program.screen.windows(program.process.pid, TITLE)), 0)

    program.window = until(window, "a window")
    program.screen.xdotool("windowmove", "--sync", program.window, *CORNER)
    program.screen.xdotool("windowactivate", "--sync", program.window)
    program.part("frame", "Enhance GUI")
