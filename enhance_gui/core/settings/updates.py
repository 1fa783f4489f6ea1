"""Reads whether there is a newer version from a small file, which may be hostile."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from enhance_gui.core.errors import UpdateNotKnown
from enhance_gui.core.images.addresses import usable_web_address
from enhance_gui.core.picture_errors import AddressNotUsable

MAX_FILE_BYTES: Final = 4096
"""Longest file that is read; a real one has a hundred bytes."""

_VERSION: Final = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class UpdateFound:
    """A version that is newer than this one."""

    version: str
    """Three numbers: ``1.2.3``."""
    page: str
    """Address of the page that offers it; https, on the host that named it."""


def read_update(content: bytes, source: str) -> UpdateFound:
    """Read the file ``{"version": "1.2.3", "page": "https://…"}``; further keys may stand in it.

    :param source: the https address that the file came from.
    :raises UpdateNotKnown: it is not such a file; nothing of what it says is repeated.
    """
    try:
        text = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UpdateNotKnown("the answer is not the file that tells the newest version") from error
    facts = text if isinstance(text, dict) else {}
    version = facts.get("version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise UpdateNotKnown("the answer names no version")
    return UpdateFound(version, _own_page(facts.get("page"), source))


def is_newer(version: str, than: str) -> bool:
    """Return whether a version is newer; a build that follows a version ranks as that version.

    :param version: as in :class:`UpdateFound`.
    :param than: this program's own: three numbers, perhaps with more after them.
    """
    own = _VERSION.match(than)
    return own is not None and _numbers(version) > _numbers(own.group())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _own_page(page: Any, source: str) -> str:
    """Return the page's address if it lies where the file lies."""
    try:
        plain = usable_web_address(page if isinstance(page, str) else "")
    except AddressNotUsable as error:
        raise UpdateNotKnown("the answer names no page") from error
    if _origin(plain) != _origin(source):
        raise UpdateNotKnown("the answer names a page of somebody else")
    return plain


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
