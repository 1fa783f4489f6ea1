"""Connects the window to the services: profile files, tokens, connection tests.

Commands run as supervised tasks; their results go out as signals that carry values.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.secret import Secret
from enhance_gui.core.service_errors import SearchFailed, TaskDeleted, TaskUnknown
from enhance_gui.core.services.entry import ServiceEntry
from enhance_gui.core.services.profile import ServiceProfile
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.storage_errors import KeyringProblem
from enhance_gui.core.text.explanations import full_sentence, with_next_step
from enhance_gui.core.text.i18n import N_, tr
from enhance_gui.core.text.joining import sentences
from enhance_gui.jobs.services.credentials import CredentialStore, TokenLocation
from enhance_gui.jobs.services.manager import (
    ServiceManager,
    empty_entry,
    known_server_values,
    template_entry,
)
from enhance_gui.ui.bridges.async_bridge import AsyncBridge, command

if TYPE_CHECKING:
    from enhance_gui.jobs.services.nearby import NearbyServer

__all__ = ["NearbyServer", "ServiceBridge", "TokenLocation"]
# The first and the last are values that pass through here to the rest of the window.


_CONNECTION_TESTS: Final = "enhance_gui.jobs.services.connection_test"
"""Brings HTTP, which is not there yet when the window is shown."""
_NEARBY: Final = "enhance_gui.jobs.services.nearby"

_NO_SUCH_TASK: Final = N_(
    "The service knows no task with this id. Check the id and the enhance type, and that the task "
    "belongs to the account of this token."
)


class ServiceBridge(AsyncBridge):
    """Reports services to the window, and runs the user's commands on them."""

    entries_changed = Signal(list)
    """Every :class:`ServiceEntry`, that of the local service first."""
    profiles_changed = Signal(list)
    """Every :class:`ServiceProfile` that can be used."""
    saved = Signal(object, object)
    """A :class:`ServiceEntry` as it was, and as it is now."""
    settled = Signal(object, bool)
    """A :class:`ServiceEntry` as it was before it was saved, and whether everything is kept: its
    token too, where one was given."""
    refused = Signal(object, object)
    """A :class:`ServiceEntry` that could not be saved or deleted, and the error."""
    deleted = Signal(object)
    """The :class:`ServiceEntry` that is gone."""
    renamed = Signal(str, str)
    """The name of a service before and after."""
    opened = Signal(object)
    """A :class:`ServiceEntry` read from a file, not saved yet."""
    token_reported = Signal(str, object)
    """A service's name and its :class:`TokenLocation`."""
    token_failed = Signal(str, str)
    """A service's name, and a text: what is wrong with the password manager."""
    token_not_kept = Signal(str, str)
    """A service's name, and a text: its token is used in this run, and why it is not kept."""
    token_set = Signal(str)
    """The name of a service that has a new token."""
    keyring_waits = Signal(bool)
    """Whether the password manager keeps the program waiting."""
    tried = Signal(object, object)
    """The :class:`ServiceProfile` that was tested, and the :class:`ConnectionTest`."""
    nearby_changed = Signal(object)
    """Every :class:`NearbyServer` that is found, as long as somebody looks."""
    nearby_failed = Signal(str)
    """Why nobody can look for them, as a text."""
    record_reported = Signal(object)
    """A :class:`RecordSeen`."""
    record_failed = Signal(str)
    """Why there is no record, as a text."""

    def __init__(
        self,
        folder: Path,
        tokens: CredentialStore,
        network: Callable[[], Awaitable[NetworkSettings]],
    ) -> None:
        """
        :param folder: of the user's profiles; may not exist.
        :param network: returns the present network settings.
        """
        super().__init__()
        self._tokens = tokens
        self._network = network
        self._care = ServiceManager(folder, tokens)

    # -- services ---------------------------------------------------------------------------------

    @command
    async def look(self) -> None:
        """Read the services anew; :attr:`entries_changed` carries them."""
        await self._emit_entries()

    async def _emit_entries(self) -> None:
        entries = await self._care.entries()
        self.entries_changed.emit(entries)
        self.profiles_changed.emit(
            [entry.profile for entry in entries if entry.profile is not None]
        )

    empty = staticmethod(empty_entry)
    """Returns a service of which nothing is known yet."""
    template = staticmethod(template_entry)
    """Returns the provider's cloud service with blanks to fill in."""
    server_values = staticmethod(known_server_values)
    """Returns the profile data of a server run with this program, without name and address."""

    @command
    async def open_file(self, path: Path) -> None:
        """Read a profile file; :attr:`opened` carries its data, mistakes included."""
        self.opened.emit(await self._care.read(path))

    @command
    async def save(
        self, entry: ServiceEntry, data: Mapping[str, Any], token: Secret | None
    ) -> None:
        """Keep a service, and its token where one is given."""
        try:
            after = await self._care.save(entry, data, await self._queue)
        except KeyringProblem as problem:
            name = str(data.get("name", ""))
            self.token_failed.emit(name, with_next_step(problem))
            after = next(each for each in await self._care.entries() if each.name == name)
        except EnhanceError as error:
            self.refused.emit(entry, error)
            return
        before = entry.profile
        if before is not None and after.name != before.name:
            self.renamed.emit(before.name, after.name)
        await self._emit_entries()
        self.saved.emit(entry, after)
        complete = True
        if token is not None and after.profile is not None:
            complete = await self._keep_token(after.profile, token)
        self.settled.emit(entry, complete)

    @command
    async def delete(self, entry: ServiceEntry, *, forget_token: bool) -> None:
        """Remove a service."""
        try:
            await self._care.delete(entry, await self._queue, forget_token=forget_token)
        except EnhanceError as error:
            self.refused.emit(entry, error)
            return
        self.deleted.emit(entry)
        await self._emit_entries()

    @command
    async def export(self, profile: ServiceProfile, target: Path) -> None:
        """Write a service to a file for somebody else; never over another one."""
        path = await self._care.export(profile, target)
        self.message.emit(tr("Saved as “{name}”, without the token.").format(name=path.name))

    # -- tokens -----------------------------------------------------------------------------------

    @command
    async def look_for_token(self, profile: ServiceProfile) -> None:
        """Find out where a service's token is."""
        try:
            self.token_reported.emit(profile.name, await self._tokens.place(profile))
        except KeyringProblem as problem:
            self.token_failed.emit(profile.name, with_next_step(problem))

    @command
    async def set_token(self, profile: ServiceProfile, token: Secret) -> None:
        """Keep a service's token, in place of an older one."""
        await self._keep_token(profile, token)

    @command
    async def use_token(self, profile: ServiceProfile, token: Secret) -> None:
        """Use a token in this run, without a word to the password manager."""
        await self._use_token(profile, token)

    async def _use_token(self, profile: ServiceProfile, token: Secret) -> None:
        self._tokens.keep_for_this_run(profile, token)
        self.token_reported.emit(profile.name, TokenLocation.THIS_RUN)
        await self._renew(profile)
        self.token_set.emit(profile.name)

    async def _keep_token(self, profile: ServiceProfile, token: Secret) -> bool:
        """Use a token from now on, and keep it; return whether the password manager has it."""
        # It is used at once, whatever the password manager does, and however long it takes.
        await self._use_token(profile, token)
        kept = False
        try:
            await self._tokens.set(profile, token)
            kept = True
        except KeyringProblem as problem:
            text = tr("The token is kept until you quit; then enter it again. {reason}")
            self.token_not_kept.emit(profile.name, text.format(reason=with_next_step(problem)))
        self.token_reported.emit(profile.name, await self._place(profile))
        return kept

    async def _renew(self, profile: ServiceProfile) -> None:
        """Make running work use a changed token; none runs before it is known."""
        if self._queue.done():
            await self._queue.result().pool.renew(profile)

    async def _place(self, profile: ServiceProfile) -> TokenLocation:
        try:
            return await self._tokens.place(profile)
        except KeyringProblem:
            return TokenLocation.THIS_RUN

    @command
    async def forget_token(self, profile: ServiceProfile) -> None:
        """Forget a service's token, and send nothing with it any more.

        One that was given for this run is forgotten even where the password manager cannot be asked
        for another.
        """
        was_of_this_run = self._tokens.of_this_run(profile) is not None
        try:
            await self._tokens.forget(profile)
        except KeyringProblem as problem:
            if was_of_this_run:
                await self._renew(profile)
                text = tr("The token that you entered is forgotten; another may still be saved.")
            else:
                text = tr("The token is not forgotten.")
            self.token_failed.emit(profile.name, sentences(text, with_next_step(problem)))
        else:
            await self._renew(profile)
            self.token_reported.emit(profile.name, TokenLocation.NONE)

    # -- servers on the local network -------------------------------------------------------------

    @command
    async def look_nearby(self, ended: asyncio.Event) -> None:
        """Look for servers on the local network until ``ended``."""
        await asyncio.to_thread(import_module, _NEARBY)
        from enhance_gui.jobs.services.nearby import NearbySearch

        search = NearbySearch(self.nearby_changed.emit)
        try:
            await search.open()
            await ended.wait()
        except SearchFailed as error:
            self.nearby_failed.emit(full_sentence(error))
        finally:
            await search.close()

    # -- connection tests -------------------------------------------------------------------------

    @command
    async def check_service(self, profile: ServiceProfile, token: Secret | None) -> None:
        """Run the connection test, step by step and for free; :attr:`tried` carries it.

        :param token: ``None``: the one that is kept.
        """
        await asyncio.to_thread(import_module, _CONNECTION_TESTS)
        from enhance_gui.jobs.services.connection_test import try_steps

        token = token or await self._kept_token(profile)
        self.tried.emit(profile, await try_steps(profile, token, network=await self._network()))

    @command
    async def ask_about(
        self, profile: ServiceProfile, token: Secret | None, task_id: str, type_id: int
    ) -> None:
        """Ask for one task's record, for free."""
        await asyncio.to_thread(import_module, _CONNECTION_TESTS)
        from enhance_gui.jobs.services.connection_test import ask_about, problem_text

        token = token or await self._kept_token(profile)
        try:
            seen = await ask_about(profile, token, task_id, type_id, network=await self._network())
        except (TaskUnknown, TaskDeleted):
            self.record_failed.emit(tr(_NO_SUCH_TASK))
        except EnhanceError as error:
            self.record_failed.emit(problem_text(error))
        else:
            self.record_reported.emit(seen)

    async def _kept_token(self, profile: ServiceProfile) -> Secret | None:
        try:
            return await self._tokens.get(profile)
        except KeyringProblem as problem:
            self.token_failed.emit(profile.name, with_next_step(problem))
            return None
