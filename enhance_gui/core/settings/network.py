"""Defines the network settings: proxy, further certificates, time limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from enhance_gui.core.secret import Secret
from enhance_gui.core.text.i18n import N_

SHORTEST_S: Final = 1.0
LONGEST_S: Final = 600.0


class ProxyMode(StrEnum):
    """Which proxy connections go through. Those to this computer itself never do."""

    NONE = "none"
    SYSTEM = "system"
    """The one of the system's settings or of the environment (``HTTPS_PROXY``, ``NO_PROXY``)."""
    OWN = "own"
    """The one that the user named here."""


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """The network settings, each with its default."""

    proxy: ProxyMode = ProxyMode.SYSTEM
    proxy_url: str = ""
    """``http://host:port`` of the user's own proxy; without a user name."""
    proxy_login: Secret | None = None
    """``user:password`` for the own proxy; never written to a file."""
    ca_file: Path | None = None
    """PEM file of certificates to trust besides those of the system."""
    connect_s: float = 10.0
    """For finding a service, connecting and TLS."""
    answer_s: float = 30.0
    """For a whole answer of a service; createtask gets more than twice of it."""
    proxy_wants_login: bool = False
    """Whether the own proxy wants a login, which then is in the password manager."""


DIRECT: Final = NetworkSettings(proxy=ProxyMode.NONE)
"""No proxy, the usual certificates, the usual limits."""


def proxy_problem(url: str) -> str:
    """Return what is wrong with the address of a proxy, one clause; empty where nothing is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return N_("it is not an address")
    if parts.scheme != "http":
        return N_("it must begin with http:// (other kinds of proxies are not supported)")
    if not host or port == 0:
        return N_("it names no host")
    if parts.username is not None:
        return N_("it must not carry a user name or a password")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        return N_("it must end after the port")
    return ""


def network_to_mapping(settings: NetworkSettings) -> dict[str, Any]:
    """Return the choices as plain data, without the proxy's login."""
    return {
        "proxy": settings.proxy.value,
        "proxy_url": settings.proxy_url,
        "proxy_wants_login": settings.proxy_wants_login,
        "ca_file": "" if settings.ca_file is None else str(settings.ca_file),
        "connect_s": settings.connect_s,
        "answer_s": settings.answer_s,
    }


def network_from_mapping(data: Mapping[str, Any]) -> NetworkSettings:
    """Read the choices; what is not one, or impossible, is as if it had not been chosen.

    Only "own proxy" without a usable address is not put right by guessing: it stays, and the first
    request fails. To go around a proxy that the user wanted would tell others what it hides.
    """
    usual = NetworkSettings()
    mode, url, ca_file = data.get("proxy"), data.get("proxy_url"), data.get("ca_file")
    return NetworkSettings(
        proxy=ProxyMode(mode) if mode in list(ProxyMode) else usual.proxy,
        proxy_url=url if isinstance(url, str) else "",
        ca_file=Path(ca_file) if isinstance(ca_file, str) and ca_file else None,
        connect_s=_seconds(data.get("connect_s"), usual.connect_s),
        answer_s=_seconds(data.get("answer_s"), usual.answer_s),
        proxy_wants_login=data.get("proxy_wants_login") is True,
    )


def _seconds(value: Any, usual: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and SHORTEST_S <= value <= LONGEST_S else usual
