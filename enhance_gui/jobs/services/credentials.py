"""Keeps the tokens of services: in the password manager, and where that fails for this run only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeVar

from enhance_gui.core.secret import Secret
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.storage_errors import KEYRING_SILENT, KeyringProblem
from enhance_gui.core.threads import in_daemon_thread
from enhance_gui.storage.folders import Folders
from enhance_gui.storage.system.keyrings import Account, SystemKeyring

T = TypeVar("T")

LIMIT_S: Final = 60.0
"""How long a password manager gets to answer; a person may have to type a password into it."""

NOTICE_AFTER_S: Final = 1.0
"""Wait after which it is shown that the program waits."""


class TokenLocation(StrEnum):
    """Where the token of a service is."""

    NONE = "none"
    KEPT = "kept"
    """In the password manager: the next run has it too."""
    THIS_RUN = "this_run"
    """In memory only."""


class CredentialStore:
    """Reads, keeps and forgets tokens without holding up the event loop, whatever happens."""

    def __init__(
        self,
        keyring: SystemKeyring,
        on_waiting: Callable[[bool], None] = lambda _: None,
        *,
        limit_s: float = LIMIT_S,
        notice_after_s: float = NOTICE_AFTER_S,
    ) -> None:
        """:param on_waiting: told, on the event loop, when the password manager begins to keep the
        program waiting, for it may show a window of its own, and when that is over.
        """
        self._keyring = keyring
        self._on_waiting = on_waiting
        self._waiting: set[Callable[[], object]] = set()
        self._limit_s = limit_s
        self._notice_after_s = notice_after_s
        self._of_this_run: dict[Account, Secret] = {}
        self._forgotten: set[Account] = set()
        """Accounts whose tokens the password manager may still have, and which use none."""
        self._call: asyncio.Future[object] | None = None

    @classmethod
    def of_user(
        cls, folders: Folders, on_waiting: Callable[[bool], None] = lambda _: None
    ) -> CredentialStore:
        """Return the credential store of this user."""
        return cls(SystemKeyring(folders.token_places), on_waiting)

    async def get(self, profile: ServiceProfile) -> Secret | None:
        """Return the token of a service; ``None``: there is none.

        :raises KeyringProblem: the password manager does not answer.
        """
        account = _account(profile)
        if account in self._of_this_run:
            return self._of_this_run[account]
        if not profile.needs_token or account in self._forgotten:
            return None
        kept = None
        try:
            kept = await self._ask(lambda: self._keyring.read(account))
        except KeyringProblem:
            if account not in self._of_this_run:
                raise
        # The user may have given one while the password manager kept the program waiting.
        return self._of_this_run.get(account, kept)

    async def place(self, profile: ServiceProfile) -> TokenLocation:
        """Return where the token of a service is.

        :raises KeyringProblem: the password manager does not answer.
        """
        account = _account(profile)
        if account in self._of_this_run:
            return TokenLocation.THIS_RUN
        kept = await self._ask(lambda: self._keyring.read(account))
        return TokenLocation.NONE if kept is None else TokenLocation.KEPT

    async def set(self, profile: ServiceProfile, token: Secret) -> None:
        """Keep the token of a service.

        :raises KeyringProblem: the password manager does not take it; it holds for this run.
        """
        account = _account(profile)
        self.keep_for_this_run(profile, token)
        await self._ask(lambda: self._keyring.write(account, token))
        # Another one may have been given meanwhile, which the password manager may not take.
        if self._of_this_run.get(account) is token:
            del self._of_this_run[account]

    async def forget(self, profile: ServiceProfile) -> bool:
        """Forget the token of a service; return whether there was one.

        :raises KeyringProblem: the password manager does not do it; one of this run is forgotten,
            and none is used until another is given.
        """
        account = _account(profile)
        was_of_this_run = self._of_this_run.pop(account, None) is not None
        if was_of_this_run:
            self._forgotten.add(account)
        was_kept = await self._ask(lambda: self._keyring.forget(account))
        self._forgotten.discard(account)
        return was_kept or was_of_this_run

    async def move(self, old: ServiceProfile, new: ServiceProfile) -> None:
        """Have the token of a service follow it to its new name.

        :raises KeyringProblem: the password manager does not do it; the token holds for this run.
        """
        if (token := self._of_this_run.pop(_account(old), None)) is not None:
            self._of_this_run[_account(new)] = token
            return
        token = await self.get(old)
        if token is not None:
            await self.set(new, token)
            await self.forget(old)

    def keep_for_this_run(self, profile: ServiceProfile, token: Secret) -> None:
        """Use a token for this service until the program ends, and write it nowhere."""
        account = _account(profile)
        self._of_this_run[account] = token
        self._forgotten.discard(account)

    def of_this_run(self, profile: ServiceProfile) -> Secret | None:
        """Return the token that a service has until the program ends, if it has one."""
        return self._of_this_run.get(_account(profile))

    async def manager(self) -> str:
        """Return the name of the password manager.

        :raises KeyringProblem: none answers.
        """
        return await self._ask(self._keyring.title)

    async def _ask(self, work: Callable[[], T]) -> T:
        notice = asyncio.get_running_loop().call_later(self._notice_after_s, self._wait, work)
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._in_turn(work)
        except TimeoutError as error:
            raise KeyringProblem(
                "it has not answered for {count:.0f} s", count=self._limit_s, kind=KEYRING_SILENT
            ) from error
        finally:
            notice.cancel()
            self._end_wait(work)

    async def _in_turn(self, work: Callable[[], T]) -> T:
        # One call at a time: while one hangs or waits for a person, more would only add threads
        # that hang, and questions for the same password.
        while self._call is not None and not self._call.done():
            await asyncio.wait([self._call])
        call = in_daemon_thread(work, "password manager")
        self._call = call  # type: ignore[assignment]  # only waited for
        return await asyncio.shield(call)

    def _wait(self, work: Callable[[], object]) -> None:
        self._waiting.add(work)
        if len(self._waiting) == 1:
            self._on_waiting(True)

    def _end_wait(self, work: Callable[[], object]) -> None:
        if work in self._waiting:
            self._waiting.remove(work)
            if not self._waiting:
                self._on_waiting(False)


def _account(profile: ServiceProfile) -> Account:
    return Account(profile.name, profile.origin, profile.base_url.removeprefix(profile.origin))
