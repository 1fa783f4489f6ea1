"""A file for a service that takes addresses only: said before anything is sent, with ways out."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.enhance_types import EnhanceType
from enhance_gui.core.services.profile import LOCAL_SERVICE_NAME, ServiceProfile
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import empty_entry, save_entry
from enhance_gui.storage.settings.preferences_file import write_preferences
from enhance_gui.ui.adding.review_strip import ReviewStrip
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.ui.conftest import Run, Wait
from tests.ui.running import program
from tests.ui.window.open_window import open_window

REFUSED = Failure("local_file_not_possible", "“Studio” does not accept files")


def test_the_strip_names_both_ways_out_and_offers_the_one_that_is_here(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(picture_bytes())

    async def job() -> None:
        async with open_window(tmp_path) as opened:
            strip, queue = opened.window.review, opened.queue
            opened.window.intake.add([str(picture), "https://example.org/a.png"])
            await until(lambda: len(queue.tasks) == 2, "drafts")
            queue.refuse(1, REFUSED)
            queue.check(2)
            await until(lambda: strip.shown.local == (1,), "it is refused")
            queue.put(2, TaskState.CANCELLED)
            await until(lambda: not strip.shown.usable, "only that is left")
            said = strip.accessibleDescription()
            assert "takes addresses only" in said
            assert "Use “This computer”" in said
            assert "where the service can fetch it" in said
            (here,) = buttons(strip, "Use this computer")
            assert here.isVisible()
            here.click()
            await until(lambda: len(queue.tasks) == 3, "it is added anew")
            again = queue.tasks[3]
            assert (again.input, again.service) == (str(picture), LOCAL_SERVICE_NAME)
            await until(lambda: not buttons(strip, "Use this computer"), "it is gone")
            assert opened.choices.profile.name == "Studio"

    arun(job())


def buttons(strip: ReviewStrip, text: str) -> list[QPushButton]:
    found = strip.matters.findChildren(QPushButton)
    return [each for each in found if each.text() == text and each.isVisible()]


def test_nothing_of_a_local_file_reaches_a_service_that_takes_addresses_only(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(picture_bytes())

    async def job() -> None:
        async with Provider() as provider:
            folders = user_folders()
            profile = ServiceProfile(
                "Studio", provider.base_url, enhance_types=(EnhanceType(1, "Enhance"),)
            )
            save_entry(empty_entry(), profile, folders.profiles)
            write_preferences(
                folders.preferences,
                Preferences(service="Studio", welcomed=True, start_at_once=("Studio",)),
            )
            async with program() as window:
                window.side_windows.service_bridge._tokens.keep_for_this_run(
                    profile, Secret("t0ken")
                )
                window.intake.add([str(picture)])
                await until(window.review.isVisible, "the strip")
                await until(lambda: window.review.shown.local, "it is refused")
                await asyncio.sleep(0.1)
            assert provider.requests == []

    arun(job())
