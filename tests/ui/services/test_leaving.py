"""Nothing that is not saved is lost by leaving the services, and no end is held up by it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from enhance_gui.application import Program
from enhance_gui.core.secret import Secret
from enhance_gui.core.supervisor import TaskSupervisor
from enhance_gui.jobs.services.credentials import TokenLocation
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.system.instance_lock import InstanceLock
from enhance_gui.ui.services.services_window import ServicesWindow
from enhance_gui.ui.startup import desktop_requests
from enhance_gui.ui.startup.qt_application import Application
from enhance_gui.ui.window.main_window import MainWindow
from tests.support.keyrings.secret_service import needs_secret_service, secret_service
from tests.ui.conftest import Run, Wait
from tests.ui.services.parts import (
    TOKEN,
    Page,
    page_with_keyring,
    services_page,
    services_window,
)
from tests.ui.window.open_window import STUDIO


def test_the_program_does_not_end_over_unsaved_changes(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            main, question = page.opened.window, page.window.question
            closed: list[bool] = []
            main.closing.connect(lambda: closed.append(True))
            page.line("max_in_flight").setText("4")
            main.close()
            assert main.isVisible()
            assert question.isVisible()
            assert [button.text() for button in question.buttons] == [
                "Save",
                "Discard",
                "Keep editing",
            ]
            page.answer("Keep editing")
            assert page.line("max_in_flight").text() == "4"
            assert closed == []
            assert not main.close_wanted
            main.close()
            page.answer("Save")
            await until(lambda: closed, "it ends")
            assert "max_in_flight = 4" in page.text_of()

    arun(job())


def test_what_is_thrown_away_holds_nothing_up(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            before = page.text_of()
            page.line("max_in_flight").setText("4")
            page.opened.window.close()
            page.answer("Discard")
            await until(lambda: page.opened.window.close_wanted, "it ends")
            assert page.text_of() == before

    arun(job())


def test_what_cannot_be_saved_is_not_offered_to_be_saved(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.line("max_in_flight").setText("many")
            page.window.close_button.click()
            said = [button.text() for button in page.window.question.buttons]
            assert said == ["Discard", "Keep editing"]
            assert "first put right" in page.window.question._detail.text()

    arun(job())


def test_another_service_is_shown_after_saving(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.line("max_in_flight").setText("4")
            page.window.list.setCurrentRow(0)
            page.answer("Save")
            await until(page.window.local_page.isVisible, "the other one")
            assert "max_in_flight = 4" in page.text_of()

    arun(job())


def test_a_token_that_cannot_be_kept_keeps_the_program_from_ending_silently(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.editor.token.line.setText(TOKEN)
            page.opened.window.close()
            page.answer("Save")
            await until(lambda: "until you quit" in page.token_trouble, "it is said")
            await until(lambda: "For this run only" in page.token_status, "it holds")
            assert page.opened.window.isVisible()
            page.opened.window.close()  # now the user knows
            assert page.opened.window.close_wanted

    arun(job())


@needs_secret_service
def test_the_program_ends_only_after_a_token_is_kept(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def job() -> None:
        async with page_with_keyring(tmp_path, until) as page:
            reported: list[TokenLocation] = []
            at_end: list[list[TokenLocation]] = []
            window, tokens = page.opened.window, page.opened.tokens
            page.opened.services.token_reported.connect(lambda _, place: reported.append(place))
            window.closing.connect(lambda: at_end.append(list(reported)))
            page.window.editor.token.line.setText(TOKEN)
            window.close()
            page.answer("Save")
            await until(lambda: at_end, "it ends")
            assert at_end[0][-1] is TokenLocation.KEPT
            assert await tokens.get(STUDIO) == Secret(TOKEN)

    with secret_service(monkeypatch, tmp_path / "session") as keyring:
        keyring.start()
        arun(job())


def _quit_event() -> None:
    application = QApplication.instance()
    assert application is not None
    QApplication.sendEvent(application, QEvent(QEvent.Type.Quit))


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@asynccontextmanager
async def whole_program() -> AsyncIterator[tuple[Program, asyncio.Task[int]]]:
    """Run the program until it ends by itself."""
    folders = user_folders()
    crashes: list[BaseException] = []
    owner = TaskSupervisor(crashes.append)
    with InstanceLock(folders.data) as lock:
        application = cast(Application, Application.instance())
        program = Program(application, MainWindow(), folders, lock, [], None)
        ended = owner.start(program.run(), "program")
        await asyncio.sleep(0)
        yield program, ended
        await asyncio.wait_for(ended, 30)
        await owner.close()
    assert crashes == []
    assert ended.result() == 0


async def half_typed(program: Program, until: Wait) -> ServicesWindow:
    """Change something in the services' window that is not saved."""
    window = services_window(program.window)
    await until(window.new_page.isVisible, "the services")
    window.new_page.template.click()
    window.editor.fields["base_url"].box.setProperty("text", "https://a.example")
    return window


@pytest.mark.parametrize(
    "end",
    [
        _quit_event,
        pytest.param(
            _terminate,
            marks=pytest.mark.skipif(sys.platform == "win32", reason="ends the tests at once"),
        ),
    ],
)
def test_the_end_of_the_session_waits_for_no_answer(
    arun: Run, until: Wait, tmp_path: Path, end: Callable[[], None]
) -> None:
    async def job() -> None:
        async with whole_program() as (program, _):
            window = await half_typed(program, until)
            program.window.close()
            assert window.question.isVisible()
            end()

    arun(job())


