"""Finds the local networks that this computer is in."""

from __future__ import annotations

import ipaddress

from enhance_gui.wire.announcements import is_local

Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
"""An address of this computer, with the network that it is in."""


def own_interfaces() -> list[Interface]:
    """Return this computer's addresses in local networks.

    :raises OSError: the system does not tell them.
    """
    import ifaddr  # comes with zeroconf; loaded when it is needed

    found = []
    for adapter in ifaddr.get_adapters():
        for own in adapter.ips:
            address = own.ip if isinstance(own.ip, str) else own.ip[0]
            interface = ipaddress.ip_interface(f"{address}/{own.network_prefix}")
            # Of IPv6, an address that is valid on one link says nothing without that link.
            if is_local(interface.ip) and not (":" in address and interface.ip.is_link_local):
                found.append(interface)
    return found
