"""Receives uploads in pieces: one that was cut goes on where it stopped.

What has arrived is the file itself, so its size is where to go on, after a restart too. Whether it
is the right one is looked at once, at its end: by the SHA-256 that names it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from enhance_gui.core.clock import Clock
from enhance_gui.core.images.picture import (
    MAX_HEAD_BYTES,
    HeaderReader,
    check_size_bytes,
    header_of_file,
)
from enhance_gui.core.picture_errors import InputError
from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.core.threads import run_to_end
from enhance_gui.imaging.header import read_header
from enhance_gui.imaging.structure import check_structure
from enhance_gui.service.http.bodies import CallerGone
from enhance_gui.service.http.pieces import Piece
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.store.file_store import FileStore, disk_errors
from enhance_gui.service.tasks.intake import check_taken
from enhance_gui.service.tasks.refusals import OwnCode
from enhance_gui.service.tasks.room import StorageRoom

_WRITE_BYTES: Final = 1024 * 1024


class _WrongFile(RequestRefused):
    """What has arrived is not the file that was announced."""


class _TooLong(RequestRefused):
    """More came than was announced."""


_OF_THE_FILE: Final = (InputError, _WrongFile, _TooLong)
"""Errors after which there is nothing to go on with."""


class _Transfer:
    """Decides which request may write a file: the one that came last."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        """Held while the file changes."""
        self.writer: object = None
        """The request that may write."""


class PartialUploads:
    """The uploads of which not all has arrived."""

    def __init__(
        self, files: FileStore, room: StorageRoom, settings: ServiceSettings, clock: Clock
    ) -> None:
        self._files = files
        self._room = room
        self._limits = settings.limits
        self._clock = clock
        self._transfers: WeakValueDictionary[str, _Transfer] = WeakValueDictionary()

    def find(self, stem: str) -> tuple[int, str]:
        """Return how many bytes of an upload have arrived, and its name once it is whole.

        One that is whole stays for as long as one that has just arrived.

        :param stem: as of :meth:`~enhance_gui.service.store.file_store.FileStore.stem_of`.
        """
        name = self._files.find_upload(stem)
        if name is None:
            return self._size_bytes(stem), ""
        now_s = self._now_s()
        with disk_errors():
            os.utime(self._files.uploads / name, (now_s, now_s))
            size_bytes = (self._files.uploads / name).stat().st_size
        self._room.renew_upload(name, now_s)
        return size_bytes, name

    async def append(
        self, stem: str, piece: Piece, chunks: AsyncIterator[bytes]
    ) -> tuple[int, str]:
        """Receive what follows; return as :meth:`find`.

        :raises RequestRefused: there is no room, it does not follow what is here, it is longer
            than was said, another request goes on with it, or the whole is not the file named.
        :raises PictureTooLarge: and the other errors of
            :meth:`~enhance_gui.service.tasks.intake.InputReceiver.receive_upload`.
        """
        offset_bytes, length_bytes = piece.offset_bytes, piece.length_bytes
        check_size_bytes(length_bytes, self._limits)
        transfer = self._transfers.setdefault(stem, _Transfer())
        writer = object()
        async with transfer.lock:
            # Another request may have sent the rest while this one waited.
            if self._files.find_upload(stem) is not None:
                return self.find(stem)
            if self._size_bytes(stem) != offset_bytes:
                raise _conflict("the piece does not begin where the last one ended")
            self._room.begin_partial(stem, length_bytes, self._now_s())
            transfer.writer = writer
        try:
            incoming = _within(chunks, length_bytes - offset_bytes)
            await self._write_all(transfer, stem, incoming, at_start=offset_bytes == 0)
            async with transfer.lock:
                _check_writer(transfer, writer)
                if self._size_bytes(stem) < length_bytes:
                    return self._size_bytes(stem), ""
                name = await run_to_end(self._finish, stem, piece.digest)
                self._room.forget_partial(stem)
                self._room.add_upload(name, length_bytes, self._now_s())
        except _OF_THE_FILE:
            if transfer.writer is writer:
                self._room.remove_partial(stem)
            raise
        finally:
            if transfer.writer is writer:
                self._room.end_partial(stem, self._now_s())
        return length_bytes, name

    async def _write_all(
        self, transfer: _Transfer, stem: str, chunks: AsyncIterator[bytes], *, at_start: bool
    ) -> None:
        """Write what arrives; of what breaks off, all that did arrive."""
        writer = transfer.writer
        head = HeaderReader(read_header, MAX_HEAD_BYTES) if at_start else None
        pending = bytearray()
        try:
            async for chunk in chunks:
                pending += chunk
                if head is not None and (header := head.feed(chunk)) is not None:
                    check_taken(header, self._limits)
                    head = None
                if len(pending) >= _WRITE_BYTES:
                    await self._write(transfer, writer, stem, pending)
        except (CallerGone, RequestRefused):
            if transfer.writer is writer:
                await self._write(transfer, writer, stem, pending)
            raise
        await self._write(transfer, writer, stem, pending)

    async def _write(
        self, transfer: _Transfer, writer: object, stem: str, pending: bytearray
    ) -> None:
        async with transfer.lock:
            _check_writer(transfer, writer)
            await run_to_end(_append, self._files.partial / stem, bytes(pending))
            pending.clear()

    def _finish(self, stem: str, digest: str) -> str:
        """Make an upload of a file that is whole; return its name."""
        path = self._files.partial / stem
        with disk_errors(), path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise _WrongFile(
                    "what has arrived is not the file it was said to be; send it again",
                    code=OwnCode.CONFLICT,
                )
            file.seek(0)
            header = header_of_file(file, read_header, MAX_HEAD_BYTES)
            check_taken(header, self._limits)
            file.seek(0)
            check_structure(file, header)
        return self._files.keep(path, self._files.uploads, header.format, stem)

    def _size_bytes(self, stem: str) -> int:
        try:
            return (self._files.partial / stem).stat().st_size
        except FileNotFoundError:
            return 0

    def _now_s(self) -> float:
        return self._clock.wall().timestamp()


def _check_writer(transfer: _Transfer, writer: object) -> None:
    if transfer.writer is not writer:
        raise _conflict("another request goes on with this upload")


def _conflict(why: str) -> RequestRefused:
    return RequestRefused(f"{why}; ask where to go on", code=OwnCode.CONFLICT)


async def _within(chunks: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[bytes]:
    """Yield what comes, as long as it is no more than was announced."""
    left_bytes = max_bytes
    async for chunk in chunks:
        left_bytes -= len(chunk)
        if left_bytes < 0:
            raise _TooLong("more bytes came than Upload-Length says", code=OwnCode.BAD_REQUEST)
        yield chunk


def _append(path: Path, content: bytes) -> None:
    with disk_errors(), path.open("ab") as file:
        file.write(content)
