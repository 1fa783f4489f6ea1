"""The diagnosis: shown before it is copied or saved, made beside the window's work, no secret."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from enhance_gui.core.secret import Secret
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.jobs.support.diagnosis import diagnose
from enhance_gui.storage.folders import user_folders
from enhance_gui.ui.reports.diagnosis_window import DiagnosisWindow
from tests.scenarios.running import profile_of
from tests.support.keyrings.secret_service import (
    needs_secret_service,
    secret_service,
    without_session_bus,
)
from tests.support.loop_lag import longest_lag_s
from tests.support.program import write_profile
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply
from tests.ui.conftest import Run, Wait
from tests.ui.window.open_window import Opened, open_window
from tests.ui.window.test_names import unnamed

CANARY = "c4n4ry-of-the-diagnosis"

MAX_LAG_S = 0.3
TRIES = 5
"""A busy computer holds up the window now and then; making the report would each time."""


def only_other(folder: Path, known: str) -> Path:
    """Return the one file of this kind beside a known one."""
    (other,) = {*folder.glob(f"*{Path(known).suffix}")} - {folder / known}
    return other


def diagnosis(opened: Opened) -> DiagnosisWindow:
    opened.window.side_windows.diagnosis()
    shown = opened.window.side_windows.shown("diagnosis")
    assert isinstance(shown, DiagnosisWindow)
    return shown


def test_nothing_is_copied_or_saved_before_it_is_shown_and_wanted(
    arun: Run, until: Wait, tmp_path: Path
) -> None:
    async def job() -> None:
        reports = [f"Report {number}" for number in (2, 1)]
        go_on = asyncio.Event()

        async def report(display: str, network: NetworkSettings) -> str:
            await go_on.wait()
            return f"{reports.pop()} on {display}"

        QGuiApplication.clipboard().setText("mine")
        async with open_window(tmp_path, report=report) as opened:
            window = diagnosis(opened)
            assert unnamed(window) == []
            assert not any(each.isEnabled() for each in (window.copy, window.keep, window.again))
            go_on.set()
            await until(window.text.toPlainText, "the report")
            assert window.text.isReadOnly()
            assert window.text.toPlainText().startswith("Report 1 on Qt")
            assert QGuiApplication.clipboard().text() == "mine"
            window.copy.click()
            assert QGuiApplication.clipboard().text() == window.text.toPlainText()
            (tmp_path / "report.txt").write_text("mine")
            window.save(tmp_path / "report.txt")
            await until(lambda: window.state.text().startswith("Saved"), "it is saved")
            assert (tmp_path / "report.txt").read_text() == "mine"
            saved = only_other(tmp_path, "report.txt")
            assert saved.read_text() == f"{window.text.toPlainText()}\n"
            window.again.click()
            await until(lambda: "Report 2" in window.text.toPlainText(), "the new report")

    arun(job())


def test_a_closed_diagnosis_hears_nothing_any_more(arun: Run, until: Wait, tmp_path: Path) -> None:
    async def job() -> None:
        async with open_window(tmp_path) as opened:
            window = diagnosis(opened)
            gone: list[bool] = []
            window.destroyed.connect(lambda: gone.append(True))
            window.close()
            await until(lambda: gone, "it is gone")
            opened.account.diagnosed.emit("late")
            opened.account.message.emit("late")
            opened.account.saved.emit("late", "late")

    arun(job())


def test_a_service_is_asked_with_the_token_of_this_run_where_no_manager_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)
    folders = user_folders()
    folders.profiles.mkdir(parents=True)

    async def job() -> None:
        async with Provider() as provider:
            profile = profile_of(provider)
            write_profile(folders.profiles / "studio.toml", profile)
            tokens = CredentialStore.of_user(folders)
            asked = partial(diagnose, folders, "a display", held=tokens.of_this_run)
            assert "Set it under Services" in (await asked())[0]
            assert provider.requests == []
            tokens.keep_for_this_run(profile, Secret(CANARY))
            assert "it answers and takes the token" in (await asked())[0]
            assert {request_.headers["token"] for request_ in provider.requests} == {CANARY}

    asyncio.run(job())


@needs_secret_service
def test_a_real_report_holds_no_secret_and_the_window_stays_alive(
    arun: Run, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = user_folders()
    folders.profiles.mkdir(parents=True)
    folders.log.parent.mkdir(parents=True)
    folders.log.write_text(
        f"INFO a request with token: {CANARY}\n"
        f"INFO GET https://ada:{CANARY}@pictures.test/a.png?key={CANARY}\n"
    )

    async def job() -> None:
        async with Provider() as provider:
            provider.on("/gettask", Reply(401, CANARY.encode()))
            profile = profile_of(provider, token_prefix="Bearer ")
            write_profile(folders.profiles / "studio.toml", profile)
            (folders.profiles / "bad.toml").write_text(f'name = "Bad"\ntoken = "{CANARY}"\n')
            await CredentialStore.of_user(folders).set(profile, Secret(CANARY))
            report = partial(_report, Secret(CANARY))
            async with open_window(tmp_path / "w", report=report) as opened:
                window = diagnosis(opened)
                lags_s = [await longest_lag_s(_shown(window, until))]
                while lags_s[-1] >= MAX_LAG_S and len(lags_s) < TRIES:
                    window.again.click()
                    lags_s.append(await longest_lag_s(_shown(window, until)))
            text = window_text[0]
            assert "Service “Studio”" in text
            assert "a request with token: <hidden>" in text
            assert "platform offscreen" in text
            assert CANARY not in text
            assert provider.requests[0].headers["token"] == f"Bearer {CANARY}"
            assert min(lags_s) < MAX_LAG_S

    window_text: list[str] = []

    async def _shown(window: DiagnosisWindow, until: Wait) -> None:
        await until(window.again.isEnabled, "the report")
        window_text.append(window.text.toPlainText())

    async def _report(token: Secret, display: str, network: NetworkSettings) -> str:
        report, _ = await diagnose(folders, display, token, network)
        return report

    with secret_service(monkeypatch, tmp_path / "session") as service:
        service.start()
        arun(job())
