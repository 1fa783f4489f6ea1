"""Builds HTTP clients: for pictures, for the calls of one service, and without identification."""

from __future__ import annotations

from http.cookiejar import CookieJar
from typing import Any, Final

import httpx

from enhance_gui import __version__
from enhance_gui.core.settings.network import DIRECT, NetworkSettings
from enhance_gui.transport.guarded import GuardedTransport
from enhance_gui.transport.host_lookup import AddressPolicy, Resolver, resolve

HttpAnswer = httpx.Response
"""An answer whose body has not been read."""

_PROGRAM: Final = "enhance-gui"
_NAME_AND_VERSION: Final = f"{_PROGRAM}/{__version__}"

# Measured on loopback: httpx is fastest with 3 to 8 connections, and slows beyond.
_CONNECTIONS: Final = 8

PICTURE_CONNECTIONS: Final = 12
"""Maximum number of connections to picture hosts: enough for all checks, copies and downloads of a
service, so that those which hang keep none of the others waiting."""


class HttpClient(httpx.AsyncClient):
    """A client of this program.

    Only this layer and ``client`` name httpx: for all others it has this name.
    """

    def __init__(
        self, transport: GuardedTransport, accept: str, user_agent: str = _NAME_AND_VERSION
    ) -> None:
        super().__init__(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            cookies=_NoCookies(),
            headers={
                "User-Agent": user_agent,
                "Accept": accept,
                # What comes packed costs time, and has bounds of its own (encodings.py).
                "Accept-Encoding": "identity",
            },
        )
        self._guarded = transport

    def build_request(self, method: str, url: httpx.URL | str, **more: Any) -> httpx.Request:
        """Build a request that names its host as the address does.

        Left to itself, httpx reads the host's letters once more to see whether there is one, and
        fails where they are of another standard than its own: emoji, for one, are names.

        :raises httpx.InvalidURL: it is no address that a request can be sent to.
        """
        try:
            address = httpx.URL(url)
            headers = {**(more.pop("headers", None) or {}), "Host": address.netloc.decode("ascii")}
            return super().build_request(method, address, headers=headers, **more)
        except UnicodeError as error:
            raise httpx.InvalidURL("it cannot be written in ASCII") from error

    async def close_when_idle(self) -> None:
        """Close every connection when the last request has ended; return then."""
        await self._guarded.close_when_idle()


def picture_client(
    policy: AddressPolicy,
    *,
    resolver: Resolver = resolve,
    settings: NetworkSettings = DIRECT,
) -> HttpClient:
    """Return a client for picture hosts: it has no token, keeps no cookie, follows no redirect."""
    transport = GuardedTransport(
        policy,
        max_connections=PICTURE_CONNECTIONS,
        max_idle=PICTURE_CONNECTIONS,
        resolver=resolver,
        settings=settings,
    )
    return HttpClient(transport, accept="image/*,*/*;q=0.5")


def api_client(
    *,
    keep_alive: bool,
    resolver: Resolver = resolve,
    settings: NetworkSettings = DIRECT,
) -> HttpClient:
    """Return a client for the calls of a service; it follows no redirect and keeps no cookie.

    :param keep_alive: whether a connection may serve several calls. A kept connection may be
        closed by the server just as the next call leaves, which then has no answer.
    """
    transport = GuardedTransport(
        AddressPolicy.ANY,
        max_connections=_CONNECTIONS,
        max_idle=_CONNECTIONS if keep_alive else 0,
        resolver=resolver,
        settings=settings,
    )
    return HttpClient(transport, accept="application/json")


def unnamed_client(*, settings: NetworkSettings) -> HttpClient:
    """Return a client whose requests are the same for every user and every version."""
    transport = GuardedTransport(
        AddressPolicy.ANY, max_connections=1, max_idle=0, settings=settings
    )
    return HttpClient(transport, accept="application/json", user_agent=_PROGRAM)


class _NoCookies(CookieJar):
    """A jar that takes nothing, and so does not even parse what a hostile server sends."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Take none."""
