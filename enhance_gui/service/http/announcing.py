"""Announces the service on the local network by DNS-SD, so that programs there find it by name."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from importlib import import_module
from typing import Final

from enhance_gui.transport.local_networks import own_interfaces
from enhance_gui.wire.announcements import (
    SERVICE_TYPE,
    is_local,
    write_announcement,
)

_LOG = logging.getLogger(__name__)

_USUAL_NAME: Final = "enhance-gui"
_MAX_NAME_BYTES: Final = 50
"""A part of a name may have 63, with the number that may follow."""


async def announce(ip: str, port: int, https_name: str = "") -> None:
    """Announce a service until this is cancelled, then take it back.

    Where that cannot be done it is logged: the service itself does not depend on it.

    :param ip: the address that it listens on.
    :param https_name: the name in the service's certificate; empty: it speaks plain HTTP.
    """
    try:
        addresses = await asyncio.to_thread(addresses_of, ip)
        if not addresses:
            return
        # Loaded here, since few services are on a network; not to be had for every computer.
        await asyncio.to_thread(import_module, "zeroconf.asyncio")
        from zeroconf import Error
        from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf
    except (ImportError, OSError) as error:
        _LOG.warning("the service is not announced on the network: %s", error)
        return
    # It quotes what strangers send.
    logging.getLogger("zeroconf").setLevel(logging.CRITICAL)
    name = own_name()
    info = AsyncServiceInfo(
        SERVICE_TYPE,
        f"{name}.{SERVICE_TYPE}",
        port=port,
        parsed_addresses=addresses,
        properties=write_announcement(https_name),
        # A name of its own: that of the computer is the system's to announce.
        server=f"{name}-{port}.local.",
    )
    try:
        async with AsyncZeroconf(interfaces=addresses) as network:
            # Where the name is taken, by another service here or there, a number follows it.
            await network.async_register_service(info, allow_name_change=True)
            await asyncio.Event().wait()
    except (OSError, Error) as error:
        _LOG.warning("the service is not announced on the network: %s", error)


def addresses_of(ip: str) -> list[str]:
    """Return the addresses in local networks under which a service is reached; none on loopback.

    :param ip: the address that it listens on.
    :raises OSError: the system does not tell the computer's addresses.
    """
    own = ipaddress.ip_address(ip)
    if not own.is_unspecified:
        return [str(own)] if is_local(own) else []
    return [str(each.ip) for each in own_interfaces() if each.version == own.version]


def own_name() -> str:
    """Return what this computer is called, as a part of a name in DNS."""
    name = socket.gethostname().partition(".")[0].encode("ascii", "ignore")[:_MAX_NAME_BYTES]
    return name.decode() or _USUAL_NAME
