"""The main job on a real screen by keyboard alone, and by what a screen reader can do alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tests.desktop.program import Program, running
from tests.desktop.screen import Screen
from tests.desktop.web import site
from tests.support.pictures import picture_bytes
from tests.support.waiting import until


@contextmanager
def program_and_address(screen: Screen, bus: str, folder: Path) -> Iterator[tuple[Program, str]]:
    """Run the program beside a site that has a picture."""
    picture = picture_bytes("jpg", 200, 150)
    with (
        site({"/cat.jpg": ("image/jpeg", picture)}) as web,
        running(screen, bus, folder) as program,
    ):
        yield program, web.url("/cat.jpg")
    program.assert_left_nothing()


def test_a_picture_is_enhanced_compared_and_saved_by_keyboard_alone(
    shown_on: Screen, bus: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.jpg"
    with program_and_address(shown_on, bus, tmp_path) as (program, address):
        program.keys("ctrl+n")
        write(program, "text", "Addresses of pictures", address)
        program.screen.keys("ctrl+Return")
        program.wait_for_text("cat.jpg: Saved")
        view = program.part("filler", "Before and after").part("filler", "Before and after")
        until(lambda: view.has_focus, "the keyboard in the comparison")
        until(lambda: "Divider at 50 percent" in view.description, "the comparison")
        program.keys("Left", "Left")
        until(lambda: "Divider at 48 percent" in view.description, "a divider moved by keys")
        program.keys("ctrl+s")
        write(program, "text", "File name:", str(copy))
        program.screen.keys("Return")
        until(copy.is_file, "the copy")
        program.keys("Escape")
        entry = program.part("list item", "cat.jpg", "Saved")
        until(lambda: entry.has_focus, "the keyboard in the list")
        program.keys("Return")
        program.part("filler", "Before and after")
        program.quit_with("ctrl+q")
    check(copy)


@pytest.mark.long
def test_a_picture_is_enhanced_compared_and_saved_by_a_screen_readers_actions_alone(
    shown_on: Screen, bus: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.jpg"
    with program_and_address(shown_on, bus, tmp_path) as (program, address):
        program.part("push button", "Addresses").do("Press")
        dialog = program.part("dialog", "Add addresses")
        dialog.part("text", "Addresses of pictures").write(address)
        dialog.part("push button", "Add").do("Press")
        program.wait_for_text("cat.jpg: Saved")
        view = program.part("filler", "Before and after").part("filler", "Before and after")
        until(lambda: "Divider at 50 percent" in view.description, "the comparison")
        program.part("check box", "Side by side").do("Press")
        until(lambda: "Divider" not in view.description, "both side by side")
        program.part("push button", "Save as").do("Press")
        dialog = program.part("dialog", "Save")
        dialog.part("text", "File name:").write(str(copy))
        dialog.part("push button", "Save").do("Press")
        until(copy.is_file, "the copy")
        program.part("push button", "All pictures").do("Press")
        program.part("list item", "cat.jpg", "Saved").do("Toggle")
        choose(program, "View", "Before and after")
        program.part("push button", "All pictures")
        program.quit_by(lambda: choose(program, "File", "Quit"))
    check(copy)


def write(program: Program, role: str, name: str, text: str) -> None:
    """Type into a field that has got the keyboard by itself."""
    field = program.part(role, name)
    until(lambda: field.has_focus, f"the keyboard in {name!r}")
    program.screen.keys("ctrl+a")
    program.screen.xdotool("type", "--delay", 20, text)


def choose(program: Program, menu: str, entry: str) -> None:
    """Choose an entry of a menu by the actions that both offer."""
    program.part("menu item", menu).do("ShowMenu")
    program.part("popup menu", menu).part("menu item", entry).do("Press")


def check(copy: Path) -> None:
    with Image.open(copy) as image:
        image.load()
        assert image.size == (400, 300)
