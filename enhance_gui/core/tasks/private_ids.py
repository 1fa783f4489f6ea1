"""Makes the private ids (``chtaskid``) by which attempts are known again."""

from __future__ import annotations

import base64
import secrets


def new_private_id() -> str:
    """Return a fresh ``chtaskid``: 128 random bits, so that nobody can guess one in a callback."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
