"""``token`` as a user runs it; and ``enhance`` with the token it has stored."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from enhance_gui.storage.folders import user_folders
from tests.scenarios.running import profile_of, with_provider
from tests.support.keyrings.plain_backend import install_plain_backend
from tests.support.keyrings.secret_service import (
    SecretService,
    needs_secret_service,
    secret_service,
    without_session_bus,
)
from tests.support.program import Ended, ended, first_text, run, start, write_profile
from tests.support.provider import Provider

CANARY = "c4n4ry-of-the-command"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SecretService]:
    with secret_service(monkeypatch, tmp_path / "session") as running:
        yield running


def _add_studio(provider: Provider) -> None:
    """Add a service to the user's own."""
    folder = user_folders().profiles
    folder.mkdir(parents=True, exist_ok=True)
    write_profile(folder / "studio.toml", profile_of(provider))


async def _token(*arguments: str, typed: str = "") -> Ended:
    return await run("token", *arguments, typed=typed.encode())


@needs_secret_service
def test_a_stored_token_serves_until_it_is_forgotten(
    service: SecretService, tmp_path: Path
) -> None:
    service.start()

    async def test(provider: Provider) -> None:
        _add_studio(provider)
        enhance = ["enhance", "--service", "Studio", "--save", str(tmp_path / "out")]
        assert (await _token("status")).out == "Studio: no token\n"
        missing = await run(*enhance, *provider.pictures("a"))
        assert missing.code == 2
        assert "enhance-gui token set --service" in missing.err
        assert provider.requests == []
        # Without --service: there is only one that needs a token.
        kept = await _token("set", typed=f"  {CANARY}\n")
        assert (kept.code, kept.err) == (0, "")
        assert "Secret Service" in kept.out
        assert CANARY not in kept.out
        assert (await _token("status", "--service", "Studio")).out.startswith("Studio: a token")
        done = await run(*enhance, *provider.pictures("a"))
        assert done.code == 0, done.err
        assert {seen.headers["token"] for seen in provider.seen("/createtask")} == {CANARY}
        # The token of one run goes before the stored one.
        again = await run(*enhance, *provider.pictures("b"), token="of-this-run")
        assert again.code == 0, again.err
        assert provider.seen("/createtask")[-1].headers["token"] == "of-this-run"
        assert (await _token("forget")).out == "Studio: the token is forgotten\n"
        assert (await _token("forget")).out == "Studio: there was no token\n"

    with_provider(test)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "no token"),
        ("  \n", "no token"),
        ("two\nlines", "one line"),
        ("t\u00f6ken", "plain ASCII"),
        ("x" * 9000, "longer than"),
    ],
)
def test_what_cannot_be_a_token_is_refused(typed: str, words: str) -> None:
    async def test(provider: Provider) -> None:
        _add_studio(provider)
        done = await _token("set", typed=typed)
        assert done.code == 2
        assert words in done.err

    with_provider(test)


@pytest.mark.parametrize(
    "arguments",
    [
        ["set", CANARY],
        ["set", "--service", "Studio", CANARY],
        ["set", f"--token={CANARY}"],
        [CANARY],
    ],
)
def test_a_token_as_an_argument_is_refused_and_not_repeated(arguments: list[str]) -> None:
    done = asyncio.run(_token(*arguments))
    assert done.code == 2
    assert CANARY not in done.out + done.err


def test_it_must_be_clear_whose_token_it_is() -> None:
    async def test(provider: Provider) -> None:
        assert (await _token("status")).out == "no service needs a token\n"
        none = await _token("set", typed=CANARY)
        assert (none.code, "--service" in none.err) == (2, True)
        own = await _token("set", "--service", "This computer", typed=CANARY)
        assert (own.code, "its own token" in own.err) == (2, True)
        _add_studio(provider)
        other = profile_of(provider, name="Another")
        write_profile(user_folders().profiles / "another.toml", other)
        two = await _token("set", typed=CANARY)
        assert (two.code, "Another, Studio" in two.err) == (2, True)

    with_provider(test)


def test_without_a_password_manager_nothing_is_kept_even_where_a_plain_file_is_offered(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)
    site, file = install_plain_backend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(Path.cwd())]))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "plain_keyring.PlainKeyring")

    async def test(provider: Provider) -> None:
        _add_studio(provider)
        done = await _token("set", typed=CANARY)
        assert done.code == 1
        assert "no password manager" in done.err.lower()
        assert "ENHANCE_GUI_TOKEN" in done.err
        assert (await _token("status")).code == 1

    with_provider(test)
    assert not file.exists()
    for path in own_home.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes()


@needs_secret_service
def test_a_locked_password_manager_is_wrong_usage_of_enhance_and_nothing_is_sent(
    service: SecretService, tmp_path: Path
) -> None:
    service.start()

    async def test(provider: Provider) -> None:
        _add_studio(provider)
        assert (await _token("set", typed=CANARY)).code == 0
        service.stop()
        service.start(unlocked=False)
        done = await run("enhance", "--service", "Studio", *provider.pictures("a"))
        assert done.code == 2
        assert "password manager is locked" in done.err
        assert provider.requests == []
        # The token of one run needs none.
        save = ["--save", str(tmp_path / "out")]
        given = await run(
            "enhance", "--service", "Studio", *save, *provider.pictures("a"), token=CANARY
        )
        assert given.code == 0, given.err

    with_provider(test)


@needs_secret_service
def test_waiting_for_the_password_manager_is_shown(service: SecretService) -> None:
    service.start()

    async def test(provider: Provider) -> None:
        _add_studio(provider)
        assert (await _token("set", typed=CANARY)).code == 0
        service.hang()
        process = await start("token", "status")
        assert "waiting for the password manager" in await first_text(process)
        service.recover()
        done = await ended(process)
        assert done.out.startswith("Studio: a token is kept")

    with_provider(test)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_token_typed_into_a_terminal_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_session_bus(monkeypatch, tmp_path)

    async def test(provider: Provider) -> None:
        _add_studio(provider)
        shown = await asyncio.to_thread(_type_into_terminal)
        assert "Token of “Studio”" in shown
        # It went on after the typing: the token was taken.
        assert "password manager" in shown
        assert CANARY not in shown

    with_provider(test)


def _type_into_terminal() -> str:
    # Not there on Windows.
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "enhance_gui", "token", "set"]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    typed = False
    # Linux tells by an error that the other side has closed.
    with suppress(OSError):
        while data := os.read(ours, 4096):
            shown += data
            if not typed and b"not shown" in shown:
                os.write(ours, CANARY.encode() + b"\n")
                typed = True
    process.wait()
    os.close(ours)
    return shown.decode()
