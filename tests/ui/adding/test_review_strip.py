"""Before anything is sent: what the checks found is shown, and the user starts it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from enhance_gui.core.images.picture import PictureHeader
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.i18n import tr
from enhance_gui.ui.adding.review_strip import ReviewStrip, TypeOffer
from enhance_gui.ui.bridges import review_bridge
from enhance_gui.ui.gallery.actions import TaskAction
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.gallery.review import Review
from tests.ui.conftest import Run, Wait
from tests.ui.window.open_window import open_window

A, B, C = (f"https://example.org/{name}.png" for name in "abc")
SMALL = Failure("picture_too_small", "it has 3 × 3 pixels; the service needs at least 64 a side")


def test_nothing_is_sent_to_a_paid_service_before_the_user_starts_it(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            strip, queue = opened.window.review, opened.queue
            queue.repeated.add(B)
            opened.window.intake.add([A, B, C])
            await until(lambda: len(queue.tasks) == 3, "three drafts")
            queue.check(1, "https://cdn.example.org/a.png")
            queue.check(2)
            queue.refuse(3, SMALL)
            await until(lambda: strip.shown.repeated == (2,), "the repeat is found")
            assert strip.isVisible()
            assert strip.accessibleDescription() == (
                "1 picture · Enhance · 2 credits. 1 moved to another address · "
                "nothing has been sent yet. "
                "“b.png” was ordered before with this type. "
                "“c.png”: The picture is too small for the service."
            )
            assert queue.asked == []
            strip.start()
            await until(lambda: queue.tasks[1].state is TaskState.QUEUED, "it is started")
            assert queue.asked == [("start", 1)]

    arun(job())


def test_what_was_enhanced_before_is_sent_again_only_on_demand(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            strip, queue = opened.window.review, opened.queue
            queue.repeated.add(B)
            opened.window.intake.add([A, B])
            await until(lambda: len(queue.tasks) == 2, "two drafts")
            queue.check(1)
            queue.check(2)
            await until(lambda: queue.asked, "one starts at once")
            await until(strip.isVisible, "the strip asks")
            assert queue.asked == [("start", 1)]
            assert strip.shown.repeated == (2,)
            (matter,) = strip.matters.shown
            assert matter.text == "“b.png” was enhanced before with this type"
            assert tr("Enhance them once more; it costs nothing") in {
                each.toolTip() for each in lines(strip)
            }
            # What it names is a verb that the list has.
            assert f"“{tr(TaskAction.RETRY.value.text)}” on it" in strip.accessibleDescription()
            assert TaskAction.RETRY.value.listed
            strip.start()
            assert queue.asked == [("start", 1)]
            strip.start_wanted.emit([2])
            await until(lambda: len(queue.asked) == 2, "the repeat is started")

    arun(job())


def test_each_matter_has_a_line_that_names_its_pictures_and_shows_them(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            window, queue = opened.window, opened.queue
            strip = window.review
            opened.window.intake.add([A, B, C, *(f"https://x.example/{n}.png" for n in range(3))])
            await until(lambda: len(queue.tasks) == 6, "six drafts")
            queue.repeated.add(A)
            queue.check(1)
            queue.check(2)
            queue.refuse(3, SMALL)
            for number in (4, 5, 6):
                queue.refuse(number, Failure("picture_unreachable", "HTTP 404"))
            await until(lambda: not strip.shown.checking, "all are checked")
            await until(lambda: strip.shown.repeated == (1,), "the repeat is found")
            assert [each.text for each in strip.matters.shown] == [
                "“a.png” was ordered before with this type",
                "“c.png”: The picture is too small for the service",
                "“0.png”, “1.png”, 1 more: The picture cannot be fetched",
            ]
            window.pages.show_list()
            await until(lambda: len(lines(strip)) == 4, "a button each, and one to send")
            pressed(strip, "Show them")
            assert window.pages.gallery.view.selected() == [6, 5, 4]
            pressed(strip, "Enhance again")
            await until(lambda: ("start", 1) in queue.asked, "it is sent on the user's word")
            window.pages.open(3)
            await until(lambda: len(lines(strip)) == 1, "only what is about that picture")
            window.pages.show_list()
            opened.bridge.tasks.remove([queue.tasks[each] for each in (3, 4, 5, 6)])
            await until(lambda: not strip.matters.isVisible(), "what is over is gone")
            assert "Remove the picture" in {each.text() for each in visible_buttons(strip)}

    arun(job())


def visible_buttons(strip: ReviewStrip) -> list[QPushButton]:
    return [each for each in strip.findChildren(QPushButton) if each.isVisible()]


def lines(strip: ReviewStrip) -> list[QPushButton]:
    found = strip.matters.findChildren(QPushButton)
    return [each for each in found if each.isVisible()]


def pressed(strip: ReviewStrip, text: str) -> None:
    next(each for each in lines(strip) if each.text() == text).click()


def test_a_check_that_is_told_twice_starts_a_picture_once(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            opened.window.intake.add([A])
            await until(lambda: opened.queue.tasks, "a draft")
            opened.queue.check(1)
            opened.queue.check(1)
            await until(lambda: opened.queue.asked, "it starts")
            assert opened.queue.asked == [("start", 1)]
            assert opened.window.toast.text == ""

    arun(job())


def test_drafts_of_an_earlier_run_are_shown_and_not_sent(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            opened.choices.choose_start_at_once(False)
            opened.window.intake.add([A])
            await until(lambda: opened.queue.tasks, "a draft")
            opened.queue.check(1)
            history = list(opened.queue.tasks.values())
        async with open_window(tmp_path, service="This computer", history=history) as opened:
            await until(opened.window.review.isVisible, "the strip asks")
            assert opened.window.review.shown.usable == (1,)
            assert opened.queue.asked == []
            assert opened.window.pages.model.counts[Group.WAITING] == 1

    arun(job())


def test_the_switch_is_kept_for_the_service(arun: Run, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            assert not opened.window.review.at_once.isChecked()
            opened.window.review.at_once.click()
            assert "Studio" in opened.kept[-1].start_at_once
            opened.choices.choose_service("This computer")
            assert opened.window.review.at_once.isChecked()

    arun(job())


def test_what_is_slow_on_this_computer_waits_until_the_user_knows_how_long_it_takes(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            strip, queue = opened.window.review, opened.queue
            read: list[int] = []

            def seconds_a_megapixel(type_id: int) -> float:
                read.append(type_id)
                return 1e5

            opened.choices.seconds_a_megapixel = seconds_a_megapixel
            opened.window.intake.add([A, B])
            await until(lambda: len(queue.tasks) == 2, "drafts")
            queue.check(1)
            queue.check(2)
            await until(lambda: strip.shown.usable == (1, 2), "they are ready")
            assert "on this computer" in strip.accessibleDescription()
            assert queue.asked == []
            read.clear()
            opened.window.bridge.review_changed.emit(strip.shown)
            assert read == [2], "from the disk, once a type"
            strip.start()
            await until(lambda: queue.asked == [("start", 1), ("start", 2)], "they are started")

    arun(job())


ANIMATION = PictureHeader("gif", 100, 80, frames=12)
WITH_MAP = PictureHeader("jpg", 100, 80, extras=frozenset({"gain_map"}))


def test_what_is_left_out_or_converted_is_said_before_it_is_sent(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            strip, queue = opened.window.review, opened.queue
            opened.window.intake.add([A])
            await until(lambda: queue.tasks, "a draft")
            queue.check(1, header=ANIMATION, sent_as="png")
            await until(lambda: strip.shown.usable, "it is checked")
            assert strip.accessibleDescription() == (
                "1 picture · Enhance · 2 credits. Only the first of 12 frames is enhanced · it is "
                "converted to PNG for the service · nothing has been sent yet."
            )

    arun(job())


def test_of_many_pictures_each_matter_is_said_once(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            strip, queue = opened.window.review, opened.queue
            opened.window.intake.add([A, B, C])
            await until(lambda: len(queue.tasks) == 3, "three drafts")
            queue.check(1, header=ANIMATION)
            queue.check(2, header=WITH_MAP, sent_as="png")
            queue.check(3, header=WITH_MAP)
            await until(lambda: len(strip.shown.usable) == 3, "all are checked")
            assert strip.shown.notes == (
                "of 1 animation only the first frame is enhanced",
                "the HDR gain maps of 2 pictures are not carried over",
                "1 is converted to PNG for the service",
            )

    arun(job())


def test_of_pictures_that_start_at_once_it_is_said_in_one_notice(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_bridge, "NOTES_MS", 100)

    async def job() -> None:
        async with open_window(tmp_path, service="This computer") as opened:
            queue, messages = opened.queue, list[str]()
            opened.bridge.message.connect(messages.append)
            opened.window.intake.add([A, B])
            await until(lambda: len(queue.tasks) == 2, "two drafts")
            queue.check(1, header=ANIMATION)
            queue.check(2, header=ANIMATION)
            await until(lambda: messages, "a notice")
            assert queue.asked == [("start", 1), ("start", 2)]
            assert messages == ["Of 2 animations only the first frame is enhanced."]

    arun(job())


def test_what_a_screen_reader_says_of_files_for_a_web_service_ends_in_one_full_stop(
    qapp: QApplication,
) -> None:
    strip = ReviewStrip()
    strip.show_review(Review(refused=(1,), local=(1,)), [], [], TypeOffer())
    assert strip.accessibleDescription().startswith("1 picture cannot be used. ")
    assert re.search(r"[^.]\.$", strip.accessibleDescription())
