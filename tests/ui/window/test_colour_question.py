"""Colour photographs are asked about before they are colourised."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from PIL import Image

from enhance_gui.service.engine import ENHANCE_TYPES
from enhance_gui.service.engine.catalogue import COLORIZE
from enhance_gui.ui.widgets import decoding
from tests.service.engine.photographs import photograph
from tests.ui.conftest import Run, Wait
from tests.ui.window.open_window import Opened, open_window

(COLORIZE_TYPE,) = (each for each in ENHANCE_TYPES if each.id == COLORIZE)


def photographs(folder: Path) -> list[str]:
    """Write one in colour, one in grey, one more in colour."""
    made = []
    for name in ("astronaut", "camera", "hopper"):
        Image.fromarray(photograph(name)).save(folder / f"{name}.jpg")
        made.append(str(folder / f"{name}.jpg"))
    return made


def colorize(opened: Opened) -> None:
    opened.choices.choose_type(COLORIZE)


async def _drafts(opened: Opened, inputs: list[str], until: Wait) -> None:
    opened.window.intake.add(inputs)
    await until(lambda: len(opened.queue.tasks) == len(inputs), "drafts")
    for task_id in list(opened.queue.tasks):
        opened.queue.check(task_id)


def test_they_wait_for_a_word_although_new_pictures_start_at_once(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            strip, queue = opened.window.review, opened.queue
            colorize(opened)
            await _drafts(opened, photographs(tmp_path), until)
            await until(lambda: strip.shown.coloured == (1, 3), "two are asked about")
            await until(lambda: queue.asked == [("start", 2)], "the grey one starts")
            assert strip.isVisible()
            assert "have colours already, which would be replaced" in strip.accessibleDescription()
            strip.start()
            assert queue.asked == [("start", 2)]
            strip.start_wanted.emit(list(strip.shown.coloured))
            await until(lambda: len(queue.asked) == 3, "they are sent on the user's word")

    arun(job())


def test_they_are_not_among_what_one_click_starts(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            strip, queue = opened.window.review, opened.queue
            opened.choices.choose_start_at_once(False)
            colorize(opened)
            ready: list[tuple[int, ...]] = []
            opened.bridge.review_changed.connect(lambda review: ready.append(review.usable))
            await _drafts(opened, photographs(tmp_path), until)
            await until(lambda: not strip.shown.checking, "all are looked at")
            assert strip.shown.usable == (2,)
            assert strip.shown.coloured == (1, 3)
            assert set(ready) <= {(), (2,)}, "none was ever offered before it was looked at"
            assert "have colours already" in strip.accessibleDescription()
            strip.start()
            await until(lambda: queue.asked == [("start", 2)], "the grey one starts")
            strip.remove_wanted.emit([1, 3])
            await until(lambda: not strip.shown.coloured, "they are taken back")

    arun(job())


def test_other_types_ask_nothing(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            await _drafts(opened, photographs(tmp_path), until)
            await until(lambda: len(opened.queue.asked) == 3, "all start")
            assert opened.window.review.shown.coloured == ()

    arun(job())


def test_drafts_of_an_earlier_run_are_asked_about_too(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            opened.choices.choose_start_at_once(False)
            colorize(opened)
            await _drafts(opened, photographs(tmp_path), until)
            history = [replace(task) for task in opened.queue.tasks.values()]
        async with open_window(tmp_path, service="This computer", history=history) as opened:
            strip = opened.window.review
            await until(lambda: strip.shown.coloured == (1, 3), "two are asked about")
            assert strip.shown.usable == (2,)

    arun(job())


def test_a_file_that_has_brought_the_program_down_is_not_decoded_for_it(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            colorize(opened)
            await _drafts(opened, photographs(tmp_path)[:1], until)
            await until(lambda: opened.queue.asked == [("start", 1)], "it starts unseen")
            assert opened.window.review.shown.coloured == ()

    before = decoding._marks
    decoding.mark_pictures(_AllAside())
    try:
        arun(job())
    finally:
        decoding.mark_pictures(before)


class _AllAside:
    """Marks after ends of the program under every picture."""

    def is_aside(self, name: str) -> bool:
        return True

    def at_work(self, name: str) -> AbstractContextManager[None]:
        raise AssertionError(f"{name} is decoded")
