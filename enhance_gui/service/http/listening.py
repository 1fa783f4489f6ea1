"""Takes hold of what a server listens with: a port, and a certificate."""

from __future__ import annotations

import socket
import ssl
import sys
from pathlib import Path

from enhance_gui.core.errors import UsageError


def listening_socket(host: str, port: int) -> socket.socket:
    """Take hold of a port.

    :raises UsageError: the address is not one of this computer, or the port is taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:  # a name with a part that is too long
        raise UsageError(f"{host} is not an address of this computer") from error
    try:
        if sys.platform == "win32":
            # There, SO_REUSEADDR would let another program take the port over.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise UsageError(f"cannot listen on {host}, port {port}: {error.strerror}") from error
    return listening


def tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return what connections are encrypted with; ``None``: nothing.

    :raises UsageError: certificate or key cannot be read, or do not belong together.
    """
    if certificate is None:
        if key is not None:
            raise UsageError("a key was given without its certificate")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # An encrypted key is refused: asked for a password, a service would wait for ever.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise UsageError(f"the certificate or its key cannot be used: {reason}") from error
    return context
