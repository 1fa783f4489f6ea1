"""Checks a picture before anything is spent: format, bytes and pixels against the limits."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx

from enhance_gui.core.errors import EnhanceError
from enhance_gui.core.images.picture import (
    MAX_HEAD_BYTES,
    CheckedPicture,
    CheckStructure,
    HeaderReader,
    PictureHeader,
    ReadHeader,
    check_header,
    check_sides,
    check_size_bytes,
    conversion_format,
    header_of_file,
)
from enhance_gui.core.images.picture_names import name_by_server
from enhance_gui.core.picture_errors import (
    KIND_AT_ADDRESS,
    PICTURE_MISSING,
    InputError,
    PictureTooLarge,
    PictureUnreachable,
)
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.transport.error_mapping import FOREIGN
from enhance_gui.transport.http_statuses import has_picture, status_text, transience
from enhance_gui.transport.open_image import MAX_REDIRECTS, OpenedPicture, open_picture
from enhance_gui.transport.timeouts import Timeouts

PREFLIGHT_TIMEOUTS: Final = Timeouts(overall_s=20.0)

MAX_CONVERTED_BYTES: Final = 512 * 2**20
"""Of a file that is converted for the service: the limits of that hold for what comes of it."""

MAX_WHOLE_BYTES: Final = 4 * 2**20
"""Of a picture that is read to its end where that is wanted, to be looked at."""
_REST_S: Final = 6.0
"""How long that may take after its header is known."""

_USUAL_HEAD_BYTES: Final = 2**20
_LONG_HEAD_S: Final = 60.0
"""What a picture whose sides come later than usual adds to the deadline."""


async def check_address(
    url: str,
    limits: PictureLimits,
    *,
    client: httpx.AsyncClient,
    read_header: ReadHeader,
    timeouts: Timeouts = PREFLIGHT_TIMEOUTS,
    takes_files: bool = False,
    whole: bytearray | None = None,
) -> CheckedPicture:
    """Check a picture at a web address; more than its header is read only where that is wanted.

    The picture returned carries the final address: services do not follow redirects.

    :param client: of :func:`~enhance_gui.transport.clients.picture_client`; its policy says where
        addresses may lead.
    :param takes_files: whether the service is given files, too: then they are converted for it.
    :param whole: gets the bytes of the whole picture, from the same answer, where it passes, is not
        large, and comes soon; else it is left empty. ``None``: they are not wanted.
    :raises InputError: the picture cannot be used; the class and the detail say why.
    """
    opening = open_picture(
        client, url, problem=PictureUnreachable, max_redirects=MAX_REDIRECTS, timeouts=timeouts
    )
    async with opening as picture:
        if not has_picture(picture.status):
            refused = PictureUnreachable(status_text(picture.status))
            refused.transience = transience(picture.status)
            raise refused
        if picture.promised_bytes is not None:
            check_size_bytes(picture.promised_bytes, limits)
        max_bytes = limits.max_image_bytes
        too_long = PictureTooLarge(
            "it has more than {max_mb:.1f} MB, which is the most that the service takes",
            max_mb=max_bytes / 2**20,
        )
        async with aclosing(picture.chunks(max_bytes=max_bytes, too_long=too_long)) as chunks:
            header = await _header_of(picture, chunks, read_header, whole)
            could_be_converted = takes_files and conversion_format(header, limits)
            check_header(header, limits, KIND_AT_ADDRESS if could_be_converted else "")
            if whole is not None and not await _reaches_end(picture, chunks, whole):
                whole.clear()
        disposition = picture.headers.get("Content-Disposition", "")
        name = name_by_server(disposition, url, picture.url)
        return CheckedPicture(picture.url, header, picture.promised_bytes, name)


def check_file(
    path: Path,
    limits: PictureLimits,
    read_header: ReadHeader,
    check_structure: CheckStructure,
) -> CheckedPicture:
    """Check a picture on this computer, from its first byte to its last.

    One of another kind is going to be converted.

    :raises InputError: the picture cannot be used; the class and the detail say why.
    """
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise InputError("it is a folder", kind=PICTURE_MISSING)
        # Opening a pipe would wait for whoever writes into it.
        if not stat.S_ISREG(found.st_mode):
            raise InputError("it is not a file", kind=PICTURE_MISSING)
        if not found.st_size:
            raise InputError("the file is empty", kind=PICTURE_MISSING)
        file = path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _unreadable(getattr(error, "strerror", None) or "not a possible path") from error
    try:
        with file:
            header = header_of_file(file, read_header)
            sent_as = _check_limits(header, found.st_size, limits)
            check_structure(file, header)
    except OSError as error:
        raise _unreadable(error.strerror) from error
    return CheckedPicture(str(path), header, found.st_size, sent_as=sent_as)


def _unreadable(reason: str | None) -> InputError:
    return InputError("it cannot be read ({reason})", reason=reason, kind=PICTURE_MISSING)


def _check_limits(header: PictureHeader, size_bytes: int, limits: PictureLimits) -> str:
    """Return the format that a file is to be converted to; empty: it is sent as it is.

    :raises InputError: the service would not take it, converted or not.
    """
    if sent_as := conversion_format(header, limits):
        check_sides(header, limits)
        check_size_bytes(size_bytes, replace(limits, max_image_bytes=MAX_CONVERTED_BYTES))
    else:
        check_size_bytes(size_bytes, limits)
        check_header(header, limits)
    return sent_as


async def _header_of(
    picture: OpenedPicture,
    chunks: AsyncIterable[bytes],
    read_header: ReadHeader,
    whole: bytearray | None,
) -> PictureHeader:
    """Read only as far as the header needs.

    :param whole: gets what is read.
    """
    reader = HeaderReader(read_header, MAX_HEAD_BYTES)
    seen_bytes = 0
    async for chunk in chunks:
        if whole is not None:
            whole += chunk
        if (header := reader.feed(chunk)) is not None:
            return header
        if seen_bytes <= _USUAL_HEAD_BYTES < seen_bytes + len(chunk):
            picture.allow(_LONG_HEAD_S)
        seen_bytes += len(chunk)
    return reader.finish()


async def _reaches_end(
    picture: OpenedPicture, chunks: AsyncIterable[bytes], whole: bytearray
) -> bool:
    """Read the rest of a picture; return whether its end was reached.

    That it was not is no reason to refuse the picture, whatever the cause.
    """
    if picture.promised_bytes is not None and picture.promised_bytes > MAX_WHOLE_BYTES:
        return False
    picture.allow(_REST_S)
    try:
        async with asyncio.timeout(_REST_S):
            async for chunk in chunks:
                whole += chunk
                if len(whole) > MAX_WHOLE_BYTES:
                    return False
    except (*FOREIGN, EnhanceError, TimeoutError):
        return False
    return True
