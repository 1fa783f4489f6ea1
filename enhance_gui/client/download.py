"""Downloads a result: checks each hop, counts the bytes, and hashes them on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final

import httpx

from enhance_gui.core.errors import Transience
from enhance_gui.core.picture_errors import ResultGone, ResultNotAsPromised, ResultUnreachable
from enhance_gui.transport.http_statuses import (
    GONE,
    has_picture,
    retry_after_s,
    status_text,
    transience,
)
from enhance_gui.transport.open_image import MAX_REDIRECTS, open_picture
from enhance_gui.transport.timeouts import Timeouts

RESULT_TIMEOUTS: Final = Timeouts(overall_s=60.0, slow_window_s=60.0, slow_bytes_per_s=8_000.0)
"""For a result of no length, and how slow one of any length may be: a body that trickles would
otherwise hold one of the few places for as long as its length can be made to last."""

BODY_BYTES_PER_S: Final = 20_000
"""What the length that the headers promise adds to the deadline."""

UNANNOUNCED_BYTES: Final = 32 * 2**20
"""The length that is assumed where the headers promise none."""

MAX_BODY_S: Final = 3600.0
"""Maximum that a length adds."""


async def download(
    url: str,
    sink: Callable[[bytes], object],
    *,
    max_bytes: int,
    client: httpx.AsyncClient,
    timeouts: Timeouts | None = None,
) -> str:
    """Fetch a result into ``sink``, which takes each piece as it comes.

    What ``sink`` raises (a full disk) comes out as it is.

    :param client: of :func:`~enhance_gui.transport.clients.picture_client`.
    :param timeouts: by default that of a result, whose deadline follows from its length.
    :returns: the SHA-256 of what came, which is whole by HTTP's own account.
    :raises ResultGone: the address has expired; gettask may return a new one.
    :raises ResultUnreachable: the server did not deliver it, or broke off.
    :raises ResultNotAsPromised: nothing, or more than ``max_bytes``.
    :raises AddressNotUsable, PrivateAddress: the address leads where none may.
    """
    opening = open_picture(
        client,
        url,
        problem=ResultUnreachable,
        max_redirects=MAX_REDIRECTS,
        timeouts=timeouts or RESULT_TIMEOUTS,
    )
    digest = hashlib.sha256()
    is_empty = True
    too_long = ResultNotAsPromised("it has more than {size:.1f} MB", size=max_bytes / 2**20)
    async with opening as picture:
        if picture.status in GONE:
            raise ResultGone(status_text(picture.status))
        if not has_picture(picture.status):
            raise ResultUnreachable(
                status_text(picture.status),
                retry_after_s=retry_after_s(picture.headers, datetime.now(UTC)),
                may_pass=transience(picture.status) is not Transience.PERMANENT,
            )
        if timeouts is None:
            picture.allow(body_limit_s(picture.promised_bytes, max_bytes))
        async with aclosing(picture.chunks(max_bytes=max_bytes, too_long=too_long)) as chunks:
            async for chunk in chunks:
                sink(chunk)
                digest.update(chunk)
                is_empty = is_empty and not chunk
    if is_empty:
        raise ResultNotAsPromised("the server sent an empty file")
    return digest.hexdigest()


def body_limit_s(promised_bytes: int | None, max_bytes: int) -> float:
    """Return how long a body may take.

    :param promised_bytes: by its headers, which may lie; ``None`` where they have none.
    """
    length = UNANNOUNCED_BYTES if promised_bytes is None else promised_bytes
    return min(MAX_BODY_S, min(length, max_bytes) / BODY_BYTES_PER_S)
