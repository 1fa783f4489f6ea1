"""What a real Chromium gives of its pictures is read as the picture that it shows."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from enhance_gui.core.images.inputs.drop_data import Dropped, read_dropped
from tests.desktop.drop_target import Target, drop_target
from tests.desktop.screen import Screen
from tests.desktop.web import site
from tests.support.pictures import picture_bytes
from tests.support.waiting import until

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
TITLE = "Shown"
PLACE = 'width=300 height=200 style="position:fixed;left:0;top:0"'
SMALL, BIG = picture_bytes("jpg", 300, 200), picture_bytes("jpg", 600, 400)
TINY = picture_bytes("jpg", 16, 12)
STAND_IN = f"data:image/jpeg;base64,{base64.b64encode(TINY).decode()}"

PAGES = {
    "plain": (f'<img {PLACE} src="big.jpg">', "/big.jpg"),
    "srcset": (
        f'<img {PLACE} src="/small.jpg" srcset="small.jpg 300w, big.jpg 2400w" sizes="2000px">',
        "/big.jpg",
    ),
    "picture": (
        f'<picture><source srcset="/big.jpg"><img {PLACE} src="{STAND_IN}"></picture>',
        "/big.jpg",
    ),
    "late": (f'<img {PLACE} src="{STAND_IN}" data-src="/big.jpg">', "/big.jpg"),
    "linked": (
        f'<a href="/page"><img {PLACE} src="/small.jpg" srcset="/big.jpg 2x"></a>',
        "/big.jpg",
    ),
    "in the page": (f'<img {PLACE} src="{STAND_IN}">', ""),
}


@pytest.fixture
def target(shown_on: Screen) -> Iterator[Target]:
    with drop_target(shown_on) as shown:
        yield shown


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("page", PAGES)
def test_the_picture_that_chromium_shows_is_taken(
    shown_on: Screen, target: Target, tmp_path: Path, page: str
) -> None:
    html, path = PAGES[page]
    files = {
        "/": ("text/html", f"<!doctype html><title>{TITLE}</title>{html}".encode()),
        "/small.jpg": ("image/jpeg", SMALL),
        "/big.jpg": ("image/jpeg", BIG),
    }
    with site(files) as web, chromium(shown_on, web.url("/"), tmp_path):
        shown_on.drag([(150, 120), (300, 150), *target.way])
        shown_on.let_go()
        found = read_dropped(target.dropped())
        expected = Dropped((web.url(path),)) if path else Dropped(picture=TINY)
        assert found == expected
        assert found.carried in (None, SMALL, BIG)


@contextmanager
def chromium(screen: Screen, address: str, folder: Path) -> Iterator[None]:
    """Show a page in a window of its own, in the upper left corner."""
    assert CHROMIUM is not None
    # The address of a socket, and so the names of its folders, may be no longer than 107 bytes.
    short = tempfile.TemporaryDirectory(prefix="page-", ignore_cleanup_errors=True)
    process = subprocess.Popen(
        [
            CHROMIUM,
            "--no-sandbox",  # which does not start as root
            *("--no-first-run", "--disable-gpu", "--disable-dev-shm-usage"),
            *(f"--user-data-dir={folder / 'chromium'}", f"--app={address}"),
            *("--window-position=0,0", "--window-size=700,600"),
        ],
        env={**os.environ, "DISPLAY": screen.display, "TMPDIR": short.name},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: screen.xdotool("search", "--onlyvisible", "--name", f"^{TITLE}$"), "the page")
        until(lambda: is_painted(screen), "the picture")
        yield
    finally:
        process.terminate()
        process.wait()
        short.cleanup()


def is_painted(screen: Screen) -> bool:
    """Tell whether there is something else than white in the page."""
    seen = screen.picture().crop((100, 80, 200, 160)).convert("L")
    return seen.histogram()[255] < seen.width * seen.height
