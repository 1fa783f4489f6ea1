"""Checks a file of certificates before anything relies on it."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final

from enhance_gui.core.text.detail import Detail
from enhance_gui.core.text.i18n import mark

MAX_BYTES: Final = 8 * 2**20
"""All public authorities together have a quarter of a million."""

_MARK: Final = b"-----BEGIN CERTIFICATE-----"
_TRUSTED_MARK: Final = b"-----BEGIN TRUSTED CERTIFICATE-----"


def ca_file_problem(path: Path) -> str:
    """Return what is wrong with a file of certificates, one clause; empty where nothing is."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return Detail("it cannot be read ({reason})", reason=error.strerror or error)
    if len(content) > MAX_BYTES:
        return mark("it is too large to be a file of certificates")
    if _MARK not in content and _TRUSTED_MARK not in content:
        return mark("it holds no certificate in PEM form (text that begins with BEGIN CERTIFICATE)")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except (OSError, ValueError):  # of the first, SSLError is one
        return mark("a certificate in it is damaged")
    has_any = context.cert_store_stats()["x509"]
    return "" if has_any else mark("it holds no usable certificate")
