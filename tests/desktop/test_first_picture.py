"""A user enhances a first picture on a real screen, and finds it again at the next start."""

from __future__ import annotations

import hashlib
import io
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from enhance_gui.storage.folders import user_folders
from tests.desktop.accessible import Part
from tests.desktop.program import Program, running
from tests.desktop.screen import Screen
from tests.desktop.web import Browser, around, browser, chromium, firefox, site
from tests.service.engine.photographs import photograph
from tests.support.fake_desktop import FakeDesktop, Received
from tests.support.pictures import picture_bytes
from tests.support.waiting import until


def astronaut() -> bytes:
    """Return a photograph with one face, as noisy as an evening's; there is much to take out."""
    pixels = photograph("astronaut").astype(float)
    noisy = pixels + np.random.default_rng(1).normal(0, 25, pixels.shape)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=95)
    return file.getvalue()


@pytest.mark.long
def test_a_picture_out_of_a_browser_is_enhanced_compared_and_found_again(
    shown_on: Screen, bus: str, tmp_path: Path
) -> None:
    picture = astronaut()
    with (
        site({"/astronaut.jpg": ("image/jpeg", picture)}) as web,
        running(shown_on, bus, tmp_path) as program,
        browser(shown_on, tmp_path) as page,
    ):
        address = web.url("/astronaut.jpg")
        pick_type(program, "Portrait")
        drop(page, program, chromium(address, picture, web.url("/")))
        program.wait_for_text("astronaut.jpg: Saved")
        check_files(address, picture)
        view = program.part("filler", "Before and after").part("filler", "Before and after")
        move_divider(program, view)
        open_face(program, view)
        look_at_gallery(program)
        program.quit_with("alt+F4")
    program.assert_left_nothing()
    with running(shown_on, bus, tmp_path) as program:
        program.wait_for_text("astronaut.jpg")
        look_at_gallery(program)
        program.quit_with("ctrl+q")
    program.assert_left_nothing()


def test_each_browsers_pictures_and_linked_pictures_can_be_dropped(
    shown_on: Screen, bus: str, tmp_path: Path
) -> None:
    data = {f"/{name}.jpg": picture_bytes("jpg", 160, 120) for name in "abcd"}
    with (
        FakeDesktop(bus) as desktop,
        site({path: ("image/jpeg", each) for path, each in data.items()}) as web,
        running(shown_on, bus, tmp_path) as program,
        browser(shown_on, tmp_path) as page,
    ):
        link = web.url("/page.html")
        drop(page, program, chromium(web.url("/a.jpg"), data["/a.jpg"]))
        drop(page, program, chromium(web.url("/b.jpg"), data["/b.jpg"], link))
        drop(page, program, firefox(web.url("/c.jpg"), data["/c.jpg"]))
        drop(page, program, firefox(web.url("/d.jpg"), data["/d.jpg"], link))
        until(lambda: len(sidecars("")) == len(data), "all saved")
        said = [json.loads(each.read_text()) for each in sidecars("")]
        assert sorted(each["input"] for each in said) == [web.url(path) for path in data]
        # The browser is in front, so the end of the batch is told outside of the window, too.
        assert "saved" in desktop.notified()[-1].body[4]
        assert any(progress_shown(each) for each in desktop.launched())
        program.quit_with("alt+F4")
        until(lambda: not progress_shown(desktop.launched()[-1]), "an icon without progress")
    program.assert_left_nothing()


# -- what the user does ---------------------------------------------------------------------------


def drop(page: Browser, program: Program, formats: dict[str, bytes]) -> None:
    """Drag into the window and let go once it has said what it would do."""
    page.grab(formats, around(program.part("frame")))
    program.wait_for_text("Drop the picture")
    # The other program still has to be there when the data are asked for, after this.
    assert page.drop() == "CopyAction"


def pick_type(program: Program, name: str) -> None:
    """Pick an enhance type with the mouse and the keyboard."""
    program.press("combo box", "Upscale")
    program.part("list item", name)
    # The first letter alone: letters that come apart on a busy computer are no word to Qt.
    program.screen.keys(name[0])
    program.screen.keys("Return")
    program.part("combo box", name)


