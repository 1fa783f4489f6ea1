"""Takes the address of a picture out of the link that an image search has around it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

from enhance_gui.core.images.addresses import usable_web_address
from enhance_gui.core.picture_errors import AddressNotUsable

_SEARCHES: Final = (
    (re.compile(r"(?:www|images)\.google(?:\.[a-z]{2,3}){1,2}/imgres"), "imgurl"),
    (re.compile(r"(?:www|cn|global)\.bing\.com/images/.*"), "mediaurl"),
    (re.compile(r"(?:[a-z]+\.)?duckduckgo\.com/"), "iai"),
    (re.compile(r"[a-z-]+\.duckduckgo\.com/iu/"), "u"),
    (re.compile(r"(?:www\.)?(?:yandex(?:\.[a-z]{2,3}){1,2}|ya\.ru)/images/.*"), "img_url"),
)
"""Host and path of each search's links, and the field of the query that names the picture."""

_MAX_FIELDS: Final = 200


def picture_behind(address: str) -> str:
    """Return the picture's own address, where this is an image search's link to one.

    Any other address comes back as it is, and so does a link that names no address of the web.
    """
    try:
        parts = urlsplit(address)
        place = f"{parts.hostname or ''}{parts.path or '/'}"
        for pattern, field in _SEARCHES:
            if pattern.fullmatch(place):
                named = parse_qs(parts.query, max_num_fields=_MAX_FIELDS, errors="strict")
                return usable_web_address(named[field][0])
    except (AddressNotUsable, ValueError, KeyError):
        return address
    return address
