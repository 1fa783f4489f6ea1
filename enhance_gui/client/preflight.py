"""Checks a picture before anything is spent: format, bytes and pixels against the limits."""

from __future__ import annotations

import stat
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Final

import httpx

from enhance_gui.core.images.picture import (
    CheckedPicture,
    HeaderReader,
    PictureHeader,
    ReadHeader,
    check_header,
    check_size_bytes,
    header_of_file,
)
from enhance_gui.core.picture_errors import (
    PICTURE_MISSING,
    InputError,
    PictureUnreachable,
)
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.transport.http_statuses import has_picture, status_text, transience
from enhance_gui.transport.open_image import MAX_REDIRECTS, OpenedPicture, open_picture
from enhance_gui.transport.timeouts import Timeouts

PREFLIGHT_TIMEOUTS: Final = Timeouts(overall_s=20.0)

_MAX_HEAD_BYTES: Final = 2**20
"""Maximum number of bytes read of a foreign picture: metadata before a JPEG's sides can be long."""


async def check_address(
    url: str,
    limits: PictureLimits,
    *,
    client: httpx.AsyncClient,
    read_header: ReadHeader,
    timeouts: Timeouts = PREFLIGHT_TIMEOUTS,
) -> CheckedPicture:
    """Check a picture at a web address; its pixels are not fetched.

    The picture returned carries the final address: services do not follow redirects.

    :param client: of :func:`~enhance_gui.transport.clients.picture_client`; its policy says where
        addresses may lead.
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
        header = await _header_of(picture, read_header)
        check_header(header, limits)
        return CheckedPicture(picture.url, header, picture.promised_bytes)


def check_file(path: Path, limits: PictureLimits, read_header: ReadHeader) -> CheckedPicture:
    """Check a picture on this computer.

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
        check_size_bytes(found.st_size, limits)
        with path.open("rb") as file:
            header = header_of_file(file, read_header)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "not a possible path"
        raise InputError(
            "it cannot be read ({reason})", reason=reason, kind=PICTURE_MISSING
        ) from error
    check_header(header, limits)
    return CheckedPicture(str(path), header, found.st_size)


async def _header_of(picture: OpenedPicture, read_header: ReadHeader) -> PictureHeader:
    """Read only as far as the header needs."""
    reader = HeaderReader(read_header, _MAX_HEAD_BYTES)
    too_long = PictureUnreachable("its server sends more than it promised")
    async with aclosing(picture.chunks(max_bytes=sys.maxsize, too_long=too_long)) as chunks:
        async for chunk in chunks:
            if (header := reader.feed(chunk)) is not None:
                return header
    return reader.finish()
