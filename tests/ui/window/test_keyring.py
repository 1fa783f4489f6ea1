"""Whatever a password manager does, the window goes on: none of its steps waits for it."""

from __future__ import annotations

import inspect
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import keyring
import pytest

from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.settings.preferences_file import read_preferences, write_preferences
from enhance_gui.storage.system.keyrings import SystemKeyring
from enhance_gui.ui.window.main_window import MainWindow
from tests.scenarios.running import profile_of
from tests.support.keyrings.plain_backend import install_plain_backend
from tests.support.keyrings.secret_service import (
    needs_secret_service,
    secret_service,
    without_session_bus,
)
from tests.support.program import write_profile
from tests.support.provider import Provider
from tests.ui.conftest import Run, Wait
from tests.ui.running import program

secretstorage = pytest.importorskip("secretstorage", reason="only Linux has it")

Arrange = Callable[[ExitStack, pytest.MonkeyPatch, Path], None]


def _absent(stack: ExitStack, patch: pytest.MonkeyPatch, folder: Path) -> None:
    without_session_bus(patch, folder)


def _locked(stack: ExitStack, patch: pytest.MonkeyPatch, folder: Path) -> None:
    service = stack.enter_context(secret_service(patch, folder / "session"))
    service.start()  # which makes a keyring
    service.stop()
    service.start(unlocked=False)


def _hanging(stack: ExitStack, patch: pytest.MonkeyPatch, folder: Path) -> None:
    service = stack.enter_context(secret_service(patch, folder / "session"))
    service.start()
    service.hang()
    stack.callback(service.recover)


def _plain(stack: ExitStack, patch: pytest.MonkeyPatch, folder: Path) -> None:
    without_session_bus(patch, folder)
    site, file = install_plain_backend(folder / "plain")
    patch.syspath_prepend(str(site))
    file.write_text("a token that must not be used")


@contextmanager
def threads_that_ask() -> Iterator[set[str]]:
    """Note the threads on which anything is done that may wait for a password manager."""
    waiting = {code_of(var) for var in vars(SystemKeyring).values() if inspect.isfunction(var)}
    waiting.discard(code_of(SystemKeyring.__init__))
    libraries = tuple(
        f"{Path(inspect.getfile(each)).parent}{os.sep}" for each in (keyring, secretstorage)
    )
    names: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and (code in waiting or code.co_filename.startswith(libraries)):
            names.add(threading.current_thread().name)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def code_of(function: Any) -> CodeType:
    code: CodeType = function.__code__
    return code


@needs_secret_service
@pytest.mark.parametrize(
    ("arrange", "problem"),
    [
        (_absent, "keyring_missing"),
        (_locked, "keyring_locked"),
        (_hanging, ""),
        (_plain, "keyring_missing"),
    ],
    ids=["absent", "locked", "hanging", "plain text"],
)
def test_the_windows_thread_asks_no_password_manager_and_shows_what_becomes_of_it(
    arrange: Arrange,
    problem: str,
    arun: Run,
    until: Wait,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def job() -> None:
        async with Provider() as provider:
            _choose(provider, needs_token=True)
            async with program() as window:
                await until(lambda: window.bridge.is_attached, "the history is there")
                window.intake.add(provider.pictures("a"))
                if problem:
                    await until(lambda: problem in _problems(window), problem)
                else:
                    await until(lambda: "password manager" in window.toast.text, "it says so")

    with ExitStack() as stack:
        arrange(stack, monkeypatch, tmp_path)
        asking = stack.enter_context(threads_that_ask())
        arun(job())
        assert asking == {"password manager"}


@needs_secret_service
def test_the_history_comes_while_a_password_manager_hangs(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def job(stack: ExitStack) -> None:
        async with Provider() as provider:
            _choose(provider, needs_token=False)
            provider.polls_needed = 10**6
            async with program() as window:
                window.intake.add(provider.pictures("a"))
                await until(lambda: provider.charged, "a task that is going on")
            _choose(provider, needs_token=True)
            _hanging(stack, monkeypatch, tmp_path)
            async with program() as window:
                await until(lambda: "password manager" in window.toast.text, "it asks")
                await until(lambda: window.bridge.is_attached, "the history is there")
                assert window.pages.model.count == 1

    with ExitStack() as stack:
        arun(job(stack))


def _problems(window: MainWindow) -> set[str]:
    lines = window.bridge.lines.values()
    return {line.failure.kind for line in lines if line.failure is not None}


def _choose(provider: Provider, *, needs_token: bool) -> None:
    """Have new pictures go to the provider without a review."""
    folders = user_folders()
    folders.profiles.mkdir(parents=True, exist_ok=True)
    profile = profile_of(provider, needs_token=needs_token)
    write_profile(folders.profiles / "studio.toml", profile)
    preferences = read_preferences(folders.preferences)
    chosen = preferences.with_start_at_once("Studio", wanted=True)
    write_preferences(folders.preferences, replace(chosen, service="Studio"))
