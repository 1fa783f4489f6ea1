"""``doctor``: what works, what does not, what to do; and no secret."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from enhance_gui.core.settings.network import NetworkSettings, ProxyMode
from enhance_gui.core.settings.preferences import Preferences
from enhance_gui.jobs.support.diagnosis import NEWEST_TRIED_PYTHON
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.settings.preferences_file import write_preferences
from tests.scenarios.running import profile_of, with_provider
from tests.support.keyrings.secret_service import (
    SecretService,
    needs_secret_service,
    secret_service,
    without_session_bus,
)
from tests.support.program import Ended, run, write_profile
from tests.support.provider import Provider
from tests.support.scriptable_service import Reply

CANARY = "c4n4ry-of-the-doctor"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SecretService]:
    with secret_service(monkeypatch, tmp_path / "session") as running:
        yield running


def _verdicts(done: Ended) -> dict[str, str]:
    """Return the verdict on each part."""
    found = {}
    for line in done.out.splitlines():
        verdict, _, rest = line.partition(" ")
        if verdict in ("ok", "note", "PROBLEM"):
            found[rest.strip().partition(":")[0]] = verdict
    return found


def _line(done: Ended, part: str) -> str:
    """Return what is said of a part, its next step included."""
    lines = done.out.splitlines()
    at = next(n for n, line in enumerate(lines) if line[8:].startswith(part))
    return " ".join(lines[at : at + 2])


def _add_studio(provider: Provider) -> None:
    folder = user_folders().profiles
    folder.mkdir(parents=True, exist_ok=True)
    write_profile(folder / "studio.toml", profile_of(provider))


def test_on_a_bare_machine_everything_needed_works_and_the_rest_is_noted(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    done = asyncio.run(run("doctor"))
    assert done.code == 0, done.out + done.err
    verdicts = _verdicts(done)
    tried = sys.version_info[:2] <= NEWEST_TRIED_PYTHON
    assert verdicts["Python"] == ("ok" if tried else "note")
    for part in ("List of tasks", "This computer", "Network", "Data", "Results"):
        assert verdicts[part] == "ok", done.out
    assert verdicts["Password manager"] == "note"
    assert "GNOME Keyring" in _line(done, "Password manager")
    # It has left nothing behind.
    assert [path for path in own_home.rglob("*") if path.is_file()] == []


@needs_secret_service
def test_a_service_whose_token_is_kept_is_asked_and_neither_is_shown(
    service: SecretService,
) -> None:
    service.start()

    async def test(provider: Provider) -> None:
        _add_studio(provider)
        assert (await run("token", "set", typed=CANARY.encode())).code == 0
        done = await run("doctor")
        assert done.code == 0, done.out
        assert _verdicts(done)["Service “Studio”"] == "ok"
        assert _verdicts(done)["Password manager"] == "ok"
        assert [seen.path for seen in provider.requests] == ["/gettask"]
        assert provider.requests[0].headers["token"] == CANARY
        provider.on("/gettask", Reply(401))
        refused = await run("doctor")
        assert refused.code == 1
        assert _verdicts(refused)["Service “Studio”"] == "PROBLEM"
        assert "Set the right token" in _line(refused, "Service “Studio”")
        assert CANARY not in done.out + done.err + refused.out + refused.err

    with_provider(test)


@needs_secret_service
def test_a_locked_password_manager_and_a_token_of_the_run_are_told_without_the_token(
    service: SecretService,
) -> None:
    service.start()  # which makes the keyring
    service.stop()
    service.start(unlocked=False)

    async def test(provider: Provider) -> None:
        _add_studio(provider)
        done = await run("doctor", token=CANARY)
        assert done.code == 0, done.out
        assert "locked" in _line(done, "Password manager")
        assert "ENHANCE_GUI_TOKEN is set" in done.out
        # Nobody said that it is this service's.
        assert provider.requests == []
        assert CANARY not in done.out + done.err

    with_provider(test)


def test_a_damaged_database_a_bad_profile_and_a_bad_folder_are_problems_with_a_way_out(
    own_home: Path,
) -> None:
    folders = user_folders()
    folders.data.mkdir(parents=True)
    folders.database.write_bytes(b"not a database at all" * 100)
    folders.profiles.mkdir(parents=True)
    (folders.profiles / "bad.toml").write_text("name = 1\n")
    folders.cache.parent.mkdir(exist_ok=True)
    folders.cache.write_bytes(b"")
    done = asyncio.run(run("doctor"))
    assert done.code == 1
    verdicts = _verdicts(done)
    for part in ("List of tasks", "Profile", "Cache"):
        assert verdicts[part] == "PROBLEM", done.out
        assert "→" in _line(done, part)
    assert "Not working: List of tasks, Cache, Profile" in done.out
    # Only looked at.
    assert folders.database.read_bytes().startswith(b"not a database")


def test_a_database_of_a_newer_program_is_told_with_what_to_do() -> None:
    folders = user_folders()
    folders.data.mkdir(parents=True)
    with closing(sqlite3.connect(folders.database)) as database:
        database.execute("CREATE TABLE task (id INTEGER)")
        database.execute("PRAGMA user_version = 10000")
        database.commit()
    done = asyncio.run(run("doctor"))
    assert _verdicts(done)["List of tasks"] == "PROBLEM"
    assert "newer version" in _line(done, "List of tasks")


@pytest.mark.long
def test_proxies_are_told_without_their_passwords_and_one_of_another_kind_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", f"http://user:{CANARY}@proxy.example:3128")
    done = asyncio.run(run("doctor"))
    assert _verdicts(done)["Network"] == "ok"
    assert "the system's proxy for https" in _line(done, "Network")
    monkeypatch.setenv("all_proxy", f"socks5://user:{CANARY}@proxy.example:1080")
    other = asyncio.run(run("doctor"))
    assert (other.code, _verdicts(other)["Network"]) == (1, "PROBLEM")
    assert "begins with http://" in _line(other, "Network")
    assert CANARY not in done.out + done.err + other.out + other.err


def test_the_network_settings_of_the_user_are_what_is_told() -> None:
    file = user_folders().preferences
    own = NetworkSettings(
        ProxyMode.OWN, f"http://{CANARY}:x@proxy.example", ca_file=Path("/missing.pem")
    )
    write_preferences(file, Preferences(network=own))
    done = asyncio.run(run("doctor"))
    assert _verdicts(done)["Network"] == _verdicts(done)["Additional certificates"] == "PROBLEM"
    assert "must not carry a user name" in _line(done, "Network")
    assert CANARY not in done.out + done.err
    own = NetworkSettings(ProxyMode.OWN, "http://proxy.example:3128", connect_s=2)
    write_preferences(file, Preferences(network=own))
    assert "through your own proxy" in _line(asyncio.run(run("doctor")), "Network")


def test_the_end_of_the_log_is_shown_redacted() -> None:
    log = user_folders().log
    log.parent.mkdir(parents=True)
    lines = [f"line {number}" for number in range(100)]
    log.write_text("\n".join([*lines, f"asked https://host/a?sig={CANARY}"]) + "\n")
    done = asyncio.run(run("doctor"))
    assert "line 99" in done.out
    assert "line 10\n" not in done.out
    assert "asked https://host/a?<hidden>" in done.out
    assert CANARY not in done.out
