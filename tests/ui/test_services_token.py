"""Tokens in the editor: never shown, never lost, and the window never waits for the keyring."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from enhance_gui.core.errors import KeyringMissing, TokenRefused
from enhance_gui.core.secret import Secret
from enhance_gui.core.tasks import Failure
from enhance_gui.jobs.events import LineChanged, LineState
from enhance_gui.jobs.token_keeper import TokenKeeper, TokenPlace
from enhance_gui.storage.keyrings import SystemKeyring
from tests.support.secret_service import (
    SecretService,
    needs_secret_service,
    secret_service,
    without_session_bus,
)
from tests.ui.conftest import Run, Wait
from tests.ui.open_window import STUDIO
from tests.ui.services_parts import Page, services_page

TOKEN = "c4n4ry-of-the-editor"
NO_KEYRING = "There is no password manager"

MOST_GAP_S = 0.05


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SecretService]:
    with secret_service(monkeypatch, tmp_path / "session") as running:
        yield running


@asynccontextmanager
async def page_with(
    folder: Path, until: Wait, keyring: SystemKeyring, *, limit_s: float = 20.0
) -> AsyncIterator[Page]:
    """Open the page with a password manager behind it, as the program does."""
    pages: list[Page] = []
    tokens = TokenKeeper(
        keyring,
        lambda state: pages[0].opened.services.hear_keyring(state),  # noqa: PLW0108  later
        limit_s=limit_s,
        notice_after_s=0.05,
    )
    async with services_page(folder, until) as page:
        pages.append(page)
        page.opened.services._tokens = tokens
        page.opened.services._care._tokens = tokens
        page.window.editor.token.show_service(STUDIO)
        yield page


def real(folder: Path) -> SystemKeyring:
    return SystemKeyring(folder / "places.json")


def status(page: Page) -> str:
    return page.window.editor.token.status.text()


def trouble(page: Page) -> str:
    return page.window.editor.token.trouble.text()


def keep(page: Page, token: str = TOKEN) -> None:
    page.window.editor.token.line.setText(token)
    page.window.editor.token.keep.click()


def shown_texts(top: QWidget) -> str:
    """Return every text that a person or a screen reader could get at."""
    texts = [each.text() for each in top.findChildren(QLabel)]
    texts += [each.displayText() for each in top.findChildren(QLineEdit)]
    widgets = top.findChildren(QWidget)
    texts += [
        f"{each.accessibleName()} {each.accessibleDescription()} {each.toolTip()}"
        for each in widgets
    ]
    return "\n".join(texts)


# -- without a password manager -------------------------------------------------------------------


def test_without_a_password_manager_a_token_holds_for_this_run_and_it_is_said(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            await until(lambda: NO_KEYRING in trouble(page), "the trouble is said")
            keep(page)
            assert page.window.editor.token.line.text() == ""
            await until(lambda: "For this run only" in status(page), "it holds for this run")
            await until(lambda: NO_KEYRING in trouble(page), "why is said")
            assert page.window.editor.token.keep.text() == "Replace"
            assert await page.opened.tokens.get(STUDIO) == Secret(TOKEN)
            assert ("renew", "Studio") in page.opened.queue.asked
            page.window.editor.token.forget.click()
            await until(lambda: NO_KEYRING in trouble(page), "it is forgotten")
            with pytest.raises(KeyringMissing):
                await page.opened.tokens.get(STUDIO)

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
            keep(page)
            await until(lambda: "For this run only" in status(page), "it is kept")
            line.undo()
            assert line.text() == ""
            assert TOKEN not in shown_texts(page.opened.window)

    arun(job())
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert all(TOKEN.encode() not in each for each in files)


def test_a_token_typed_with_a_new_service_is_kept_when_that_is_saved(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            page.window.new.click()
            page.window.new_page.empty.click()
            assert "when you save" in status(page)
            page.line("name").setText("Cloud")
            page.line("base_url").setText("https://cloud.example")
            page.window.editor.token.line.setText(TOKEN)
            await page.save()
            assert page.window.editor.token.line.text() == ""
            await until(lambda: "For this run only" in status(page), "it is kept")
            assert page.entry.profile is not None
            assert await page.opened.tokens.get(page.entry.profile) == Secret(TOKEN)
            assert TOKEN not in page.text_of("Cloud.toml")

    arun(job())


def test_a_token_is_not_kept_for_an_address_that_is_not_saved(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            keep(page)
            await until(lambda: "For this run only" in status(page), "it is kept")
            page.line("base_url").setText("https://elsewhere.example")
            assert "for one address" in status(page)
            page.window.editor.token.line.setText("another")
            assert not page.window.editor.token.keep.isEnabled()
            page.window.discard.click()
            await until(lambda: "For this run only" in status(page), "it still is")

    arun(job())


def test_a_new_token_has_what_waited_for_it_go_on_and_nothing_else(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            queue = page.opened.queue
            empty = Failure("balance_too_low", "the balance is 0", 1003002)
            queue.tell(LineChanged("Studio", LineState.PAUSED, empty))
            keep(page)
            await until(lambda: "For this run only" in status(page), "it is kept")
            assert ("go_on", "Studio") not in queue.asked
            refused = Failure.of(TokenRefused("the service does not accept the token (HTTP 401)"))
            queue.tell(LineChanged("Studio", LineState.PAUSED, refused))
            keep(page, "the-right-token")
            await until(lambda: ("go_on", "Studio") in queue.asked, "it goes on")
            asked = [each for each in queue.asked if each[0] in ("renew", "go_on")]
            assert asked[-2:] == [("renew", "Studio"), ("go_on", "Studio")]

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
        async with page_with(tmp_path, until, real(tmp_path)) as page:
            await until(lambda: "None is set" in status(page), "there is none")
            keep(page)
            await until(lambda: "Kept in the password manager" in status(page), "it is kept")
            assert STUDIO.origin in status(page)
            keep(page, "another-token")
            await until(lambda: "Kept in the password manager" in status(page), "it is replaced")
            assert await page.opened.services._tokens.get(STUDIO) == Secret("another-token")
            page.window.editor.token.forget.click()
            await until(lambda: "None is set" in status(page), "it is forgotten")
            assert trouble(page) == ""

    arun(job())


@needs_secret_service
def test_a_service_is_deleted_with_its_token_where_the_user_wants_that(
    arun: Run, until: Wait, tmp_path: Path, keyring: SecretService
) -> None:
    keyring.start()

    async def job() -> None:
        async with page_with(tmp_path, until, real(tmp_path)) as page:
            keep(page)
            await until(lambda: "Kept in the password manager" in status(page), "it is kept")
            page.window.delete.click()
            page.window.question.check.setChecked(True)
            page.answer("Delete")
            await until(lambda: page.names() == ["This computer"], "it is gone")
            place = await page.opened.services._tokens.place(STUDIO)
            assert place is TokenPlace.NONE

    arun(job())


@needs_secret_service
def test_a_renamed_service_takes_its_token_along(
    arun: Run, until: Wait, tmp_path: Path, keyring: SecretService
) -> None:
    keyring.start()

    async def job() -> None:
        async with page_with(tmp_path, until, real(tmp_path)) as page:
            keep(page)
            await until(lambda: "Kept in the password manager" in status(page), "it is kept")
            page.line("name").setText("Atelier")
            await page.save()
            await until(lambda: "Kept in the password manager" in status(page), "it is there")
            assert await page.opened.services._tokens.place(STUDIO) is TokenPlace.NONE

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
        async with page_with(tmp_path, until, real(tmp_path), limit_s=0.6) as page:
            await until(lambda: status(page) != "" and "Asking" not in status(page), "a word")
            if state == "hanging":
                keyring.hang()
            try:
                keep(page)
                await until(lambda: said in trouble(page), "the sentence")
                await until(lambda: "For this run only" in status(page), "it holds")
            finally:
                if state == "hanging":
                    keyring.recover()

    arun(job())


def test_a_missing_session_bus_is_told_like_a_missing_manager(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)

    async def job() -> None:
        async with page_with(tmp_path, until, real(tmp_path)) as page:
            await until(lambda: NO_KEYRING in trouble(page), "the sentence")

    arun(job())


class Ticks:
    """A timer of 10 ms on the window's loop, and the longest time it did not get its turn."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._before_s = time.perf_counter()
        self._timer = QTimer()
        self._timer.setInterval(10)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def restart(self) -> None:
        self.longest_s, self._before_s = 0.0, time.perf_counter()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now_s = time.perf_counter()
        self.longest_s = max(self.longest_s, now_s - self._before_s)
        self._before_s = now_s


