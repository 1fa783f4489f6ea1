"""Manages the user's services: their files, their tokens, and the work that is under way.

A service whose tasks are unfinished keeps its name and its address: its tasks, and its token, must
not go anywhere else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enhance_gui.core.errors import ProfileInvalid
from enhance_gui.core.services.entry import ServiceEntry, folded, server_values
from enhance_gui.core.services.profile import ServiceProfile, profile_from_mapping
from enhance_gui.core.storage_errors import KeyringMissing, KeyringProblem
from enhance_gui.core.text.i18n import N_, plural
from enhance_gui.jobs.services.credentials import CredentialStore
from enhance_gui.storage.profiles.profile_files import (
    delete_entry,
    empty_entry,
    export_profile,
    list_entries,
    local_profile,
    read_entry,
    save_entry,
    template_entry,
)

__all__ = ["ServiceManager", "empty_entry", "known_server_values", "template_entry"]
# Two of the functions are handed on to the window as they are.

if TYPE_CHECKING:  # the window shows its services before there is a database
    from enhance_gui.jobs.queue.task_queue import TaskQueue

_log = logging.getLogger(__name__)


class ServiceManager:
    """Changes services where that does no harm."""

    def __init__(self, folder: Path, tokens: CredentialStore) -> None:
        """:param folder: of the user's profiles; may not exist."""
        self._folder = folder
        self._tokens = tokens

    async def entries(self) -> list[ServiceEntry]:
        """Return all services, those whose file has mistakes included."""
        return await asyncio.to_thread(list_entries, self._folder)

    async def save(
        self, entry: ServiceEntry, data: Mapping[str, Any], queue: TaskQueue
    ) -> ServiceEntry:
        """Write a service with these values; return it as it is then.

        :raises ProfileInvalid: a value is not possible, the name is taken, or the service has
            unfinished tasks and would move; nothing has changed, except where a picture was added
            meanwhile: then it is written, and the work goes on at the old address.
        :raises StorageError: it could not be written; nothing has changed.
        :raises KeyringProblem: it is written; its token could not follow.
        """
        profile = profile_from_mapping(data, entry.name)
        await self._refuse_taken(entry, profile)
        await _refuse_move(entry.profile, profile, queue)
        with _as_storage_errors():
            saved = await asyncio.to_thread(save_entry, entry, profile, self._folder)
        try:
            await self._take_token_along(entry.profile, profile)
        finally:
            if entry.profile is None or entry.profile.name == profile.name:
                await queue.pool.renew(profile)
            else:
                await queue.pool.rename(entry.profile.name, profile)
        return saved

    async def delete(self, entry: ServiceEntry, queue: TaskQueue, *, forget_token: bool) -> None:
        """Remove a service.

        :raises ProfileInvalid: it has unfinished tasks; nothing has changed.
        :raises KeyringProblem: its token could not be forgotten; nothing has changed, but that one
            given for this run is forgotten.
        :raises StorageError: its file could not be removed.
        """
        if count := len(await queue.stored(entry.name)):
            raise ProfileInvalid(entry.name, "", _unfinished(count))
        if forget_token and entry.profile is not None:
            try:
                await self._tokens.forget(entry.profile)
            except KeyringProblem:
                # The service stays, without the token that was given for this run.
                with suppress(KeyringProblem):
                    await queue.pool.renew(entry.profile)
                raise
        with _as_storage_errors():
            await asyncio.to_thread(delete_entry, entry, self._folder)

    async def export(self, profile: ServiceProfile, target: Path) -> Path:
        """Write a file for somebody else; return it, which is never one that was there.

        :raises StorageError: it could not be written.
        """
        with _as_storage_errors():
            return await asyncio.to_thread(export_profile, profile, target)

    async def read(self, path: Path) -> ServiceEntry:
        """Return a file as a service to be checked and saved.

        :raises ProfileInvalid: it cannot be read, or is not TOML.
        """
        return await asyncio.to_thread(read_entry, path)

    async def _refuse_taken(self, entry: ServiceEntry, profile: ServiceProfile) -> None:
        for other in await self.entries():
            is_itself = other.file == entry.file and not entry.is_new
            if not is_itself and folded(other.name) == folded(profile.name):
                raise ProfileInvalid(profile.name, "name", N_("is the name of another service"))

    async def _take_token_along(self, old: ServiceProfile | None, new: ServiceProfile) -> None:
        """A renamed service keeps its token; one that has moved does not: it is another place."""
        if old is None or old.name == new.name or old.base_url != new.base_url:
            return
        with suppress(KeyringMissing):  # so there is none to take along
            await self._tokens.move(old, new)


def known_server_values() -> dict[str, Any]:
    """Return what holds for every server run with this program, as it would stand in a file."""
    return server_values(local_profile())


async def _refuse_move(old: ServiceProfile | None, new: ServiceProfile, queue: TaskQueue) -> None:
    """:raises ProfileInvalid: unfinished tasks would lose their service."""
    if old is not None and (old.name, old.base_url) != (new.name, new.base_url):
        key = "base_url" if old.base_url != new.base_url else "name"
        if count := len(await queue.stored(old.name)):
            raise ProfileInvalid(new.name, key, _unfinished(count))
    # A service of this name may have been deleted meanwhile, or somebody changed its file.
    moves = await queue.pool.moved_from(new) is not None
    if moves and (count := len(await queue.stored(new.name))):
        raise ProfileInvalid(new.name, "base_url", _unfinished(count))


@contextmanager
def _as_storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # Loaded here: the window shows its services before there is a database.
        from enhance_gui.storage.task_db.database import storage_error

        raise storage_error(error) from error


def _unfinished(count: int) -> str:
    text = plural(
        "stays as it is until its {count} unfinished picture has ended or is cancelled",
        "stays as it is until its {count} unfinished pictures have ended or are cancelled",
        count,
    )
    return text.format(count=count)
