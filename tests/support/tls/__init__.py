"""A certificate for ``pictures.test``, ``localhost`` and ``127.0.0.1``, and who vouches for it."""

from __future__ import annotations

import ssl
from pathlib import Path

_FOLDER = Path(__file__).parent


def server_context() -> ssl.SSLContext:
    """Return what a test's https server serves with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_FOLDER / "server.pem")
    return context


async def trusting_context() -> ssl.SSLContext:
    """Return what a client needs to trust that server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(_FOLDER / "authority.pem")
    return context
