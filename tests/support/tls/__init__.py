"""A certificate for ``pictures.test``, ``localhost`` and ``127.0.0.1``, and who vouches for it."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

from enhance_gui.core.settings.network import DIRECT

_FOLDER = Path(__file__).parent

AUTHORITY = _FOLDER / "authority.pem"
TRUSTING = replace(DIRECT, ca_file=AUTHORITY)
"""What a client needs to trust that server."""


def server_context() -> ssl.SSLContext:
    """Return what a test's https server serves with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_FOLDER / "server.pem")
    return context
