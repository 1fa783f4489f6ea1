"""Tokens in the editor: never shown, never lost, and the window never waits for the keyring."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import TokenRefused
from enhance_gui.core.tasks.task import Failure
from enhance_gui.jobs.events import ServiceStatus, ServiceStatusChanged
from enhance_gui.jobs.services.credentials import TokenLocation
from tests.support.contention import own_time_s
from tests.support.keyrings.secret_service import (
    SecretService,
    needs_secret_service,
    secret_service,
    without_session_bus,
)
from tests.ui.conftest import Run, Wait
from tests.ui.services.parts import TOKEN, Page, page_with_keyring, services_page
from tests.ui.window.open_window import STUDIO

KEPT = "Kept in the password manager"
NO_KEYRING = "No password manager is running"

MAX_GAP_S = 0.05
TRIES = 8
"""A busy computer holds up the typing now and then; a password manager would each time."""


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SecretService]:
    with secret_service(monkeypatch, tmp_path / "session") as running:
        yield running


def shown_texts(top: QWidget) -> str:
    """Return every text that a person or a screen reader could get at."""
    texts = [child.text() for child in top.findChildren(QLabel)]
    texts += [child.displayText() for child in top.findChildren(QLineEdit)]
    widgets = top.findChildren(QWidget)
    texts += [
        f"{widget.accessibleName()} {widget.accessibleDescription()} {widget.toolTip()}"
        for widget in widgets
    ]
    return "\n".join(texts)


# -- without a password manager -------------------------------------------------------------------


def test_without_a_password_manager_a_token_holds_for_this_run_and_it_is_said(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            await until(lambda: NO_KEYRING in page.token_trouble, "the trouble is said")
            page.keep_token()
            assert page.window.editor.token.line.text() == ""
            await until(lambda: "For this run only" in page.token_status, "it holds for this run")
            await until(lambda: NO_KEYRING in page.token_trouble, "why is said")
            assert page.window.editor.token.keep.text() == "Replace"
            assert await page.opened.tokens.get(STUDIO) == Secret(TOKEN)
            assert ("renew", "Studio") in page.opened.queue.asked
            page.window.editor.token.forget.click()
            page.answer("Forget", page.window.editor.token.question)
            await until(lambda: "Could not check" in page.token_status, "it is forgotten")
            assert await page.opened.tokens.get(STUDIO) is None

    arun(job())


def test_a_token_is_never_shown_and_no_field_keeps_it(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            line = page.window.editor.token.line
            assert line.echoMode() is QLineEdit.EchoMode.Password
            line.setText(TOKEN)
            assert TOKEN not in shown_texts(page.window)
            line.selectAll()
            line.copy()
            assert TOKEN not in QApplication.clipboard().text()
            page.keep_token()
            await until(lambda: "For this run only" in page.token_status, "it is kept")
            line.undo()
            assert line.text() == ""
            assert TOKEN not in shown_texts(page.opened.window)

    arun(job())
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert all(TOKEN.encode() not in file for file in files)


def test_a_token_typed_with_a_new_service_is_kept_when_that_is_saved(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.new.click()
            page.window.new_page.empty.click()
            assert "when you save" in page.token_status
            page.line("name").setText("Cloud")
            page.line("base_url").setText("https://cloud.example")
            page.window.editor.token.line.setText(TOKEN)
            await page.save()
            assert page.window.editor.token.line.text() == ""
            await until(lambda: "For this run only" in page.token_status, "it is kept")
            assert page.entry.profile is not None
            assert await page.opened.tokens.get(page.entry.profile) == Secret(TOKEN)
            assert TOKEN not in page.text_of("Cloud.toml")

    arun(job())


def test_a_token_is_not_kept_for_an_address_that_is_not_saved(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.keep_token()
            await until(lambda: "For this run only" in page.token_status, "it is kept")
            page.line("base_url").setText("https://elsewhere.example")
            assert "for one address" in page.token_status
            page.window.editor.token.line.setText("another")
            assert not page.window.editor.token.keep.isEnabled()
            page.window.discard.click()
            await until(lambda: "For this run only" in page.token_status, "it still is")

    arun(job())


def test_a_new_token_has_what_waited_for_it_go_on_and_nothing_else(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            queue = page.opened.queue
            empty = Failure("balance_too_low", "the balance is 0", 1003002)
            queue.notify(ServiceStatusChanged("Studio", ServiceStatus.PAUSED, empty))
            page.keep_token()
            await until(lambda: "For this run only" in page.token_status, "it is kept")
            assert ("unpause_service", "Studio") not in queue.asked
            refused = Failure.of(TokenRefused("the service does not accept the token (HTTP 401)"))
            queue.notify(ServiceStatusChanged("Studio", ServiceStatus.PAUSED, refused))
            page.keep_token("the-right-token")
            await until(lambda: ("unpause_service", "Studio") in queue.asked, "it goes on")
            asked = [each for each in queue.asked if each[0] in ("renew", "unpause_service")]
            assert asked[-2:] == [("renew", "Studio"), ("unpause_service", "Studio")]

    arun(job())


def test_a_service_that_needs_no_token_asks_for_none(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            assert page.window.editor.token.isVisible()
            page.window.editor.fields["needs_token"].box.click()  # type: ignore[attr-defined]
            assert not page.window.editor.token.isVisible()

    arun(job())


# -- with a real one ------------------------------------------------------------------------------


@needs_secret_service
def test_a_token_is_kept_replaced_and_forgotten(
    arun: Run, until: Wait, tmp_path: Path, keyring: SecretService
) -> None:
    keyring.start()

    async def job() -> None:
        async with page_with_keyring(tmp_path, until) as page:
            await until(lambda: "None is set" in page.token_status, "there is none")
            page.keep_token()
            await until(lambda: KEPT in page.token_status, "it is kept")
            assert STUDIO.origin in page.token_status
            page.keep_token("another-token")
            await until(lambda: KEPT in page.token_status, "it is replaced")
            assert await page.opened.tokens.get(STUDIO) == Secret("another-token")
            forget = page.window.editor.token.forget
            forget.click()
            page.answer("Keep it", page.window.editor.token.question)
            forget.click()
            assert await page.opened.tokens.get(STUDIO) == Secret("another-token")
            page.answer("Forget", page.window.editor.token.question)
            await until(lambda: "None is set" in page.token_status, "it is forgotten")
            assert page.token_trouble == ""

    arun(job())


@needs_secret_service
def test_a_service_is_deleted_with_its_token_where_the_user_wants_that(
    arun: Run, until: Wait, tmp_path: Path, keyring: SecretService
) -> None:
    keyring.start()

    async def job() -> None:
        async with page_with_keyring(tmp_path, until) as page:
            page.keep_token()
            await until(lambda: KEPT in page.token_status, "it is kept")
            page.window.delete.click()
            page.token_too.setChecked(True)
            page.answer("Delete")
            await until(lambda: page.names() == ["This computer"], "it is gone")
            place = await page.opened.tokens.place(STUDIO)
            assert place is TokenLocation.NONE

    arun(job())


@needs_secret_service
def test_a_renamed_service_takes_its_token_along(
    arun: Run, until: Wait, tmp_path: Path, keyring: SecretService
) -> None:
    keyring.start()

    async def job() -> None:
        async with page_with_keyring(tmp_path, until) as page:
            page.keep_token()
            await until(lambda: KEPT in page.token_status, "it is kept")
            page.line("name").setText("Atelier")
            await page.save()
            await until(lambda: KEPT in page.token_status, "it is there")
            assert await page.opened.tokens.place(STUDIO) is TokenLocation.NONE

    arun(job())


@needs_secret_service
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("locked", "The password manager is locked"),
        ("hanging", "does not answer"),
        ("gone", NO_KEYRING),
    ],
)
def test_each_trouble_has_its_sentence_and_the_token_holds_for_this_run(
    arun: Run, until: Wait, tmp_path: Path, keyring: SecretService, state: str, said: str
) -> None:
    if state != "gone":
        keyring.start(unlocked=state != "locked")

    async def job() -> None:
        # A manager that is only slow to answer on a busy computer is not what is tried.
        limit_s = 0.6 if state == "hanging" else 60.0
        async with page_with_keyring(tmp_path, until, limit_s=limit_s) as page:
            await until(
                lambda: page.token_status != "" and "Asking" not in page.token_status, "a word"
            )
            if state == "hanging":
                keyring.hang()
            try:
                page.keep_token()
                await until(lambda: said in page.token_trouble, "the sentence")
                await until(lambda: "For this run only" in page.token_status, "it holds")
            finally:
                if state == "hanging":
                    keyring.recover()

    arun(job())


def test_a_missing_session_bus_is_told_like_a_missing_manager(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)

    async def job() -> None:
        async with page_with_keyring(tmp_path, until) as page:
            await until(lambda: NO_KEYRING in page.token_trouble, "the sentence")

    arun(job())


class Ticks:
    """A timer of 10 ms on the window's loop, and the longest time it did not get its turn."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._before_s = own_time_s()
        self._timer = QTimer()
        self._timer.setInterval(10)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def restart(self) -> None:
        self.longest_s, self._before_s = 0.0, own_time_s()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now_s = own_time_s()
        self.longest_s = max(self.longest_s, now_s - self._before_s)
        self._before_s = now_s


