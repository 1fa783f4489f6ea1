"""What the tests of the services' window share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLineEdit

from enhance_gui.core.services.entry import ServiceEntry
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.storage.profiles.profile_files import save_entry
from enhance_gui.storage.system.keyrings import SystemKeyring
from enhance_gui.ui.services.services_window import ServicesWindow
from enhance_gui.ui.widgets.cards import Question
from enhance_gui.ui.window.main_window import MainWindow
from tests.support.scriptable_service import ScriptableService
from tests.ui.window.open_window import STUDIO, Opened, open_window

TOKEN = "c4n4ry-of-the-page"

Until = Callable[[Callable[[], object], str], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Page:
    """The services' window and everything behind it."""

    opened: Opened
    window: ServicesWindow
    folder: Path
    until: Until

    async def go_to(self, name: str) -> None:
        """Show a service, as a click on its line does."""
        rows = [row for row, each in enumerate(self.window.list.entries) if each.name == name]
        self.window.list.setCurrentRow(rows[0])
        await self.until(lambda: self.entry.name == name, name)

    async def save(self) -> None:
        """Press Save and wait until it is saved."""
        before = self.entry
        assert self.window.save.isEnabled()
        self.window.save.click()
        await self.until(lambda: self.entry is not before, "it is saved")

    @property
    def entry(self) -> ServiceEntry:
        return self.window.editor.entry

    @property
    def token_status(self) -> str:
        return self.window.editor.token.status.text()

    @property
    def token_trouble(self) -> str:
        return self.window.editor.token.problem.text()

    @property
    def token_too(self) -> QCheckBox:
        """The switch in the question whether to delete a service."""
        return cast(QCheckBox, self.window.question.findChild(QCheckBox))

    def keep_token(self, token: str = TOKEN) -> None:
        """Type a token and press the button beside it."""
        self.window.editor.token.line.setText(token)
        self.window.editor.token.keep.click()

    def line(self, key: str) -> QLineEdit:
        """Return the box of a key."""
        return cast(QLineEdit, self.window.editor.fields[key].box)

    def problem(self, key: str) -> str:
        return self.window.editor.fields[key].problem

    def text_of(self, file: str = "Studio.toml") -> str:
        return (self.folder / file).read_text("utf-8")

    def names(self) -> list[str]:
        return [entry.name for entry in self.window.list.entries]

    def answer(self, words: str, question: Question | None = None) -> None:
        """Give an answer to a question of the window."""
        asked = question or self.window.question
        assert asked.isVisible(), "nothing is asked"
        answers: dict[str, QAbstractButton] = {button.text(): button for button in asked.buttons}
        answers[words].click()


def services_window(window: MainWindow) -> ServicesWindow:
    """Open the services' window."""
    window.side_windows.services()
    found = window.side_windows.shown("services")
    assert isinstance(found, ServicesWindow)
    return found


@asynccontextmanager
async def services_page(
    folder: Path, until: Until, *, tokens: CredentialStore | None = None, **files: str
) -> AsyncIterator[Page]:
    """Open the window with the service "Studio" and those of ``files``, by name of the file."""
    profiles = folder / "profiles"
    profiles.mkdir()
    for name, text in files.items():
        (profiles / f"{name}.toml").write_text(text, "utf-8")
    async with open_window(folder, tokens=tokens) as opened:
        window = services_window(opened.window)
        page = Page(opened, window, profiles, until)
        await until(lambda: len(page.names()) == 2 + len(files), "the list")
        yield page


@asynccontextmanager
async def page_with_keyring(
    folder: Path, until: Until, *, limit_s: float = 20.0
) -> AsyncIterator[Page]:
    """Open the page with the session's password manager behind it, as the program does."""
    pages: list[Page] = []

    def on_waiting(waits: bool) -> None:
        for page in pages:
            page.opened.services.keyring_waits.emit(waits)

    keyring = SystemKeyring(folder / "places.json")
    tokens = CredentialStore(keyring, on_waiting, limit_s=limit_s, notice_after_s=0.05)
    async with services_page(folder, until, tokens=tokens) as page:
        pages.append(page)
        yield page


@asynccontextmanager
async def page_of(
    folder: Path, until: Until, service: ScriptableService
) -> AsyncIterator[tuple[Page, ServiceProfile]]:
    """Open the page of a "Studio" that is really there."""
    async with services_page(folder, until) as page:
        (entry,) = [each for each in page.window.list.entries if each.name == "Studio"]
        profile = replace(STUDIO, base_url=service.base_url)
        save_entry(entry, profile, page.folder)
        page.opened.services.look()
        await until(lambda: page.window.list.entries[1].profile == profile, "the new address")
        page.window._show(page.window.list.entries[1])
        yield page, profile