def move_divider(program: Program, view: Part) -> None:
    """Move it to the left with the mouse, and all the way to the right with the keyboard."""
    until(lambda: "Divider at 50 percent" in view.description, "the comparison")
    screen, (middle, height) = program.screen, view.middle
    screen.click((middle + 200, height))
    # Of two clicks that a window manager holds up together, the second may get lost.
    until(lambda: view.has_focus, "the keyboard there, too")
    screen.point_at((middle, height))
    screen.xdotool("mousedown", 1)
    share = 50
    for place in (middle - 20, middle - 120, middle - 150):
        screen.point_at((place, height))
        share = until(partial(below, share, view), "a divider that has moved")
    screen.let_go()
    assert 10 < share < 45
    program.keys("Left", "Left", "shift+Left")
    until(lambda: percent(view.description) == share - 12, "a divider moved by keys")
    before = program.picture(view)
    program.keys("End")
    until(lambda: percent(view.description) == 100, "a divider at the right edge")
    until(lambda: changed_share(before, program.picture(view)) > 0.01, "another picture")


def open_face(program: Program, view: Part) -> None:
    """Show the face large, and the whole picture again."""
    whole = program.picture(view)
    program.press("list item", "Face 1")
    program.part("list item", "Face 1, shown now")
    until(lambda: changed_share(whole, program.picture(view)) > 0.3, "the face, large")
    program.press("list item", "Whole picture")
    until(lambda: changed_share(whole, program.picture(view)) < 0.05, "the whole picture again")


def look_at_gallery(program: Program) -> None:
    """Look at the list and the grid: the picture is there, with a thumbnail in colour."""
    if program.root.find("push button", "All pictures") is not None:
        program.press("push button", "All pictures")
    program.part("list item", "astronaut.jpg", "Saved")
    entry = ("list item", "astronaut.jpg")
    program.wait_for_look(*entry, lambda seen: colours(seen) > 500, "a thumbnail in the row")
    program.press("check box", "Grid")
    program.wait_for_look(*entry, lambda seen: seen.height > 100, "a tile")
    program.wait_for_look(*entry, lambda seen: colours(seen) > 500, "a thumbnail in the tile")
    program.press("check box", "Rows")


# -- what there is to see -------------------------------------------------------------------------


def check_files(address: str, picture: bytes) -> None:
    """The result, its face and its sidecar are what they should be."""
    [sidecar] = sidecars("astronaut-")
    said = json.loads(sidecar.read_text())
    assert said["input"] == address
    assert said["input_sha256"] == hashlib.sha256(picture).hexdigest()
    result = sidecar.with_suffix(".png")
    if not result.exists():
        result = sidecar.with_suffix(".jpg")
    with Image.open(result) as image:
        image.load()
        assert image.size == (said["after"]["width_px"], said["after"]["height_px"])
    assert hashlib.sha256(result.read_bytes()).hexdigest() == said["after"]["sha256"]
    assert len(said["outputs"]) == 1
    names = {entry.name for entry in user_folders().results.iterdir()}
    assert names == {sidecar.name, result.name, *said["outputs"]}


def sidecars(begin: str) -> list[Path]:
    """Return the sidecars of results whose names begin so."""
    return sorted(user_folders().results.glob(f"{begin}*.json"))


def progress_shown(reported: Received) -> bool:
    """Tell whether the launcher's icon was to show progress."""
    return bool(reported.body[1]["progress-visible"][1])


def percent(description: str) -> int:
    """Return where the divider is said to be."""
    return int(description.partition("Divider at ")[2].partition(" ")[0])


def below(share: int, view: Part) -> int | None:
    """Return where the divider is said to be if that is farther to the left."""
    now = percent(view.description)
    return now if now < share else None


def changed_share(before: Image.Image, after: Image.Image) -> float:
    """Return how much of a picture has changed clearly, from 0 to 1."""
    if before.size != after.size:
        return 1.0
    changes = ImageChops.difference(before, after).convert("L").histogram()
    return sum(changes[24:]) / sum(changes)


def colours(picture: Image.Image) -> int:
    """Return how many colours a picture has; what is drawn without a photograph has few."""
    return len(picture.getcolors(picture.width * picture.height) or [])