def test_where_a_person_quits_the_application_what_is_not_saved_is_asked_about(
    arun: Run, until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop_requests, "FROM_USER", True)  # as by the Dock of macOS

    async def job() -> None:
        async with whole_program() as (program, ended):
            window = await half_typed(program, until)
            _quit_event()
            assert window.question.isVisible()
            _answer(window, "Keep editing")
            assert program.window.isVisible()
            assert not ended.done()
            _quit_event()
            _answer(window, "Discard")

    arun(job())


def test_where_a_person_quits_the_application_it_ends_when_all_is_saved(
    arun: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop_requests, "FROM_USER", True)

    async def job() -> None:
        async with whole_program() as (program, _):
            program.window.hide()  # the application may have no window on the screen
            _quit_event()

    arun(job())


# -- the form that connects a service ---------------------------------------------------------


def _answer(window: ServicesWindow, words: str) -> None:
    answers = {button.text(): button for button in window.question.buttons}
    assert window.question.isVisible(), "nothing is asked"
    answers[words].click()


def _type(page: Page, address: str = "https://lab.example.org", token: str = "") -> None:
    """Half fill in the form."""
    page.window.show_new()
    page.window.new_page.form.address.setText(address)
    page.window.new_page.form.token.setText(token)


def _leave_by_the_list(page: Page) -> None:
    page.window.list.setCurrentRow(0)


def _leave_by_the_template(page: Page) -> None:
    page.window.new_page.template.click()


def _leave_by_beginning_empty(page: Page) -> None:
    page.window.new_page.empty.click()


def _leave_by_closing(page: Page) -> None:
    page.window.close()


def _leave_by_ending(page: Page) -> None:
    page.opened.window.close()


EXITS = [
    _leave_by_the_list,
    _leave_by_the_template,
    _leave_by_beginning_empty,
    _leave_by_closing,
    _leave_by_ending,
]


@pytest.mark.parametrize("leave", EXITS)
def test_a_half_typed_form_is_asked_about_and_kept_if_the_user_stays(
    arun: Run, until: Wait, tmp_path: Path, leave: Callable[[Page], None]
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            _type(page, address="", token=TOKEN)
            leave(page)
            said = [button.text() for button in page.window.question.buttons]
            assert said == ["Discard", "Keep editing"], "an address is missing"
            page.answer("Keep editing")
            form = page.window.new_page.form
            assert form.isVisible()
            assert form.token.text() == TOKEN
            assert page.opened.window.isVisible()

    arun(job())


@pytest.mark.parametrize("leave", EXITS)
def test_a_half_typed_form_that_is_thrown_away_is_empty_and_asks_no_more(
    arun: Run, until: Wait, tmp_path: Path, leave: Callable[[Page], None]
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            form = page.window.new_page.form
            _type(page, token=TOKEN)
            leave(page)
            page.answer("Discard")
            assert (form.address.text(), form.token.text()) == ("", "")
            assert not form.is_changed
            assert not page.window.question.isVisible()
            assert page.opened.window.close_wanted == (leave is _leave_by_ending)

    arun(job())


def test_a_form_that_holds_nothing_is_left_without_a_question(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.show_new()
            page.window.new_page.form.server.click()
            page.window.close()
            assert not page.window.isVisible()

    arun(job())


def test_a_service_is_connected_before_its_form_is_left(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            _type(page)
            page.window.list.setCurrentRow(0)
            page.answer("Connect")
            await until(page.window.local_page.isVisible, "the page that was wanted")
            assert "lab.example.org" in page.names()
            assert page.opened.choices.profile.name == "lab.example.org"

    arun(job())


def test_the_program_ends_after_the_form_is_connected_and_its_token_is_told_of(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            _type(page, token=TOKEN)
            page.opened.window.close()
            page.answer("Connect")
            await until(lambda: "until you quit" in page.token_trouble, "it is said")
            await until(lambda: "For this run only" in page.token_status, "it holds")
            assert page.opened.window.isVisible()
            assert page.entry.name == "lab.example.org"
            page.opened.window.close()  # now the user knows
            assert page.opened.window.close_wanted

    arun(job())


def test_a_form_that_cannot_be_connected_is_not_left(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            form = page.window.new_page.form
            _type(page)
            form.name.setText("Studio")  # there is one of this name
            page.window.list.setCurrentRow(0)
            page.answer("Connect")
            await until(form.verdict.isVisible, "why not")
            assert form.isVisible()
            form.name.setText("Lab")
            form.use.click()  # later, by itself: it leads nowhere else any more
            sides = page.opened.window.side_windows
            await until(lambda: not sides.is_open("services"), "it is connected")

    arun(job())


def test_what_goes_on_in_the_editor_is_not_asked_about_twice(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            _type(page, token=TOKEN)
            page.window.new_page.form.more.click()
            assert not page.window.question.isVisible()
            assert page.window.editor.token.line.text() == TOKEN
            page.window.close()
            page.answer("Discard")
            assert not page.window.isVisible()

    arun(job())
