"""Tokens lie in a real password manager, or nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import InitError, PasswordSetError

from enhance_gui.core.secret import Secret
from enhance_gui.core.storage_errors import (
    KEYRING_CHANGED,
    KEYRING_LOCKED,
    KeyringMissing,
    KeyringProblem,
)
from enhance_gui.storage.system.keyrings import Account, Manager, SystemKeyring, managers_of
from tests.support.keyrings.plain_backend import install_plain_backend
from tests.support.keyrings.secret_service import (
    SecretService,
    needs_secret_service,
    secret_service,
    without_session_bus,
)
from tests.support.raising import raises_kind

STUDIO = Account("Studio", "https://studio.example")
TOKEN = Secret("c4n4ry-of-the-keyring")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SecretService]:
    with secret_service(monkeypatch, tmp_path / "session") as running:
        yield running


@pytest.fixture
def keyring(tmp_path: Path) -> SystemKeyring:
    return SystemKeyring(tmp_path / "state" / "token-places.json")


@needs_secret_service
def test_a_token_is_kept_replaced_and_forgotten(
    service: SecretService, keyring: SystemKeyring
) -> None:
    service.start()
    assert keyring.title() == "Secret Service"
    assert keyring.read(STUDIO) is None
    keyring.write(STUDIO, Secret("an older one"))
    keyring.write(STUDIO, TOKEN)
    assert keyring.read(STUDIO) == TOKEN
    assert keyring.forget(STUDIO) is True
    assert keyring.read(STUDIO) is None
    assert keyring.forget(STUDIO) is False


@needs_secret_service
def test_a_token_outlives_the_password_manager_and_the_program(
    service: SecretService, keyring: SystemKeyring, tmp_path: Path
) -> None:
    service.start()
    keyring.write(STUDIO, TOKEN)
    service.stop()
    service.start()
    assert SystemKeyring(tmp_path / "elsewhere.json").read(STUDIO) == TOKEN


@needs_secret_service
def test_a_service_of_the_same_name_elsewhere_gets_no_token(
    service: SecretService, keyring: SystemKeyring
) -> None:
    service.start()
    keyring.write(STUDIO, TOKEN)
    assert keyring.read(Account("Studio", "https://elsewhere.example")) is None
    assert keyring.read(Account("Another", STUDIO.origin)) is None


@needs_secret_service
def test_what_is_remembered_of_places_holds_no_token(
    service: SecretService, keyring: SystemKeyring, tmp_path: Path
) -> None:
    service.start()
    keyring.write(STUDIO, TOKEN)
    words = (tmp_path / "state" / "token-places.json").read_text()
    assert "Secret Service" in words
    assert TOKEN.reveal() not in words


def test_without_a_session_bus_there_is_no_password_manager(
    keyring: SystemKeyring, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_session_bus(monkeypatch, tmp_path)
    with pytest.raises(KeyringMissing):
        keyring.read(STUDIO)
    with pytest.raises(KeyringMissing):
        keyring.write(STUDIO, TOKEN)


@needs_secret_service
def test_without_a_secret_service_on_the_bus_there_is_no_password_manager(
    service: SecretService, keyring: SystemKeyring
) -> None:
    service.start()
    keyring.write(STUDIO, TOKEN)
    service.stop()
    with pytest.raises(KeyringMissing, match="the token is in Secret Service"):
        keyring.read(STUDIO)


@needs_secret_service
def test_a_locked_password_manager_is_told_from_a_missing_token(
    service: SecretService, keyring: SystemKeyring
) -> None:
    service.start()
    keyring.write(STUDIO, TOKEN)
    service.stop()
    service.start(unlocked=False)
    with raises_kind(KEYRING_LOCKED, KeyringProblem):
        keyring.read(STUDIO)
    with raises_kind(KEYRING_LOCKED, KeyringProblem):
        keyring.write(STUDIO, TOKEN)


@needs_secret_service
def test_a_password_manager_without_a_keyring_yet_is_told_as_locked(
    service: SecretService, keyring: SystemKeyring
) -> None:
    service.start(unlocked=False)
    with raises_kind(KEYRING_LOCKED, KeyringProblem):
        keyring.write(STUDIO, TOKEN)


@needs_secret_service
def test_to_look_for_a_token_makes_no_keyring(
    service: SecretService, keyring: SystemKeyring
) -> None:
    service.start(unlocked=False)
    # To make one, the system would ask for a password, which fails here as nobody can be asked.
    assert keyring.read(STUDIO) is None
    assert keyring.forget(STUDIO) is False


# -- what a password manager may be ---------------------------------------------------------------


class _InMemory(KeyringBackend):
    """A stand-in for another manager; what it holds is its class's."""

    priority = 4.0
    held: dict[tuple[str, str], str]

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


def manager(title: str, **parts: object) -> Manager:
    kind = type(title, (_InMemory,), {"held": {}, **parts})
    return Manager(title, lambda: kind)


