"""Tells for whom a request is made: of that, only the word of a named reverse proxy counts.

Of a named proxy two headers count: ``X-Forwarded-For``, its last address that is no named proxy's,
and ``X-Forwarded-Host``, where it changes ``Host``. Of others, a header that claims another host or
scheme is refused: answers would name addresses that lead nowhere, and whoever sends one goes around
the proxy, or through one that the operator has forgotten to name. One that only claims a client is
ignored, since any proxy on a network adds it; it shows that the request did not come directly.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from enhance_gui.core.service_errors import RequestRefused
from enhance_gui.service.tasks.refusals import OwnCode

Headers = Sequence[tuple[bytes, bytes]]
"""A request's headers as ASGI gives them: names in lower case."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_FOR: Final = b"x-forwarded-for"
_HOST: Final = b"x-forwarded-host"
_PREFIX: Final = b"x-forwarded-"
_FORWARDED: Final = b"forwarded"
_OF_THE_CLIENT: Final = frozenset(
    {_FORWARDED, b"via", b"x-real-ip", b"x-client-ip", b"true-client-ip", b"cf-connecting-ip", _FOR}
)
_IPV6_SITE_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom a request comes from, and what it is addressed to."""

    remote: str
    """The client, as far as an address can tell."""
    host: str | None
    """The ``Host`` that the client has sent; ``None`` where none or several were."""
    came_directly: bool
    """Whether no header says that it was passed on for somebody else."""
    by_proxy: bool
    """Whether a named proxy has passed it on."""


class Proxies:
    """The reverse proxies that the operator has named."""

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self._networks = tuple(networks)

    def has(self, address: str) -> bool:
        """Return whether an address is that of a named proxy."""
        ip = _ip_of(address)
        return ip is not None and any(ip in network for network in self._networks)

    def sender_of(self, address: str, headers: Headers) -> Sender:
        """Return for whom a request is made.

        :param address: that it came from.
        :raises RequestRefused: it claims another host or scheme, and comes from no named proxy.
        """
        host = only(headers, b"host")
        if not self.has(address):
            _check_claims(headers)
            came_directly = not any(name in _OF_THE_CLIENT for name, _ in headers)
            return Sender(remote_of(address), host, came_directly, by_proxy=False)
        if any(name == _HOST for name, _ in headers):
            host = only(headers, _HOST)
        client = self._client(headers) or address
        return Sender(remote_of(client), host, came_directly=False, by_proxy=True)

    def _client(self, headers: Headers) -> str:
        """Return the last address of the chain that no named proxy has; empty: there is none.

        What stands before it was written by somebody who is not trusted.
        """
        chain = b",".join(value for name, value in headers if name == _FOR).decode("latin-1")
        for part in reversed(chain.split(",")):
            address = part.strip()
            if _ip_of(address) is None:
                return ""
            if not self.has(address):
                return address
        return ""


def network_of(text: str) -> Network:
    """Read an address, or a network as ``10.0.0.0/8``.

    :raises ValueError: it is neither.
    """
    return ipaddress.ip_network(text, strict=False)


def only(headers: Headers, wanted: bytes) -> str | None:
    """Return a header's value; ``None`` where it is missing or stands more than once."""
    values = [value for name, value in headers if name == wanted]
    return values[0].decode("latin-1") if len(values) == 1 else None


def remote_of(address: str) -> str:
    """Return the client that an address stands for: in IPv6 a whole network is one household."""
    ip = _ip_of(address)
    if ip is None:
        return address
    if isinstance(ip, ipaddress.IPv6Address) and not ip.is_loopback:
        return str(ipaddress.ip_network((ip, _IPV6_SITE_BITS), strict=False))
    return str(ip)


def _ip_of(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip


def _check_claims(headers: Headers) -> None:
    for name, value in headers:
        claims = name.startswith(_PREFIX) and name != _FOR
        if name == _FORWARDED:
            claims = any(claim in value.lower() for claim in (b"host=", b"proto="))
        if claims:
            raise RequestRefused(
                "the request says that a proxy has passed it on, and this service knows none "
                "there: its operator names proxies with --trusted-proxy",
                code=OwnCode.FORBIDDEN,
            )
