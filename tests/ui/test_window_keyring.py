"""Whatever a password manager does, the window goes on: none of its steps waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QTimer

from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.preferences_file import read_preferences, write_preferences
from enhance_gui.ui.main_window import MainWindow
from tests.jobs.running import profile_of
from tests.support.contention import own_time_s
from tests.support.own_home import use_home
from tests.support.plain_backend import install_plain_backend
from tests.support.program import write_profile
from tests.support.provider import Provider
from tests.support.secret_service import needs_secret_service, secret_service, without_session_bus
from tests.ui.conftest import Run, Wait
from tests.ui.running import program

MOST_LAG_S = 0.05
TRIES = 6
"""A busy computer holds up the window, too, asked or not; a password manager would each time."""

PERIOD_MS = 10
LEAST_S = 0.4

Arrange = Callable[[ExitStack, pytest.MonkeyPatch, Path], None]


def _absent(stack: ExitStack, patch: pytest.MonkeyPatch, folder: Path) -> None:
    without_session_bus(patch, folder)


def _locked(stack: ExitStack, patch: pytest.MonkeyPatch, folder: Path) -> None:
    stack.enter_context(secret_service(patch, folder / "session")).start(unlocked=False)


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


class LagProbe(QObject):
    """Notes by how much a timer of the window's loop comes too late."""

    def __init__(self) -> None:
        super().__init__()
        self._lags_s: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(PERIOD_MS)
        self._timer.timeout.connect(self._tick)
        self._before_s = own_time_s()
        self._timer.start()

    async def longest_s(self) -> float:
        """Watch a little longer; return the worst."""
        await asyncio.sleep(LEAST_S)
        self._timer.stop()
        return max(self._lags_s)

    def _tick(self) -> None:
        now_s = own_time_s()
        self._lags_s.append(now_s - self._before_s - PERIOD_MS / 1000)
        self._before_s = now_s


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
def test_the_window_is_not_held_up(
    arrange: Arrange,
    problem: str,
    arun: Run,
    until: Wait,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lags_s = []
    for number in range(TRIES):
        folder = tmp_path / str(number)
        with ExitStack() as stack, monkeypatch.context() as patch:
            use_home(patch, folder / "home")
            arrange(stack, patch, folder)
            asked_s = arun(_lag_s(until, problem))
        if asked_s < MOST_LAG_S:
            return
        with monkeypatch.context() as patch:
            use_home(patch, folder / "quiet")
            quiet_s = arun(_lag_s(until, "", needs_token=False))
        if asked_s < MOST_LAG_S + quiet_s:
            return
        lags_s.append((asked_s, quiet_s))
    raise AssertionError(f"it was held up: {lags_s}")


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
                await until(lambda: "password manager" in window.notice.text, "it asks")
                await until(lambda: window.bridge.is_attached, "the history is there")
                assert window.pages.model.rowCount() == 1

    with ExitStack() as stack:
        arun(job(stack))


async def _lag_s(until: Wait, problem: str, *, needs_token: bool = True) -> float:
    """Add a picture; return how long the window was held up at most while it asked for the token.

    :param problem: the kind of failure that is shown in the end; empty: none.
    """
    async with Provider() as provider:
        _choose(provider, needs_token=needs_token)
        async with program() as window:
            await until(lambda: window.bridge.is_attached, "the history is there")
            probe = LagProbe()
            window.intake.add(provider.pictures("a"))
            if problem:
                await until(lambda: problem in _problems(window), problem)
            elif needs_token:
                await until(lambda: "password manager" in window.notice.text, "it says so")
            else:
                await until(lambda: provider.charged, "it is sent")
            return await probe.longest_s()


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
