"""Checks which ``Host`` headers name this service, and builds addresses from them.

A web page that has its own name resolved to 127.0.0.1 (DNS rebinding) still sends that name as
``Host``. So a name is accepted only where it is known beforehand; a literal IP address cannot be
rebound.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from enhance_gui.core.images.addresses import is_loopback

_PORTS: Final = {"http": 80, "https": 443}


def _ip_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a host is; ``None``: it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class OwnHosts:
    """The host names by which the service can be reached."""

    def __init__(
        self, host: str, port: int, *, has_tls: bool = False, public_url: str = ""
    ) -> None:
        """
        :param host: the address the service listens on.
        :param port: the port it really listens on.
        :param has_tls: whether it speaks TLS there.
        :param public_url: a further address by which it is reached, as of a proxy; empty: none.
        """
        self._port = port
        self._scheme = "https" if has_tls else "http"
        self._public_url = public_url
        public = urlsplit(public_url)
        self._public_path = public.path
        self._public_host = (public.hostname or "").casefold()
        self._public_spellings = _spellings(self._public_host, public.port, public.scheme)
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
        self.base_url = self._own_url(own)
        """The address the service announces."""

    @property
    def https_name(self) -> str | None:
        """Return by which name others reach it with TLS.

        Empty: it speaks plain HTTP; ``None``: TLS, and nobody has said which name is certified, or
        it answers to that at another port, as that of a proxy.
        """
        if self._scheme == "http":
            return ""
        name = self._public_host
        return name if self.accepts(f"{name}:{self._port}") else None

    def accepts(self, header: str) -> bool:
        """Return whether a ``Host`` header names this service: host and port, exactly."""
        if self._is_public(header):
            return True
        host, port = _split(header, self._scheme)
        spellings = _spellings(host, port, self._scheme)
        return port == self._port and self._is_ours(host) and header in spellings

    def base_url_for(self, header: str) -> str:
        """Return the base address of the service for callers that use this ``Host``.

        The port is the present one: a header remembered from before a restart may have another.
        """
        if self._is_public(header):
            return self._public_url
        host, _ = _split(header, self._scheme)
        return self._own_url(host or "127.0.0.1")

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
        is_own = parts.scheme == self._scheme and folder == "/uploads" and self._is_ours(host)
        is_public = host == self._public_host and folder == f"{self._public_path}/uploads"
        return name if is_own or (self._public_url and is_public) else None

    def _is_ours(self, host: str) -> bool:
        return host in self._names or (self._any_address and _ip_of(host) is not None)

    def _is_public(self, header: str) -> bool:
        return bool(self._public_url) and header in self._public_spellings

    def _own_url(self, host: str) -> str:
        shown = f"[{host}]" if ":" in host else host
        return f"{self._scheme}://{shown}:{self._port}"


def _split(header: str, scheme: str) -> tuple[str, int]:
    """Return host and port of a ``Host`` header; an empty host where it is none."""
    try:
        parts = urlsplit(f"//{header}")
        return (parts.hostname or "").casefold(), parts.port or _PORTS[scheme]
    except ValueError:
        return "", 0


def _spellings(host: str, port: int | None, scheme: str) -> set[str]:
    """Return how a ``Host`` header may write this: nothing around it, no user name."""
    shown = f"[{host}]" if ":" in host else host
    usual = _PORTS.get(scheme)
    with_port = {f"{shown}:{port or usual}"}
    return with_port | {shown} if port in (None, usual) else with_port