@needs_secret_service
def test_the_window_goes_on_ticking_while_the_password_manager_hangs(
    arun: Run, until: Wait, tmp_path: Path, keyring: SecretService
) -> None:
    """Everything that asks the manager is done while it hangs, and typing goes on beside it."""
    keyring.start()

    async def job() -> None:
        async with page_with(tmp_path, until, real(tmp_path), limit_s=15) as page:
            await until(lambda: "None is set" in status(page), "it has answered once")
            ticks = Ticks()
            usual_s = await _longest_while_typing_s(page, ticks, "typing alone")
            keyring.hang()
            try:
                keep(page)
                await until(lambda: "Waiting for the password manager" in status(page), "waiting")
                page.window.editor.token.show_service(STUDIO)
                page.opened.services.forget_token(STUDIO)
                longest_s = await _longest_while_typing_s(page, ticks, "typing goes on")
                assert "typing goes on" in page.line("name").text()
                assert "Waiting for the password manager" in status(page)
                # Typing has gaps of its own, more so on a computer that is busy otherwise.
                assert longest_s < MOST_GAP_S + max(0.0, usual_s - 0.02)
            finally:
                ticks.stop()
                keyring.recover()
            await until(lambda: "Waiting" not in status(page), "it answers again")

    arun(job(), limit_s=40)


async def _longest_while_typing_s(page: Page, ticks: Ticks, text: str) -> float:
    ticks.restart()
    for sign in text:
        QTest.keyClicks(page.line("name"), sign)
        await asyncio.sleep(0.03)
    return ticks.longest_s
