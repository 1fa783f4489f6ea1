"""The one TLS context of the program."""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Awaitable, Callable

import certifi

TlsSource = Callable[[], Awaitable[ssl.SSLContext]]
"""Where a connection takes its TLS context from when it first needs one."""


async def shared_tls_context() -> ssl.SSLContext:
    """Return the context for every server; built once, in a thread, at the first need.

    Building it reads some hundred certificates (30 to 50 ms): too long for the window's thread,
    and for nothing where only the service of this computer is spoken to.
    """
    return await asyncio.to_thread(_trusting_the_usual_authorities)


def no_tls_context() -> ssl.SSLContext:
    """Return a context that trusts nobody: what stands where no connection may fall back to."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@functools.cache
def _trusting_the_usual_authorities() -> ssl.SSLContext:
    # Not ssl.create_default_context: that one writes every session's keys to the file which
    # SSLKEYLOGFILE names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    # A bare system has no certificates of its own; a company's own authority is only there.
    context.load_verify_locations(certifi.where())
    return context
