"""Servers on the local network are listed while the form for them is open, and chosen by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from enhance_gui.jobs.services import nearby
from enhance_gui.jobs.services.nearby import NearbyServer
from enhance_gui.storage.folders import user_folders
from enhance_gui.ui.services.connect_form import ConnectForm
from tests.service.serving import TOKEN, serving
from tests.support.keyrings.secret_service import without_session_bus
from tests.support.neighbourhood import LOOPBACK, announced, announcing, neighbourhood_alone
from tests.support.scriptable_service import ScriptableService
from tests.ui.conftest import Run, Wait
from tests.ui.running import program
from tests.ui.services.parts import Page, services_page, services_window

HOSTILE = NearbyServer("Studio\N{PUNCTUATION SPACE}server", "http://192.168.1.66:80")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the program look on loopback alone, where only this test announces anything."""
    monkeypatch.setattr(nearby, "own_interfaces", lambda: list(LOOPBACK))
    with neighbourhood_alone():
        yield


def listed(form: ConnectForm) -> list[QPushButton]:
    """Return the buttons of the servers that are shown."""
    return [each for each in form.nearby.findChildren(QPushButton) if each.isVisible()]


def test_a_server_that_is_found_is_connected_with_its_address_and_a_token(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)

    async def job() -> None:
        async with serving(tmp_path / "service") as asker, program() as window:
            port = int(asker.service.base_url.rpartition(":")[2])
            page = services_window(window)
            await until(page.new_page.isVisible, "the form")
            form = page.new_page.form
            async with announcing(announced("studio", port)):
                form.server.click()
                await until(lambda: len(listed(form)) == 1, "it is found")
                (choose,) = listed(form)
                assert choose.accessibleName() == f"Choose: studio · http://127.0.0.1:{port}"
                choose.click()
            assert (form.address.text(), form.name.text()) == (asker.service.base_url, "studio")
            assert form.token.hasFocus()
            form.token.setText(TOKEN)
            form.test.click()
            await until(form.test.isEnabled, "it is tested")
            assert "The connection works" in form.verdict.text()
            form.use.click()
            stored = user_folders().profiles / "studio.toml"
            await until(stored.exists, "it is kept")
            assert f'base_url = "{asker.service.base_url}"' in stored.read_text()
            assert TOKEN not in stored.read_text()
            await until(
                lambda: window.side_windows.choices.profile.name == "studio", "it is in use"
            )

    arun(job())


def test_nothing_is_looked_for_but_while_the_list_is_shown(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with (
            ScriptableService() as server,
            services_page(tmp_path, until) as page,
            announcing(announced("studio", server.port)),
        ):
            form = await new_form(page, until)
            assert form.nearby._ended is None
            form.server.click()
            await until(lambda: len(listed(form)) == 1, "it is found")
            form.account.click()
            assert form.nearby._ended is None
            await until(lambda: not looks(page), "the search has ended")
            form.server.click()
            await until(lambda: len(listed(form)) == 1, "it is found again")
            listed(form)[0].click()
            assert form.address.text() == server.base_url
            form.clear()
            page.window.close()
            await until(lambda: not looks(page), "the search ends with the window")
            # Neither found nor chosen it is connected to: that takes a further click.
            assert server.connections == 0

    arun(job())


def test_what_is_listed_stays_in_its_place_and_never_takes_a_token_along(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            form = await new_form(page, until)
            form.server.click()
            form.token.setText("meant for another")
            own = NearbyServer("studio", "http://192.168.1.20:8080")
            bridge = page.opened.services
            bridge.nearby_changed.emit((own,))
            (first,) = listed(form)
            bridge.nearby_changed.emit((HOSTILE, own))
            await until(lambda: len(listed(form)) == 2, "both are listed")
            assert listed(form)[0] is first
            assert form.address.text() == ""
            listed(form)[1].click()
            assert (form.address.text(), form.token.text()) == (HOSTILE.base_url, "")
            bridge.nearby_changed.emit(())
            assert listed(form) == []
            assert "No server" in form.nearby.state.text()
            # What was chosen stays what was seen, whatever is announced since.
            assert form.address.text() == HOSTILE.base_url

    arun(job())


def test_that_nobody_can_look_is_said(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearby, "own_interfaces", list)

    async def job() -> None:
        async with services_page(tmp_path, until) as page:
            form = await new_form(page, until)
            form.server.click()
            await until(lambda: "no local network" in form.nearby.state.text(), "it is said")
            assert form.nearby.state.textFormat() == Qt.TextFormat.PlainText

    arun(job())


async def new_form(page: Page, until: Wait) -> ConnectForm:
    page.window.new.click()
    form = page.window.new_page.form
    await until(form.isVisible, "the form")
    return form


def looks(page: Page) -> bool:
    return any("look_nearby" in task.get_name() for task in asyncio.all_tasks())
