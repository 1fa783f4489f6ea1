"""Takes the address of a picture out of the link that an image search has around it."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, urlsplit

from enhance_gui.core.images.addresses import usable_web_address
from enhance_gui.core.picture_errors import AddressNotUsable

_SEARCHES: Final = (
    ("google", "/imgres", "imgurl"),
    ("bing", "/images/", "mediaurl"),
    ("duckduckgo", "/iu/", "u"),
    ("duckduckgo", "/", "iai"),
    ("yandex", "/images/", "img_url"),
)
"""Name, path and the field of the query that names the picture, of each search's links."""

_MAX_FIELDS: Final = 200


def picture_behind(address: str) -> str:
    """Return the picture's own address, where this is an image search's link to one.

    Any other address comes back as it is, and so does a link that names no address of the web.
    """
    try:
        parts = urlsplit(address)
        for name, path, field in _SEARCHES:
            if parts.path.startswith(path) and _is_of(parts.hostname or "", name):
                named = parse_qs(parts.query, max_num_fields=_MAX_FIELDS, errors="strict")
                return usable_web_address(named[field][0])
    except (AddressNotUsable, ValueError, KeyError):
        return address
    return address


def _is_of(host: str, name: str) -> bool:
    """Return whether a host is of this name, in whichever country: "www.google.co.uk"."""
    ending = host.removeprefix("www.").rpartition(f"{name}.")[2].split(".")
    is_whole = f".{host}".endswith(f".{name}.{'.'.join(ending)}")
    return is_whole and len(ending) <= 2 and all(2 <= len(each) <= 3 for each in ending)
