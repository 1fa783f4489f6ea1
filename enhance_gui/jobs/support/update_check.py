"""Asks whether there is a newer version: one request, which reveals nothing of who asks.

Nothing here asks by itself; whether and when stands in the preferences.
"""

from __future__ import annotations

from contextlib import aclosing
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from enhance_gui import __version__
from enhance_gui.core.errors import UpdateNotKnown
from enhance_gui.core.images.addresses import usable_web_address
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.core.settings.updates import MAX_FILE_BYTES, UpdateFound, is_newer, read_update
from enhance_gui.core.text.i18n import N_
from enhance_gui.transport.clients import unnamed_client
from enhance_gui.transport.http_statuses import with_status
from enhance_gui.transport.open_image import open_picture
from enhance_gui.transport.timeouts import Timeouts

CHECK_TIMEOUTS: Final = Timeouts(connect_s=5.0, read_s=5.0, overall_s=10.0)
"""Short: nobody waits for it, and the next check comes."""


async def newest_version(
    url: str, network: NetworkSettings, *, timeouts: Timeouts = CHECK_TIMEOUTS
) -> UpdateFound | None:
    """Ask once for the newest version; return it, or ``None`` where this one is.

    :param url: of the file that names it, a fact of the build; empty where the build has none.
    :param network: proxy and certificates of the user.
    :raises UpdateNotKnown: there is nowhere to ask, or no answer to believe.
    """
    if not url:
        raise UpdateNotKnown("this build has no update source")
    source = _plain_source(url)
    content = await _fetched(source, network, timeouts)
    found = read_update(content, source)
    return found if is_newer(found.version, __version__) else None


def _plain_source(url: str) -> str:
    """Return where to ask: https, and nothing in it that could differ from user to user."""
    try:
        plain = usable_web_address(url)
    except AddressNotUsable as error:
        raise UpdateNotKnown("the address that this build asks is none") from error
    parts = urlsplit(plain)
    if parts.scheme != "https" or parts.query:
        raise UpdateNotKnown("the address that this build asks is not a plain https one")
    return plain


async def _fetched(source: str, network: NetworkSettings, timeouts: Timeouts) -> bytes:
    too_long = UpdateNotKnown("the answer has more than {count} bytes", count=MAX_FILE_BYTES)
    async with (
        unnamed_client(settings=network) as client,
        open_picture(
            client, source, problem=UpdateNotKnown, max_redirects=0, timeouts=timeouts
        ) as answer,
    ):
        if answer.status != HTTPStatus.OK:
            text = N_("the server did not hand the file out")
            raise UpdateNotKnown(with_status(text, answer.status))
        chunks = answer.chunks(max_bytes=MAX_FILE_BYTES, too_long=too_long)
        async with aclosing(chunks) as pieces:
            return b"".join([piece async for piece in pieces])
