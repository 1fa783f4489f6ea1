"""Receives input pictures: fetches them from an address, or takes uploads."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Final

from enhance_gui.core.clock import Clock
from enhance_gui.core.images.addresses import host_of, is_loopback
from enhance_gui.core.images.picture import (
    MAX_HEAD_BYTES,
    HeaderReader,
    PictureHeader,
    check_header,
    check_size_bytes,
    header_of_file,
)
from enhance_gui.core.picture_errors import AddressNotUsable, PictureTooLarge, PictureUnreachable
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.core.settings.network import DIRECT
from enhance_gui.core.threads import run_to_end
from enhance_gui.imaging.decoders import decoder_of
from enhance_gui.imaging.header import read_header
from enhance_gui.imaging.structure import check_structure
from enhance_gui.service.engine import PictureFile
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store.file_store import FileStore, disk_errors
from enhance_gui.service.tasks.refusals import full
from enhance_gui.service.tasks.room import StorageRoom
from enhance_gui.transport.host_lookup import AddressPolicy
from enhance_gui.transport.http_statuses import has_picture

_AT_ONCE: Final = 64
_AT_ONCE_OF_ONE_HOST: Final = 8
_WRITE_BYTES: Final = 1024 * 1024


class FetchTurns:
    """Gives turns to whoever has waited longest of those whose host has one left.

    A host that sends slowly keeps its own pictures waiting, and hardly those of others.
    """

    def __init__(self, at_once: int, of_one_host: int) -> None:
        self._at_once = at_once
        self._of_one_host = of_one_host
        self._running: Counter[str] = Counter()
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def turn(self, host: str, limit_s: float) -> AsyncIterator[None]:
        """Wait for a turn, and hold it.

        :raises RequestRefused: none was free within ``limit_s``.
        """
        try:
            async with asyncio.timeout(limit_s), self._freed:
                await self._freed.wait_for(lambda: self._has_turn_for(host))
                self._running[host] += 1
        except TimeoutError as error:
            raise full("too many pictures are being fetched") from error
        try:
            yield
        finally:
            self._running[host] -= 1
            if not self._running[host]:
                del self._running[host]
            async with self._freed:
                self._freed.notify_all()

    def _has_turn_for(self, host: str) -> bool:
        return self._running.total() < self._at_once and self._running[host] < self._of_one_host


class InputReceiver:
    """Brings pictures onto the service's disk, checked by their content."""

    def __init__(
        self, files: FileStore, room: StorageRoom, settings: ServiceSettings, clock: Clock
    ) -> None:
        self._files = files
        self._room = room
        self._settings = settings
        self._clock = clock
        self.network = DIRECT
        """How pictures are fetched; may be changed at any time."""
        self._turns = FetchTurns(_AT_ONCE, _AT_ONCE_OF_ONE_HOST)

    async def fetch(self, address: str, *, came_directly: bool) -> PictureFile:
        """Fetch a picture into ``inputs``.

        :param came_directly: whether the request for it did not come through a proxy.
        :raises RequestRefused: the disk is nearly full, or there are too many others.
        :raises AddressNotUsable: not an http(s) address.
        :raises PrivateAddress: it leads where this service does not fetch from.
        :raises PictureUnreachable: a redirect, no picture there, or it took too long.
        :raises PictureTooLarge: too many bytes, or too long a side.
        :raises InputError: too short a side.
        :raises KindNotSupported: not a picture of a kind that is taken.
        :raises PictureDamaged: cut or broken.
        :raises DiskFull: no room for it.
        :raises FolderNotUsable: the data folder cannot be written.
        """
        self._room.check_disk()
        limit_s = self._settings.fetch_timeout_s
        async with self._turns.turn(host_of(address), self._settings.turn_timeout_s):
            try:
                async with asyncio.timeout(limit_s):
                    return await self._fetch(address, self._policy(came_directly))
            except TimeoutError as error:
                late = f"the picture had not arrived after {limit_s:g} seconds"
                raise PictureUnreachable(late) from error

    async def receive_upload(self, chunks: AsyncIterator[bytes], user: str) -> str:
        """Receive an upload of a user; return its name in ``uploads``.

        :raises RequestRefused: there is no room for it.
        :raises PictureTooLarge: and the other errors of :meth:`fetch` but those of the address.
        """
        stem = self._files.new_stem(user)
        with self._room.for_upload(stem):
            kept = await self._receive(chunks, self._files.uploads, stem)
            self._room.add_upload(kept.name, kept.size_bytes, self._clock.wall().timestamp())
        return kept.name

    async def take_upload(self, name: str) -> PictureFile:
        """Take an upload into ``inputs``; it stays in ``uploads``, for another task of it.

        :raises RequestRefused: the disk is nearly full.
        :raises AddressNotUsable: there is no such upload, or no more.
        """
        self._room.check_disk()
        picture = await asyncio.to_thread(self._take_upload, name)
        self._room.mark_taken(name)
        return picture

    def _policy(self, came_directly: bool) -> AddressPolicy:
        """Return where pictures may be fetched from.

        Bound to loopback, whoever asks sits at this computer and reaches its networks anyway; not
        so those for whom a proxy asks.
        """
        settings = self._settings
        asked_here = came_directly and is_loopback(settings.host)
        if settings.allow_private_addresses or (asked_here and not settings.public_addresses_only):
            return AddressPolicy.ANY
        return AddressPolicy.PUBLIC_ONLY

    async def _fetch(self, address: str, policy: AddressPolicy) -> PictureFile:
        # httpx takes a good while to load, so it is not loaded before the service listens.
        from enhance_gui.transport.clients import picture_client
        from enhance_gui.transport.open_image import open_picture
        from enhance_gui.transport.timeouts import Timeouts

        # A client for each fetch: a slow host keeps nobody else waiting for a connection.
        async with (
            picture_client(policy, settings=self.network) as client,
            open_picture(
                client,
                address,
                problem=PictureUnreachable,
                max_redirects=0,
                timeouts=Timeouts(overall_s=self._settings.fetch_timeout_s),
            ) as opened,
        ):
            if not has_picture(opened.status):
                raise PictureUnreachable(
                    f"the picture's server answered with HTTP status {opened.status}"
                )
            max_bytes = self._settings.limits.max_image_bytes
            too_long = PictureTooLarge(
                f"it has more bytes than the service takes: {max_bytes / 2**20:.1f} MB"
            )
            chunks = opened.chunks(max_bytes=max_bytes, too_long=too_long)
            return await self._receive(chunks, self._files.inputs)

    def _take_upload(self, name: str) -> PictureFile:
        path = self._files.find("uploads", name)
        if path is None:
            raise AddressNotUsable("this upload is not, or no longer, here: upload it again")
        with disk_errors(), path.open("rb") as file:
            header = header_of_file(file, read_header, MAX_HEAD_BYTES)
            size_bytes = os.fstat(file.fileno()).st_size
        try:
            kept = self._files.keep_copy(path, self._files.inputs, header.format)
        except FileNotFoundError as error:
            raise AddressNotUsable("this upload is no longer here: upload it again") from error
        return _picture_file(kept, header, size_bytes)

    async def _receive(
        self, chunks: AsyncIterator[bytes], folder: Path, stem: str = ""
    ) -> PictureFile:
        """Write a picture to ``unfinished``, check it on the way, and keep it in a folder.

        It is refused as early as its bytes allow; nothing stays of a bad one.
        """
        limits = self._settings.limits
        path = self._files.new_unfinished_file()
        head = HeaderReader(read_header, MAX_HEAD_BYTES)
        header: PictureHeader | None = None
        pending, size_bytes = bytearray(), 0
        try:
            with await run_to_end(_create, path) as file:
                async for chunk in chunks:
                    size_bytes += len(chunk)
                    check_size_bytes(size_bytes, limits)
                    if header is None and (header := head.feed(chunk)) is not None:
                        check_taken(header, limits)
                    pending += chunk
                    if len(pending) >= _WRITE_BYTES:
                        await run_to_end(_write, file, pending)
                if header is None:
                    header = head.finish()
                    check_taken(header, limits)
                await run_to_end(_write, file, pending)
            await run_to_end(_check_whole, path, header)
            name = await run_to_end(self._files.keep, path, folder, header.format, stem)
        except BaseException:
            self._files.remove_unfinished(path)
            raise
        return _picture_file(name, header, size_bytes)


def check_taken(header: PictureHeader, limits: PictureLimits) -> None:
    """Check a picture by its header.

    :raises InputError: the service does not take it.
    """
    check_header(header, limits)
    decoder_of(header.format)


def _create(path: Path) -> BinaryIO:
    with disk_errors():
        return path.open("xb")


def _write(file: BinaryIO, pending: bytearray) -> None:
    with disk_errors():
        file.write(pending)
        file.flush()
    pending.clear()


def _check_whole(path: Path, header: PictureHeader) -> None:
    with disk_errors(), path.open("rb") as file:
        check_structure(file, header)


def _picture_file(name: str, header: PictureHeader, size_bytes: int) -> PictureFile:
    return PictureFile(name, header.width_px, header.height_px, size_bytes, header.format)
