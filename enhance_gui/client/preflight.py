"""Looking at a picture before anything is spent: kind, bytes and pixels against the limits."""

from __future__ import annotations

import stat
import sys
from contextlib import aclosing
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import httpx

from enhance_gui.core.images.picture import (
    CheckedPicture,
    PictureHeader,
    check_header,
    check_size_bytes,
)
from enhance_gui.core.picture_errors import (
    PICTURE_MISSING,
    InputError,
    PictureDamaged,
    PictureUnreachable,
)
from enhance_gui.core.services.profile import PictureLimits
from enhance_gui.transport.http_statuses import status_text, transience
from enhance_gui.transport.open_image import OpenedPicture, open_picture
from enhance_gui.transport.timeouts import Timeouts


class ReadHeader(Protocol):
    """Reads kind and sides from the first bytes of a picture."""

    def __call__(self, data: bytes, *, whole: bool = False) -> PictureHeader | None:
        """Return ``None`` where more bytes are needed; never where these are the ``whole``."""


PREFLIGHT_TIMEOUTS: Final = Timeouts(overall_s=20.0)

_MAX_REDIRECTS: Final = 5
_MAX_HEAD_BYTES: Final = 2**20
"""Most bytes read of a foreign picture: metadata before a JPEG's sides can be long."""

_FIRST_LOOK_BYTES: Final = 64


async def check_address(
    url: str,
    limits: PictureLimits,
    *,
    client: httpx.AsyncClient,
    read_header: ReadHeader,
    timeouts: Timeouts = PREFLIGHT_TIMEOUTS,
) -> CheckedPicture:
    """Look at a picture at a web address; its pixels are not fetched.

    The picture returned carries the final address: services do not follow redirects.

    :param client: of :func:`~enhance_gui.transport.clients.picture_client`; its policy says where
        addresses may lead.
    :raises InputError: the picture cannot be used; the class and the detail say why.
    """
    opening = open_picture(
        client, url, trouble=PictureUnreachable, max_redirects=_MAX_REDIRECTS, timeouts=timeouts
    )
    async with opening as picture:
        if picture.status != HTTPStatus.OK:
            refused = PictureUnreachable(status_text(picture.status))
            refused.transience = transience(picture.status)
            raise refused
        if picture.promised_bytes is not None:
            check_size_bytes(picture.promised_bytes, limits)
        header = await _head_of(picture, read_header)
        check_header(header, limits)
        return CheckedPicture(picture.url, header, picture.promised_bytes)


def check_file(path: Path, limits: PictureLimits, read_header: ReadHeader) -> CheckedPicture:
    """Look at a picture on this computer.

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
            header = _head_of_file(file, read_header)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "not a possible path"
        raise InputError(
            "it cannot be read ({reason})", reason=reason, kind=PICTURE_MISSING
        ) from error
    check_header(header, limits)
    return CheckedPicture(str(path), header, found.st_size)


async def _head_of(picture: OpenedPicture, read_header: ReadHeader) -> PictureHeader:
    """Read only as far as the header needs."""
    data = bytearray()
    wanted_bytes = _FIRST_LOOK_BYTES
    too_long = PictureUnreachable("its server sends more than it promised")
    async with aclosing(picture.chunks(max_bytes=sys.maxsize, too_long=too_long)) as chunks:
        async for chunk in chunks:
            data += chunk
            if len(data) < wanted_bytes:
                continue
            header = read_header(bytes(data))
            if header is not None:
                return header
            if len(data) > _MAX_HEAD_BYTES:
                raise PictureDamaged("the picture size was not found in the first megabyte")
            # Growing steps: looking after each of many tiny chunks would cost a square of time.
            wanted_bytes = len(data) + len(data) // 4 + 1
    return _header_of_whole(bytes(data), read_header)


def _head_of_file(file: BinaryIO, read_header: ReadHeader) -> PictureHeader:
    data = bytearray()
    while chunk := file.read(max(2**16, len(data))):
        data += chunk
        header = read_header(bytes(data))
        if header is not None:
            return header
    return _header_of_whole(bytes(data), read_header)


def _header_of_whole(data: bytes, read_header: ReadHeader) -> PictureHeader:
    if not data:
        raise PictureDamaged("it is empty")
    header = read_header(data, whole=True)
    assert header is not None  # noqa: S101  promised for a whole picture
    return header