@needs_secret_service
def test_the_window_goes_on_ticking_while_the_password_manager_hangs(
    arun: Run, until: Wait, tmp_path: Path, keyring: SecretService
) -> None:
    """Everything that asks the manager is done while it hangs, and typing goes on beside it."""
    keyring.start()

    async def job() -> None:
        async with page_with_keyring(tmp_path, until, limit_s=60) as page:
            await until(lambda: "None is set" in page.token_status, "it has answered once")
            ticks = Ticks()
            usual_s = await _longest_while_typing_s(page, ticks, "typing alone")
            # Typing has gaps of its own, more so on a computer that is busy otherwise.
            max_s = MAX_GAP_S + max(0.0, usual_s - 0.02)
            gaps_s: list[float] = []
            keyring.hang()
            try:
                while not gaps_s or (gaps_s[-1] >= max_s and len(gaps_s) < TRIES):
                    page.keep_token()
                    await until(lambda: "Waiting for the password" in page.token_status, "waiting")
                    page.window.editor.token.show_service(STUDIO)
                    page.opened.services.forget_token(STUDIO)
                    gaps_s.append(await _longest_while_typing_s(page, ticks, "typing goes on"))
                    assert "typing goes on" in page.line("name").text()
                    assert "Waiting for the password manager" in page.token_status
                assert gaps_s[-1] < max_s, gaps_s
            finally:
                ticks.stop()
                keyring.recover()
            await until(lambda: "Waiting" not in page.token_status, "it answers again")

    arun(job())


async def _longest_while_typing_s(page: Page, ticks: Ticks, text: str) -> float:
    ticks.restart()
    for sign in text:
        QTest.keyClicks(page.line("name"), sign)
        await asyncio.sleep(0.03)
    return ticks.longest_s
