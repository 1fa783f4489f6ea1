"""The notice stays readable whatever the window shows next."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PySide6.QtWidgets import QPushButton

from enhance_gui.core.tasks.states import TaskState
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task
from tests.ui.window.open_window import open_window


def test_nothing_that_is_shown_later_covers_the_notice(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            pages, toast = opened.window.pages, opened.window.toast
            opened.window.intake.add(["https://example.org/a.png", "https://example.org/b.png"])
            await until(lambda: len(opened.queue.tasks) == 2, "drafts")
            opened.queue.put(1, TaskState.SAVED)
            await until(lambda: pages.model.count == 2, "they are listed")
            pages.open(1)
            bar = pages.gallery.selection
            toast.offer("2 are saved.", "Open folder", lambda: None)

            def in_front() -> bool:
                return all(
                    pages.childAt(each.mapTo(pages, each.rect().center())) is each
                    for each in toast.findChildren(QPushButton)
                    if each.isVisible()
                )

            assert in_front()
            low = toast.geometry().bottom()
            pages.show_list()
            await until(bar.isVisible, "the picture is selected in the list")
            top = bar.rect().topLeft()
            await until(
                lambda: toast.geometry().bottom() < bar.mapTo(pages, top).y(), "it makes room"
            )
            assert in_front()
            pages.open(1)
            assert in_front()
            assert toast.geometry().bottom() == low

    arun(job())


def test_the_controls_below_a_picture_stay_free(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        picture = tmp_path / "a.png"
        Image.new("RGB", (80, 60)).save(picture)
        history = [task(1, TaskState.SAVED, files=(picture,))]
        async with open_window(tmp_path, history=history) as opened:
            pages, toast = opened.window.pages, opened.window.toast
            pages.open(1)
            below = pages.result_page.below
            await until(lambda: below.height() > 20, "the controls")
            toast.show_message("Saved.")
            place = below.mapTo(pages, below.rect().topLeft()).y()
            await until(lambda: toast.geometry().bottom() < place, "it stands above them")

    arun(job())


def test_no_notice_answers_a_question_and_what_came_meanwhile_is_shown_in_its_order(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            toast, deeds = opened.window.toast, list[str]()

            def agree() -> None:
                deeds.append("sent")
                toast.show_message("It is sent again.")

            toast.ask("Send it again?", "Send again", agree, "Cancel")
            for text in ("Too old.", "Removed from the list.", "Copied.", "Saved."):
                toast.show_message(text)
            assert toast.text == "Send it again?"
            toast.withdraw("Removed from the list.")
            assert toast.text == "Send it again?", "that is another matter"
            (yes,) = (each for each in toast.findChildren(QPushButton) if each.text() != "Cancel")
            yes.click()
            assert deeds == ["sent"]
            seen = [toast.text]
            while seen[-1] != "Saved.":
                toast.dismiss()
                await until(lambda: toast.text, "the next one")
                seen.append(toast.text)
            assert seen == ["It is sent again.", "Copied.", "Saved."]
            toast.withdraw("Saved.")
            assert toast.text == ""

    arun(job())


def test_what_is_brought_back_takes_its_own_notice_along_and_no_question(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path, history=[task(1, TaskState.SAVED)]) as opened:
            toast = opened.window.toast
            opened.bridge.remove([1])
            await until(lambda: toast.text.startswith("Removed"), "it is removed")
            toast.ask("Send it again?", "Send again", lambda: None, "Cancel")
            opened.window.commands["undo"].trigger()
            await until(lambda: opened.window.pages.model.count == 1, "it is back")
            assert (toast.text, toast.asks) == ("Send it again?", True)

    arun(job())


def test_a_sentence_waits_until_an_offer_has_had_its_time_and_another_offer_does_not(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            toast = opened.window.toast
            toast.show_message("Copied.")
            toast.offer("120 pictures begin.", "Cancel them", lambda: None)
            toast.show_message("A link led nowhere.")
            assert toast.text == "120 pictures begin."
            toast.offer("Removed from the list.", "Undo", lambda: None)
            assert toast.text == "Removed from the list."
            toast.dismiss()
            await until(lambda: toast.text == "A link led nowhere.", "its turn comes")
            toast.show_message("Saved.")
            assert toast.text == "Saved.", "sentences do not wait for each other"

    arun(job())
