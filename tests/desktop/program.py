"""The real program on a real screen, driven and looked at from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PIL import Image

from tests.desktop.accessible import GoneError, Part, Registry, variables
from tests.desktop.screen import Screen
from tests.support.processes import births, family, still_there
from tests.support.waiting import until

TITLE: Final = "^Enhance GUI$"
CORNER: Final = (220, 40)
"""Where the window is put: beside what is dragged into it."""

_FRAME_PX: Final = 60
"""More than a window manager puts around a window."""

_OF_QUESTIONS: Final = "qt.accessibility.atspi: Could not find accessible"
"""What Qt says where it is asked about a part that has just gone."""

_LIMIT_S: Final = 60.0
"""Much longer than quitting takes. How long it may take is the subject of ``test_cycles``."""


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

    def part(self, role: str, name: str = "", words: str = "") -> Part:
        """Return a part of the window as soon as it is shown, and says so."""
        return until(lambda: self.root.find(role, name, words), f"a {role} {name!r} {words}")

    def wait_for_text(self, words: str) -> None:
        """Wait until something shown says so."""

        def look() -> bool:
            return any(words in text for text in self.root.texts())

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

    def wait_for_look(
        self, role: str, name: str, fits: Callable[[Image.Image], bool], what: str
    ) -> None:
        """Wait until a part looks as it should; meanwhile another may take its place."""

        def look() -> bool:
            try:
                return fits(self.picture(self.part(role, name)))
            except GoneError:
                return False

        until(look, what)

    # -- doing ------------------------------------------------------------------------------------

    def press(self, role: str, name: str = "") -> None:
        """Click on something, once it is where it stays.

        A window manager that is held up holds the mouse up, not the keyboard: what a click does
        has to be seen before a key is pressed.
        """
        place = until(lambda: self.part(role, name).resting(), f"a resting {role} {name!r}")
        self.screen.click(place)

    def keys(self, *names: str) -> None:
        """Press keys in the main window."""
        self.screen.xdotool("windowactivate", "--sync", self.window)
        self.screen.keys(*names)

    def quit_with(self, *keys: str) -> None:
        """Quit with these keys; all of it has to go."""
        self.screen.xdotool("windowactivate", "--sync", self.window)
        self.quit_by(lambda: self.screen.keys(*keys))

    def quit_by(self, action: Callable[[], object]) -> None:
        """Quit by an action; all of it has to go."""
        begun = births(family(self.process.pid))
        action()
        try:
            _, self.errors = self.process.communicate(timeout=_LIMIT_S)
        except subprocess.TimeoutExpired:
            raise AssertionError("it did not quit") from None
        assert self.process.returncode == 0, self.errors
        until(lambda: not still_there(begun), "the end of all that it had started")

    def assert_left_nothing(self) -> None:
        said = [line for line in self.errors.splitlines() if _OF_QUESTIONS not in line]
        assert said == []
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
            screen.let_go()  # what a test that fails in the midst of a drag would hold on to
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
    frame = program.part("frame", "Enhance GUI")

    def is_there() -> bool:
        offsets = (now - wanted for now, wanted in zip(frame.box, CORNER, strict=False))
        return all(0 <= offset < _FRAME_PX for offset in offsets)

    # The program has received it, too, and says where its parts are now.
    until(is_there, "a window in its place")