def test_another_manager_than_the_one_that_has_the_token_is_told(tmp_path: Path) -> None:
    places = tmp_path / "places.json"
    SystemKeyring(places, (manager("Old"),)).write(STUDIO, TOKEN)
    changed = SystemKeyring(places, (manager("New"),))
    with raises_kind(KEYRING_CHANGED, KeyringProblem, match="in Old, not in New"):
        changed.read(STUDIO)
    # The way out: store it anew.
    changed.write(STUDIO, TOKEN)
    assert changed.read(STUDIO) == TOKEN


def test_the_manager_that_has_the_token_is_asked_even_where_another_is_preferred(
    tmp_path: Path,
) -> None:
    places = tmp_path / "places.json"
    old, new = manager("Old"), manager("New", priority=9.0)
    SystemKeyring(places, (old,)).write(STUDIO, TOKEN)
    both = SystemKeyring(places, (new, old))
    assert both.title() == "New"
    assert both.read(STUDIO) == TOKEN
    assert both.forget(STUDIO) is True
    assert both.read(STUDIO) is None


def test_a_manager_that_takes_a_token_and_does_not_have_it_is_found_out(tmp_path: Path) -> None:
    forgetful = manager("Forgetful", get_password=lambda *_: None)
    with pytest.raises(KeyringProblem, match="does not have it"):
        SystemKeyring(tmp_path / "places.json", (forgetful,)).write(STUDIO, TOKEN)


def hesitant(answer: object) -> Callable[..., object]:
    """Return a function that the session bus does not let in the first few times."""
    left = 3

    def ask(*_: object) -> object:
        nonlocal left
        left -= 1
        if left > 0:
            raise TimeoutError("Did not authenticate in 1.0 seconds")
        return answer

    return ask


class OfItsClass:
    """A property of a class."""

    def __init__(self, ask: Callable[..., object]) -> None:
        self._ask = ask

    def __get__(self, *_: object) -> object:
        return self._ask()


def test_a_session_bus_that_is_slow_to_let_us_in_is_asked_again(tmp_path: Path) -> None:
    busy = manager(
        "Busy",
        priority=OfItsClass(hesitant(4.0)),
        set_password=hesitant(None),
        get_password=hesitant(TOKEN.reveal()),
        delete_password=hesitant(None),
    )
    keyring = SystemKeyring(tmp_path / "places.json", (busy,))
    keyring.write(STUDIO, TOKEN)
    assert keyring.read(STUDIO) == TOKEN
    assert keyring.forget(STUDIO) is True


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PasswordSetError("Cancelled by user"), KeyringProblem.kind),
        (InitError("Failed to create the collection: Prompt dismissed.."), KEYRING_LOCKED),
        (ConnectionResetError(104, "Connection reset by peer"), KeyringProblem.kind),
        (TimeoutError("Did not authenticate in 1.0 seconds"), KeyringProblem.kind),
        (ValueError(f"cannot store {TOKEN.reveal()}"), KeyringProblem.kind),
    ],
)
def test_errors_of_a_manager_become_ours_without_the_token(
    tmp_path: Path, error: Exception, kind: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    broken = SystemKeyring(tmp_path / "places.json", (manager("Broken", set_password=fail),))
    with pytest.raises(KeyringProblem) as caught:
        broken.write(STUDIO, TOKEN)
    assert caught.value.kind == kind
    assert TOKEN.reveal() not in str(caught.value)


def test_the_allowed_backends_are_these_exact_classes() -> None:
    names = {
        f"{kind.__module__}.{kind.__name__}"
        for each in managers_of("linux")
        for kind in [each.load()]
    }
    assert names == {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
    }
    assert [each.title for each in managers_of("darwin")] == ["macOS Keychain"]
    assert [each.title for each in managers_of("win32")] == ["Windows Credential Manager"]


_USE_OURS = """
import pathlib, sys
from enhance_gui.core.storage_errors import KeyringMissing
from enhance_gui.core.secret import Secret
from enhance_gui.storage.system.keyrings import Account, SystemKeyring
keyring = SystemKeyring(pathlib.Path(sys.argv[1]))
try:
    keyring.write(Account("Studio", "https://studio.example"), Secret("c4n4ry"))
except KeyringMissing:
    print("refused")
"""
_USE_THEIRS = "import keyring; keyring.set_password('Studio', 'user', 'c4n4ry')"


@pytest.mark.parametrize("way", ["installed", "variable", "settings"])
def test_a_plain_text_backend_is_refused_however_it_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path, way: str
) -> None:
    without_session_bus(monkeypatch, tmp_path)
    site, file = install_plain_backend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(Path.cwd())]))
    if way == "variable":
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "plain_keyring.PlainKeyring")
    if way == "settings":
        folder = own_home / "config" / "python_keyring"
        folder.mkdir()
        (folder / "keyringrc.cfg").write_text(
            f"[backend]\ndefault-keyring=plain_keyring.PlainKeyring\nkeyring-path={site}\n"
        )
    places = str(tmp_path / "places.json")
    ours = subprocess.run(
        [sys.executable, "-c", _USE_OURS, places], capture_output=True, text=True, check=True
    )
    assert ours.stdout == "refused\n"
    assert not file.exists()
    # The trap is real: the keyring package by itself walks into it.
    subprocess.run([sys.executable, "-c", _USE_THEIRS], check=True)
    assert file.read_text() == "c4n4ry"
