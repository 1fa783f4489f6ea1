"""A token given for this run: what waited for it goes on, and checks never wait for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest
import shiboken6
from PySide6.QtWidgets import QPushButton

from enhance_gui.core.errors import TokenMissing
from enhance_gui.core.secret import Secret
from enhance_gui.core.tasks.states import TaskState
from enhance_gui.core.tasks.task import Failure
from enhance_gui.core.text.explanations import PAUSED
from enhance_gui.jobs.events import ServiceStatus, ServiceStatusChanged
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import list_entries
from enhance_gui.storage.settings.preferences_file import read_preferences, write_preferences
from enhance_gui.ui.gallery.item import Group
from enhance_gui.ui.services.token_dialog import TokenDialog
from enhance_gui.ui.services.token_part import TokenPart
from enhance_gui.ui.window.main_window import MainWindow
from tests.scenarios.running import profile_of
from tests.support.keyrings.secret_service import without_session_bus
from tests.support.program import write_profile
from tests.support.provider import Provider
from tests.ui.conftest import Run, Wait
from tests.ui.gallery.parts import task
from tests.ui.running import program
from tests.ui.services.parts import services_page, services_window
from tests.ui.window.open_window import STUDIO, Opened, open_window

TOKEN = "c4n4ry-of-the-card"
ENTER, AGAIN = "Enter token for this session…", "Try again"


def cards(window: MainWindow) -> dict[str, QPushButton]:
    found = window.attention.findChildren(QPushButton)
    return {each.text(): each for each in found if each.isVisible()}


def states(window: MainWindow) -> list[TaskState]:
    return [each.task.state for each in window.bridge.items.values()]


def is_known(opened: Opened, kind: str) -> bool:
    lines = opened.bridge.lines.values()
    return kind in {each.failure.kind for each in lines if each.failure is not None}


def give_token(window: MainWindow) -> None:
    cards(window)[ENTER].click()
    dialog = window.side_windows.shown("token of Studio")
    assert isinstance(dialog, TokenDialog)
    dialog.line.setText(f" {TOKEN} ")
    dialog.use.click()
    assert dialog.line.text() == ""


class OpenProgram(Protocol):
    """Opens the program; yields its window, and the provider that new pictures go to."""

    def __call__(
        self, *, at_once: bool = True
    ) -> AbstractAsyncContextManager[tuple[MainWindow, Provider]]: ...


@pytest.fixture
def without_manager(until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenProgram:
    """Have new pictures go to a provider whose token no password manager can give."""

    @asynccontextmanager
    async def opened(*, at_once: bool = True) -> AsyncIterator[tuple[MainWindow, Provider]]:
        async with Provider() as provider:
            without_session_bus(monkeypatch, tmp_path)
            folders = user_folders()
            folders.profiles.mkdir(parents=True, exist_ok=True)
            write_profile(folders.profiles / "studio.toml", profile_of(provider, needs_token=True))
            preferences = read_preferences(folders.preferences)
            chosen = preferences.with_start_at_once("Studio", wanted=at_once)
            write_preferences(folders.preferences, replace(chosen, service="Studio"))
            async with program() as window:
                await until(lambda: window.bridge.is_attached, "the history is there")
                yield window, provider

    return opened


async def save_two(window: MainWindow, provider: Provider, until: Wait) -> None:
    """Have two pictures wait for the token, give it, and wait until both are saved."""
    window.intake.add(provider.pictures("ab"))
    await until(lambda: ENTER in cards(window), "the card")
    await until(lambda: window.pages.model.counts[Group.NEEDS_YOU] == 2, "both wait for it")
    give_token(window)
    await until(lambda: states(window) == [TaskState.SAVED] * 2, "both are saved")


async def add_two_that_need_a_token(window: MainWindow, provider: Provider, until: Wait) -> None:
    """Add two pictures more: the program asks for a token, and sends nothing."""
    window.intake.add(provider.pictures("cd"))
    await until(lambda: window.pages.model.counts[Group.NEEDS_YOU] == 2, "it asks once more")
    assert len(provider.seen("/createtask")) == 2


def test_what_waits_for_a_token_goes_on_once_it_is_given_and_the_card_goes(
    arun: Run, until: Wait, without_manager: OpenProgram
) -> None:
    async def job() -> None:
        async with without_manager() as (window, provider):
            window.intake.add(provider.pictures("ab"))
            await until(lambda: ENTER in cards(window), "the card")
            assert AGAIN in cards(window)
            assert "Continue" not in cards(window)
            await until(lambda: window.pages.model.counts[Group.NEEDS_YOU] == 2, "both are counted")
            window.toast.dismiss()
            cards(window)[AGAIN].click()
            await until(lambda: "password manager" in window.toast.text, "that it is so still")
            assert provider.charged == []
            give_token(window)
            await until(lambda: states(window) == [TaskState.SAVED] * 2, "both are saved")
            assert not window.attention.isVisible()
            state = window.bridge.lines["Studio"]
            assert (state.state, state.failure) == (ServiceStatus.READY, None)
            window.intake.add(provider.pictures("c"))
            await until(lambda: states(window) == [TaskState.SAVED] * 3, "the next one too")

    arun(job())


def test_what_had_no_token_goes_on_with_what_has_one(
    arun: Run, until: Wait, without_manager: OpenProgram
) -> None:
    """The token is given while the second picture is about to be sent."""

    async def job() -> None:
        async with without_manager() as (window, provider):
            window.intake.add(provider.pictures("ab"))
            await until(lambda: ENTER in cards(window), "the card for the first one")
            give_token(window)
            await until(lambda: states(window) == [TaskState.SAVED] * 2, "both are saved")
            assert len(provider.charged) == 2

    arun(job())


@pytest.mark.parametrize("failure", [None, Failure(PAUSED, "you paused sending")])
def test_what_had_no_token_goes_on_once_its_service_has_one(
    arun: Run, until: Wait, tmp_path: Path, failure: Failure | None
) -> None:
    async def job() -> None:
        missing = Failure(TokenMissing.kind, "none is set")
        waiting = task(1, TaskState.QUEUED, failure=missing)
        async with open_window(tmp_path, history=[waiting]) as opened:
            paused = ServiceStatus.PAUSED
            opened.queue.notify(ServiceStatusChanged("Studio", paused, missing))
            state = ServiceStatus.READY if failure is None else paused
            opened.queue.notify(ServiceStatusChanged("Studio", state, failure))
            await until(lambda: ("unpause_service", "Studio") in opened.queue.asked, "it goes on")

    arun(job())


def test_a_token_that_is_forgotten_sends_nothing_more_where_no_password_manager_answers(
    arun: Run, until: Wait, without_manager: OpenProgram
) -> None:
    async def job() -> None:
        async with without_manager() as (window, provider):
            await save_two(window, provider, until)
            services = services_window(window)
            await until(lambda: services.editor.entry.name == "Studio", "its page")
            part = services.editor.token
            await until(part.forget.isVisible, "there is one to forget")
            part.forget.click()
            await until(part.question.isVisible, "the question")
            answers = {each.text(): each for each in part.question.buttons}
            answers["Forget"].click()
            forgotten = "The token that you entered is forgotten; another may still be saved."
            await until(lambda: part.problem.text().startswith(forgotten), "it is told")
            assert "No password manager" in part.problem.text()
            assert not part.forget.isVisible()
            await add_two_that_need_a_token(window, provider, until)
            window.side_windows.service_bridge.use_token(
                profile_of(provider, needs_token=True), Secret(TOKEN)
            )
            await until(lambda: states(window) == [TaskState.SAVED] * 4, "it goes on")

    arun(job())


def test_a_token_that_is_forgotten_with_its_service_sends_nothing_more_where_that_is_refused(
    arun: Run, until: Wait, without_manager: OpenProgram
) -> None:
    async def job() -> None:
        async with without_manager() as (window, provider):
            await save_two(window, provider, until)
            services = window.side_windows.service_bridge
            (entry,) = (
                each for each in list_entries(user_folders().profiles) if each.name == "Studio"
            )
            refused: list[Exception] = []
            services.refused.connect(lambda _, error: refused.append(error))
            services.delete(entry, forget_token=True)
            await until(lambda: refused, "its token cannot be forgotten")
            await add_two_that_need_a_token(window, provider, until)

    arun(job())


def test_a_token_that_the_password_manager_has_is_not_said_to_be_forgotten(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            await until(lambda: "No password manager" in page.token_trouble, "the trouble")
            page.opened.services.forget_token(STUDIO)
            failed = "The token is not forgotten. No password manager"
            await until(lambda: page.token_trouble.startswith(failed), "it is told")
            assert ("renew", "Studio") not in page.opened.queue.asked

    arun(job())


def test_pictures_are_checked_without_a_token_and_before_one_is_asked_for(
    arun: Run, until: Wait, without_manager: OpenProgram
) -> None:
    async def job() -> None:
        async with without_manager(at_once=False) as (window, provider):
            window.intake.add(provider.pictures("a"))
            await until(lambda: window.review.shown.usable, "it is checked")
            assert not window.attention.isVisible()
            window.review.start()
            window.pages.show_list()
            await until(lambda: ENTER in cards(window), "the card")
            window.intake.add(provider.pictures("b"))
            page = window.pages.result_page
            await until(lambda: window.pages.currentWidget() is page, "it is shown")
            await until(lambda: window.review.shown.usable == (2,), "the next one is checked too")
            window.pages.show_list()
            await until(lambda: ENTER in cards(window), "the whole card")
            give_token(window)
            await until(lambda: TaskState.SAVED in states(window), "the first goes on")
            assert states(window).count(TaskState.DRAFT) == 1
            assert not window.attention.isVisible()

    arun(job())


def test_each_trouble_with_the_password_manager_offers_the_token_for_now(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            offered = {ENTER, AGAIN, "Leave paused"}
            for kind in ("keyring", "keyring_missing", "keyring_locked", "keyring_silent"):
                why = Failure(kind, "")
                opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.PAUSED, why))
                await until(partial(is_known, opened, kind), kind)
                await until(lambda: set(cards(opened.window)) == offered, kind)
            opened.queue.notify(ServiceStatusChanged("Studio", ServiceStatus.READY))
            assert not opened.window.attention.isVisible()

    arun(job())


def test_a_token_that_holds_for_this_run_is_not_told_of_as_a_problem(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            problem = page.window.editor.token.problem
            await until(lambda: "No password manager" in page.token_trouble, "the trouble")
            assert problem.property("kind") == "problem"
            page.keep_token()
            await until(lambda: "until you quit" in page.token_trouble, "it is told")
            assert problem.property("kind") == "quiet"

    arun(job())


def test_a_page_that_is_gone_is_told_of_no_token_any_more(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            bridge = page.opened.services
            part = TokenPart(bridge)
            part.show_service(STUDIO)
            shiboken6.delete(part)
            bridge.token_failed.emit(STUDIO.name, "too late")  # an error would fail the test
            bridge.token_not_kept.emit(STUDIO.name, "too late")

    arun(job())
