"""Keeps the tokens of services in the password managers of this computer.

Only those that keep a secret encrypted are used, each by its exact class. The ``keyring`` package
by itself would take whatever is installed, a plain-text file included, and whatever
``PYTHON_KEYRING_BACKEND`` or a ``keyringrc.cfg`` names; neither is asked.

Every call here may wait for a person, or for ever: see
:mod:`enhance_gui.jobs.services.credentials`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from enhance_gui.core.secret import Secret
from enhance_gui.core.storage_errors import (
    KEYRING_CHANGED,
    KEYRING_LOCKED,
    KeyringMissing,
    KeyringProblem,
)
from enhance_gui.core.text.detail import Detail
from enhance_gui.storage.settings.json_files import read_mapping, write_mapping

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

_log = logging.getLogger(__name__)

_NO_OBJECT: Final = "/"
"""The path by which Secret Service says that there is none."""

_PROGRAM: Final = "Enhance GUI"

_TRIES: Final = 10
"""The libraries give the session bus one second to respond, which is little on a busy computer;
without retries, no password manager would be found for the whole run."""


@dataclass(frozen=True, slots=True)
class Account:
    """The service that a token belongs to."""

    service: str
    """Name of the service's profile."""
    origin: str
    """Scheme, host and port. A profile of the same name that leads elsewhere gets no token."""
    path: str = ""
    """What follows them in the service's address: on a shared host, others have other paths."""

    @property
    def address(self) -> str:
        """The one address that the token is for; never equal to an origin alone.

        Earlier versions kept tokens for an origin.
        """
        return f"{self.origin}{self.path or '/'}"


@dataclass(frozen=True, slots=True)
class Manager:
    """A kind of password manager that is known to keep secrets safe."""

    title: str
    """As people know it."""
    load: Callable[[], type[KeyringBackend]]
    """Imports and returns its exact class."""
    is_empty: Callable[[], bool] = lambda: False
    """Returns whether it has no keyring yet: to read would have the user make one."""


def _secret_service() -> type[KeyringBackend]:
    from keyring.backends.SecretService import Keyring

    return Keyring


def _secret_service_is_empty() -> bool:
    from jeepney import DBusAddress, MessageType, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    service = DBusAddress(
        "/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service"
    )
    with open_dbus_connection() as bus:
        reply = bus.send_and_get_reply(new_method_call(service, "ReadAlias", "s", ("default",)))
    answered: bool = reply.header.message_type is MessageType.method_return
    return answered and reply.body == (_NO_OBJECT,)


def _kwallet() -> type[KeyringBackend]:
    from keyring.backends.kwallet import DBusKeyring

    return DBusKeyring


def _macos() -> type[KeyringBackend]:
    from keyring.backends.macOS import Keyring

    return Keyring


def _windows() -> type[KeyringBackend]:
    from keyring.backends.Windows import WinVaultKeyring

    return WinVaultKeyring


def managers_of(platform: str) -> tuple[Manager, ...]:
    """Return the password managers of a platform, by its name in ``sys.platform``."""
    if platform == "win32":
        return (Manager("Windows Credential Manager", _windows),)
    if platform == "darwin":
        return (Manager("macOS Keychain", _macos),)
    return (
        Manager("Secret Service", _secret_service, _secret_service_is_empty),
        Manager("KWallet", _kwallet),
    )


