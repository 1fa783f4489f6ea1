"""Checks which ``Host`` headers name this service, and builds addresses from them.

A web page that has its own name resolved to 127.0.0.1 (DNS rebinding) still sends that name as
``Host``. So a name is accepted only where it is known beforehand; a literal IP address cannot be
rebound.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from enhance_gui.core.images.addresses import is_loopback


def _ip_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a host is; ``None``: it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class OwnHosts:
    """The host names by which the service can be reached."""

    def __init__(self, host: str, port: int) -> None:
        """
        :param host: the address the service listens on.
        :param port: the port it really listens on.
        """
        self._port = port
        ip = _ip_of(host)
        self._any_address = ip is not None and ip.is_unspecified
        self._names = {host.casefold()}
        if is_loopback(host) or self._any_address:
            self._names |= {"localhost", "127.0.0.1", "::1"}
        if self._any_address:
            own_name = socket.gethostname().casefold()
            self._names |= {own_name, f"{own_name}.local"}
        own = host.casefold()
        if self._any_address:
            own = "::1" if ":" in host else "127.0.0.1"
        self.base_url = _base_url(own, port)
        """The address the service announces."""

    def accepts(self, header: str) -> bool:
        """Return whether a ``Host`` header names this service: host and port, exactly."""
        host, port = _split(header)
        return port == self._port and self._is_ours(host) and header in _spellings(host, port)

    def base_url_for(self, header: str) -> str:
        """Return the base address of the service for callers that use this ``Host``.

        The port is the present one: a header remembered from before a restart may have another.
        """
        host, _ = _split(header)
        return _base_url(host or "127.0.0.1", self._port)

    def upload_name(self, picture_url: str) -> str | None:
        """Return the file name in an address of an upload to this service; ``None``: is none.

        The port is not compared: an upload outlives a restart, the port does not.
        """
        try:
            parts = urlsplit(picture_url)
            host = (parts.hostname or "").casefold()
        except ValueError:
            return None
        folder, _, name = parts.path.rpartition("/")
        if parts.scheme != "http" or folder != "/uploads" or not self._is_ours(host):
            return None
        return name

    def _is_ours(self, host: str) -> bool:
        return host in self._names or (self._any_address and _ip_of(host) is not None)


def _split(header: str) -> tuple[str, int]:
    """Return host and port of a ``Host`` header; an empty host where it is none."""
    try:
        parts = urlsplit(f"//{header}")
        return (parts.hostname or "").casefold(), parts.port or 80
    except ValueError:
        return "", 0


def _spellings(host: str, port: int) -> set[str]:
    """Return how a ``Host`` header may write this: nothing around it, no user name."""
    shown = f"[{host}]" if ":" in host else host
    with_port = {f"{shown}:{port}"}
    return with_port | {shown} if port == 80 else with_port


def _base_url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
