"""The whole program with a service of the user's: connected, mended and used from its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QCheckBox, QLineEdit

from enhance_gui.core.tasks.states import TaskState
from enhance_gui.storage.folders import user_folders
from enhance_gui.ui.window.main_window import MainWindow
from tests.service.serving import TOKEN, serving
from tests.support.keyrings.secret_service import without_session_bus
from tests.support.pictures import picture_bytes
from tests.support.provider import Provider
from tests.support.scriptable_service import Handler, Reply, Talk
from tests.ui.conftest import Run, Wait
from tests.ui.running import program
from tests.ui.services.parts import services_window

RIGHT, WRONG = "the-right-token", "a-wrong-token"


def states(window: MainWindow) -> list[TaskState]:
    return [entry.item.task.state for entry in window.pages.model.entries()]


@pytest.mark.long
def test_a_service_is_connected_its_token_put_right_and_its_picture_comes(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)

    async def job() -> None:
        async with Provider() as provider, program() as window:
            for call in ("createtask", "gettask"):
                provider.on(f"/{call}", _only_with_token(provider, call))
            page = services_window(window)
            await until(page.new_page.isVisible, "the form")
            form = page.new_page.form
            form.address.setText(provider.base_url)
            form.name.setText("Studio")
            form.token.setText(WRONG)
            form.more.click()
            cast(QCheckBox, page.editor.fields["allow_private_addresses"].box).setChecked(True)
            page.save.click()
            await until(lambda: page.list.current is not None, "it is saved")
            assert "Studio" in [profile.name for profile in window.side_windows.choices.profiles]
            window.side_windows.choices.use_service("Studio")
            window.side_windows.choices.choose_start_at_once(True)
            window.intake.add(provider.pictures("a"))
            await until(lambda: states(window) == [TaskState.QUEUED], "the token is refused")
            await until(window.attention.isVisible, "it says so")
            assert provider.charged == []

            page.editor.token.line.setText(RIGHT)
            page.editor.token.keep.click()
            await until(lambda: states(window) == [TaskState.SAVED], "the picture is saved")
            assert len(provider.charged) == 1

            cast(QLineEdit, page.editor.fields["status.finished"].box).setText("2")
            page.save.click()
            stored = user_folders().profiles / "Studio.toml"
            await until(lambda: "finished = [2]" in stored.read_text(), "it is saved")
            assert RIGHT not in stored.read_text()
            assert WRONG not in json.dumps([str(each) for each in provider.seen("/a.jpg")])

    arun(job())


def _only_with_token(provider: Provider, call: str) -> Handler:
    async def answer(talk: Talk) -> None:
        if talk.request.headers.get("token") != RIGHT:
            await talk.reply(Reply(401))
        elif call == "createtask":
            await provider.create(talk)
        else:
            await provider.get(talk)

    return answer


def test_a_server_of_ones_own_enhances_a_file(arun: Run, until: Wait, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(picture_bytes())

    async def job() -> None:
        async with serving(tmp_path / "server") as asker, program() as window:
            page = services_window(window)
            await until(page.new_page.isVisible, "the form")
            form = page.new_page.form
            form.server.click()
            form.address.setText(asker.service.base_url)
            form.name.setText("Upstairs")
            form.token.setText(TOKEN)
            form.use.click()
            choices = window.side_windows.choices
            await until(lambda: choices.profile.name == "Upstairs", "it is connected")
            choices.choose_start_at_once(True)
            window.intake.add([str(picture)])
            await until(lambda: states(window) == [TaskState.SAVED], "the picture is saved")

    arun(job())
