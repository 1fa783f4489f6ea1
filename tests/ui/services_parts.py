"""What the tests of the services' window share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from PySide6.QtWidgets import QAbstractButton, QLineEdit

from enhance_gui.core.service_entries import ServiceEntry
from enhance_gui.ui.services.question import Question
from enhance_gui.ui.services_window import ServicesWindow
from tests.ui.open_window import Opened, open_window

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

    def line(self, key: str) -> QLineEdit:
        """Return the box of a key."""
        return cast(QLineEdit, self.window.editor.fields[key].box)

    def problem(self, key: str) -> str:
        return self.window.editor.fields[key].problem

    def text_of(self, file: str = "Studio.toml") -> str:
        return (self.folder / file).read_text("utf-8")

    def names(self) -> list[str]:
        return [each.name for each in self.window.list.entries]

    def answer(self, words: str, question: Question | None = None) -> None:
        """Give an answer to a question of the window."""
        asked = question or self.window.question
        assert asked.isVisible(), "nothing is asked"
        answers: dict[str, QAbstractButton] = {each.text(): each for each in asked.buttons()}
        answers[words].click()


@asynccontextmanager
async def services_page(folder: Path, until: Until, **files: str) -> AsyncIterator[Page]:
    """Open the window with the service "Studio" and those of ``files``, by name of the file."""
    profiles = folder / "profiles"
    profiles.mkdir()
    for name, text in files.items():
        (profiles / f"{name}.toml").write_text(text, "utf-8")
    async with open_window(folder) as opened:
        opened.window.side_windows.services()
        window = opened.window.side_windows.shown("services")
        assert isinstance(window, ServicesWindow)
        page = Page(opened, window, profiles, until)
        await until(lambda: len(page.names()) == 2 + len(files), "the list")
        yield page