class SystemKeyring:
    """Reads and writes tokens in the password manager that answers on this computer."""

    def __init__(self, places: Path, managers: tuple[Manager, ...] | None = None) -> None:
        """
        :param places: small file that remembers which manager holds whose token; no secret.
        """
        self._places = places
        self._managers = managers_of(sys.platform) if managers is None else managers

    def title(self) -> str:
        """Return the name of the manager that a new token would go to.

        :raises KeyringMissing: none answers.
        """
        return self._find("")[0]

    def read(self, account: Account) -> Secret | None:
        """Return a token; ``None`` where there is none.

        One that an earlier version kept for a whole origin is from then on for this address alone.

        :raises KeyringProblem: it cannot be read, or lies in another manager.
        """
        before = self._place_of(account)
        title, backend = self._find(before)
        if not before and self._is_empty(title):
            return None
        system = _system(account)
        if token := _call(backend.get_password, system, account.address):
            return Secret(token)
        if token := _call(backend.get_password, system, account.origin):
            self.write(account, Secret(token))
            return Secret(token)
        if before not in ("", title):
            raise KeyringProblem(
                "the token of “{service}” is in {before}, not in {now}",
                kind=KEYRING_CHANGED,
                service=account.service,
                before=before,
                now=title,
            )
        return None

    def write(self, account: Account, token: Secret) -> None:
        """Keep a token, in place of an older one.

        :raises KeyringProblem: it is not kept.
        """
        title, backend = self._find(self._place_of(account))
        system = _system(account)
        _call(backend.set_password, system, account.address, token.reveal())
        kept = _call(backend.get_password, system, account.address)
        if kept is None or not token.matches(kept):
            raise KeyringProblem("{manager} took the token and does not have it", manager=title)
        self._remember(account, title)
        # Else a profile with another path would get the token of an earlier version.
        if _call(backend.get_password, system, account.origin):
            _call(backend.delete_password, system, account.origin)

    def forget(self, account: Account) -> bool:
        """Remove a token; return whether there was one.

        :raises KeyringProblem: it could not be removed.
        """
        there_was_one = self.read(account) is not None
        if there_was_one:
            _, backend = self._find(self._place_of(account))
            _call(backend.delete_password, _system(account), account.address)
        self._remember(account, "")
        return there_was_one

    def _find(self, before: str) -> tuple[str, KeyringBackend]:
        """Return the manager that has the token, else the one that the desktop prefers."""
        found = [each for manager in self._managers if (each := _usable(manager)) is not None]
        if not found:
            if before:
                raise KeyringMissing("none answers; the token is in {before}", before=before)
            raise KeyringMissing("none answers")
        _, title, backend = max(found, key=lambda each: (each[1] == before, each[0]))
        return title, backend

    def _is_empty(self, title: str) -> bool:
        manager = next(each for each in self._managers if each.title == title)
        try:
            return _within_limit(manager.is_empty)
        # As in reading: errors of whatever library it uses, which reading will then report.
        except Exception as error:  # noqa: BLE001
            _log.debug("%s does not say whether it has a keyring: %s", title, error)
            return False

    # -- which manager has it ---------------------------------------------------------------------

    def _place_of(self, account: Account) -> str:
        places = read_mapping(self._places)
        return str(places.get(_key(account)) or places.get(_earlier_key(account), ""))

    def _remember(self, account: Account, title: str) -> None:
        places = read_mapping(self._places)
        if places.get(_key(account), "") == title and _earlier_key(account) not in places:
            return
        places.pop(_earlier_key(account), None)
        places[_key(account)] = title
        try:
            write_mapping(self._places, {key: value for key, value in places.items() if value})
        except OSError as error:
            _log.info("it could not be noted which password manager has a token: %s", error)


def _usable(manager: Manager) -> tuple[float, str, KeyringBackend] | None:
    """Return a manager that answers, with its priority."""
    try:
        kind = manager.load()
        return _within_limit(lambda: kind.priority), manager.title, kind()
    # A backend that cannot work raises an error of whatever library it uses.
    except Exception as error:  # noqa: BLE001
        _log.debug("%s does not answer: %s", manager.title, error)
        return None


def _within_limit(work: Callable[[], T]) -> T:
    """Call a function, and retry where the session bus was not ready in time."""
    for _ in range(_TRIES - 1):
        with suppress(TimeoutError):
            return work()
    return work()


def _system(account: Account) -> str:
    return f"{_PROGRAM}: {account.service}"


def _key(account: Account) -> str:
    return f"{account.service} {account.address}"


def _earlier_key(account: Account) -> str:
    return f"{account.service} {account.origin}"


def _call(method: Callable[..., T], *texts: str) -> T:
    """Call a password manager, and turn its errors into ours."""
    from keyring import errors

    try:
        return _within_limit(lambda: method(*texts))
    except (errors.KeyringLocked, errors.InitError) as error:
        raise KeyringProblem(_reason_of(error), kind=KEYRING_LOCKED) from error
    # The backends let errors of their D-Bus and system libraries through, of no common root.
    except Exception as error:
        raise KeyringProblem(_reason_of(error)) from error


def _reason_of(error: Exception) -> str:
    text = str(error).strip().rstrip(".!")
    if not text:
        return type(error).__name__
    return Detail("it reports: {message}", message=f"{text[:1].lower()}{text[1:]}")
