"""Crops are looked for off the UI thread; only the last one asked for is answered."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, QThreadPool

from enhance_gui.core.images.areas import Place
from enhance_gui.ui.faces.locate import CropFinder
from tests.ui.compare.parts import wait_until

pytestmark = pytest.mark.usefixtures("qapp")

PICTURE = Path("picture.png")


class Searching:
    """Finds the crops it was told, at the latest when it may; remembers what it was asked."""

    def __init__(self, **places: Place) -> None:
        self.may_go_on = threading.Event()
        self.asked: list[str] = []
        self.threads: set[int] = set()
        self._places = places

    def __call__(self, picture: Path, crop: Path) -> Place | None:
        self.asked.append(crop.stem)
        self.threads.add(threading.get_ident())
        assert self.may_go_on.wait(60)
        return self._places.get(crop.stem)

    def has_begun(self, count: int) -> bool:
        return len(self.asked) == count


def finder(search: Searching) -> tuple[CropFinder, list[tuple[int, QRectF | None]]]:
    made = CropFinder(search)
    received: list[tuple[int, QRectF | None]] = []
    made.found.connect(lambda number, place: received.append((number, place)))
    made.missed.connect(lambda number: received.append((number, None)))
    return made, received


def test_a_crop_is_found_off_the_ui_thread_and_remembered() -> None:
    search = Searching(face=Place(0.1, 0.2, 0.3, 0.4))
    search.may_go_on.set()
    made, received = finder(search)
    made.find(1, PICTURE, Path("face.png"))
    wait_until(lambda: bool(received))
    made.find(1, PICTURE, Path("face.png"))
    assert received == [(1, QRectF(0.1, 0.2, 0.3, 0.4))] * 2
    assert search.asked == ["face"]
    assert threading.get_ident() not in search.threads


def test_a_crop_that_is_not_there_is_told() -> None:
    search = Searching()
    search.may_go_on.set()
    made, received = finder(search)
    made.find(4, PICTURE, Path("other.png"))
    wait_until(lambda: bool(received))
    assert received == [(4, None)]


def test_only_the_last_one_asked_for_is_answered() -> None:
    search = Searching(
        one=Place(0, 0, 0.1, 0.1), two=Place(0, 0, 0.2, 0.2), three=Place(0, 0, 0.3, 0.3)
    )
    made, received = finder(search)
    for number, name in enumerate(("one", "two", "three"), start=1):
        made.find(number, PICTURE, Path(f"{name}.png"))
    search.may_go_on.set()
    wait_until(lambda: bool(received))
    assert received == [(3, QRectF(0, 0, 0.3, 0.3))]


def test_what_is_not_wanted_any_more_when_its_turn_comes_is_not_looked_for() -> None:
    pool = QThreadPool.globalInstance()
    assert pool.waitForDone(60_000)  # what other tests have begun
    threads = pool.maxThreadCount()
    search = Searching()
    made, received = finder(search)
    for number in range(threads + 5):
        made.find(number, PICTURE, Path(f"{number}.png"))
        if number < threads:  # each of these has begun before the next is wanted
            wait_until(partial(search.has_begun, number + 1))
    search.may_go_on.set()
    wait_until(lambda: bool(received))
    assert received == [(threads + 4, None)]
    assert len(search.asked) == threads + 1


def test_after_a_stop_nothing_is_answered() -> None:
    search = Searching(face=Place(0, 0, 1, 1))
    made, received = finder(search)
    made.find(1, PICTURE, Path("face.png"))
    wait_until(lambda: bool(search.asked))
    made.stop()
    search.may_go_on.set()
    made.find(2, PICTURE, Path("nothing.png"))
    wait_until(lambda: bool(received))
    assert received == [(2, None)]
