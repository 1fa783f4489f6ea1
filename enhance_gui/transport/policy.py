"""Defines which network addresses a client may connect to."""

from __future__ import annotations

from enum import Enum

from enhance_gui.core.images.addresses import is_public_address


class AddressPolicy(Enum):
    """Where connections may lead."""

    PUBLIC_ONLY = "public_only"
    """The public internet alone: what a picture's address may name."""
    ANY = "any"
    """Loopback and private networks too: the user's own service, or a studio's network."""

    def allows(self, ip: str) -> bool:
        """Return whether a connection to this network address is allowed."""
        return self is AddressPolicy.ANY or is_public_address(ip)
