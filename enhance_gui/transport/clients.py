"""The two kinds of HTTP client: for pictures anywhere, and for calls of one service."""

from __future__ import annotations

from http.cookiejar import CookieJar
from typing import Any, Final

import httpx

from enhance_gui import __version__
from enhance_gui.transport.guarded import GuardedTransport
from enhance_gui.transport.policy import AddressPolicy
from enhance_gui.transport.resolving import Resolver, resolve
from enhance_gui.transport.tls import TlsSource, shared_tls_context

HttpClient = httpx.AsyncClient
"""What those who are handed a client call it; only this layer and ``client`` name httpx."""

HttpAnswer = httpx.Response
"""An answer whose body has not been read."""

# Measured on loopback: httpx is fastest with 3 to 8 connections, and slows beyond.
_CONNECTIONS: Final = 8


def picture_client(
    policy: AddressPolicy,
    *,
    resolver: Resolver = resolve,
    tls: TlsSource = shared_tls_context,
) -> httpx.AsyncClient:
    """Return a client for picture hosts: it has no token, keeps no cookie, follows no redirect."""
    transport = GuardedTransport(
        policy,
        max_connections=_CONNECTIONS,
        max_idle=_CONNECTIONS,
        resolver=resolver,
        tls=tls,
    )
    return _client(transport, accept="image/*,*/*;q=0.5")


def api_client(
    *,
    keep_alive: bool,
    resolver: Resolver = resolve,
    tls: TlsSource = shared_tls_context,
) -> httpx.AsyncClient:
    """Return a client for the calls of a service; it follows no redirect and keeps no cookie.

    :param keep_alive: whether a connection may serve several calls. A kept connection may be
        closed by the server just as the next call leaves, which then has no answer.
    """
    transport = GuardedTransport(
        AddressPolicy.ANY,
        max_connections=_CONNECTIONS,
        max_idle=_CONNECTIONS if keep_alive else 0,
        resolver=resolver,
        tls=tls,
    )
    return _client(transport, accept="application/json")


def _client(transport: GuardedTransport, accept: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        cookies=_NoCookies(),
        headers={
            "User-Agent": f"enhance-gui/{__version__}",
            "Accept": accept,
            # 65 KB of gzip can be one chunk of 64 MiB: bodies are taken as they are, or refused.
            "Accept-Encoding": "identity",
        },
    )


class _NoCookies(CookieJar):
    """A jar that takes nothing, and so does not even parse what a hostile server sends."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Take none."""
