"""What a server of this program says of itself on the local network, by DNS-SD (RFC 6763).

Anybody on that network can say the same: it is a hint where a server may be, and no more.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from enhance_gui.wire.reading import message

SERVICE_TYPE: Final = "_enhance-gui._tcp.local."
_MAX_NAME_CHARS: Final = 40
_VERSION: Final = b"1"
_HOST_NAME: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9-]{1,63})*"
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class NearbyServer:
    """A server that announces itself."""

    name: str
    """What it calls itself, one short line; never empty."""
    base_url: str
    """Where it says that it is: with https a name, else an address of one of this computer's own
    networks."""


def is_local(address: Address) -> bool:
    """Return whether an address is one of a local network, and not of this computer alone."""
    is_special = address.is_loopback or address.is_unspecified or address.is_multicast
    return address.is_private and not is_special


def write_announcement(https_name: str) -> dict[bytes, bytes]:
    """Return the further facts (TXT record) of an announcement.

    :param https_name: the name in the server's certificate; empty: it speaks plain HTTP.
    """
    facts = {b"txtvers": _VERSION}
    return facts | {b"https": https_name.encode()} if https_name else facts


def read_announcement(
    name: str,
    addresses: Iterable[str],
    port: int,
    facts: Mapping[bytes, bytes | None],
    networks: Iterable[Network],
) -> NearbyServer | None:
    """Read an announcement; ``None``: there is nothing in it that can be connected to.

    :param name: the announced name, its type included.
    :param networks: this computer's own: a server elsewhere is none of the neighbourhood.
    """
    near = [each for each in map(_address, addresses) if each is not None]
    near = [each for each in near if any(each in network for network in networks)]
    if not near or not 0 < port < 2**16 or facts.get(b"txtvers") != _VERSION:
        return None
    host = _shown(near[0])
    if https_name := facts.get(b"https"):
        host = https_name.decode("ascii", "replace").lower()
        if _HOST_NAME.fullmatch(host) is None:
            return None
    base_url = f"{'https' if https_name else 'http'}://{host}:{port}"
    title = message(name.removesuffix(f".{SERVICE_TYPE}"))[:_MAX_NAME_CHARS].strip()
    return NearbyServer(title or host, base_url)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _shown(address: Address) -> str:
    """Return an address as it stands in a URL."""
    return f"[{address}]" if address.version == 6 else str(address)
