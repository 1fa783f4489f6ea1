"""Builds TLS contexts: trust in the system's authorities, certifi's, and those the user adds."""

from __future__ import annotations

import asyncio
import functools
import ssl
from pathlib import Path

import certifi

from enhance_gui.transport.error_mapping import CaFileNotUsable


async def shared_tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Return the context for every server; built once, in a thread, at the first need.

    Building it reads some hundred certificates (30 to 50 ms): too long for the window's thread,
    and for nothing where only the local service is called.

    :param ca_file: further certificates to trust.
    :raises CaFileNotUsable: it cannot be read.
    """
    try:
        return await asyncio.to_thread(_trusting, ca_file)
    except OSError as error:  # of which SSLError is one
        if ca_file is None:
            raise
        raise CaFileNotUsable("the file of additional certificates cannot be used") from error


@functools.cache
def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    # Not ssl.create_default_context: that one writes every session's keys to the file which
    # SSLKEYLOGFILE names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    # A bare system has no certificates of its own; a company's own authority is only there.
    context.load_verify_locations(certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
