"""Removes signatures from addresses: they open a private picture to whoever reads them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_plus, urlsplit

_PERMISSION: Final = re.compile(
    r"x-(amz|goog|oss|cos|tos|obs)-.*"
    r"|(aws|google|oss)access(key)?id|key-pair-id|policy|expires"
    r"|(.*[-_])?(sig|sign|signature|hmac|token|jwt|auth|authorization|secret|password|api-?_?key)",
    re.IGNORECASE,
)
"""Names under which clouds and others put signatures, and what belongs to these."""


def without_signature(address: str) -> str:
    """Return a web address without what looks like a signature; anything else as it is."""
    if not address.startswith(("http://", "https://")):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    kept = [part for part in parts.query.split("&") if not _is_permission(part)]
    return parts._replace(query="&".join(kept)).geturl()


def _is_permission(pair: str) -> bool:
    return _PERMISSION.fullmatch(unquote_plus(pair.partition("=")[0])) is not None
