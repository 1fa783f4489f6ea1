"""Resolves host names to network addresses, and says to which of them connections may lead."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum

from enhance_gui.core.images.addresses import is_public_address
from enhance_gui.core.threads import in_daemon_thread

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""From host and port to network addresses; raises OSError where there are none."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, in the order the system prefers.

    Every spelling the system's own resolver takes is understood, decimal, octal and hexadecimal
    IPv4 numbers included, so that what is checked is what would be connected to.

    :raises OSError: the name is not known, or nobody could be asked.
    """
    try:
        return _addresses(host, port, socket.AI_NUMERICHOST)
    except OSError:
        # A name server that does not answer holds getaddrinfo for tens of seconds.
        return await in_daemon_thread(lambda: _addresses(host, port, 0), "resolve a host")


def _addresses(host: str, port: int, flags: int) -> list[str]:
    # The encoding is done here: getaddrinfo raises UnicodeError, no OSError, for a label that is
    # too long.
    try:
        name = host.encode("ascii")
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from error
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class AddressPolicy(Enum):
    """Where connections may lead."""

    PUBLIC_ONLY = "public_only"
    """The public internet alone: what a picture's address may name."""
    ANY = "any"
    """Loopback and private networks too: the user's own service, or a studio's network."""

    def allows(self, ip: str) -> bool:
        """Return whether a connection to this network address is allowed."""
        return self is AddressPolicy.ANY or is_public_address(ip)
