"""Chooses the proxy that a connection goes through, if any, and opens connections through it.

A proxy finds the target's host by itself, so the guard of :mod:`guarded` cannot choose the
address: what it can do is to keep private targets away from the proxy. A host that is a number, or
a name of this computer, is connected to directly and so is judged by the guard. Any other name is
asked of the local name server first where the policy is strict: where that knows a private address
for it, it is refused; where it knows nothing, which is usual behind a proxy, the proxy decides.
That leaves one gap, which only the proxy's own rules can close: a name that is public here and
private there.

To https servers leads ``CONNECT``. httpcore could do this too, but there the ``CONNECT`` counts as
the request: the intent of a paid call would be recorded, and the call count as sent, before the
proxy has let anything through.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote, urlsplit

import httpcore

from enhance_gui.core.images.addresses import is_public_address
from enhance_gui.core.images.hosts import plain_host
from enhance_gui.core.picture_errors import AddressNotUsable
from enhance_gui.core.secret import Secret
from enhance_gui.core.settings.network import NetworkSettings, ProxyMode, proxy_problem
from enhance_gui.core.threads import in_daemon_thread
from enhance_gui.transport.error_mapping import (
    ProxyNotUsable,
    ProxyRefused,
    ProxyUnreachable,
    ProxyWantsLogin,
)

_MAX_HEAD_BYTES: Final = 16 * 1024

Connect = Callable[[str, int, float | None], Awaitable[httpcore.AsyncNetworkStream]]
"""Opens a connection to a host and port within so many seconds."""

_USUAL_PORT: Final = 80
_OWN_NAMES: Final = (".localhost", ".local")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy to go through."""

    host: str
    port: int
    login: Secret | None = None
    """``user:password``."""

    @property
    def authorization(self) -> list[tuple[bytes, bytes]]:
        """The ``Proxy-Authorization`` header; empty where the proxy needs no login."""
        if self.login is None:
            return []
        encoded = base64.b64encode(self.login.reveal().encode())
        return [(b"Proxy-Authorization", b"Basic " + encoded)]


async def proxy_for(settings: NetworkSettings, scheme: str, host: str) -> Proxy | None:
    """Return the proxy for a target; ``None``: connect directly.

    :raises ProxyNotUsable: there should be one, and its address or kind cannot be used.
    """
    if settings.proxy is ProxyMode.NONE or _never_by_proxy(host):
        return None
    if settings.proxy is ProxyMode.OWN:
        if problem := proxy_problem(settings.proxy_url):
            raise ProxyNotUsable(problem)
        return replace(_usable(settings.proxy_url), login=settings.proxy_login)
    # The system's settings may be behind calls that take their time.
    url = await in_daemon_thread(lambda: _system_proxy(scheme, host), "look for a proxy")
    return None if url is None else _usable(url)


def _never_by_proxy(host: str) -> bool:
    """Return whether a host is a number that is not public, or a name of this computer."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(_OWN_NAMES):
        return True
    try:
        # As the system reads it: decimal, octal and hexadecimal numbers included.
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return any(not is_public_address(str(each[4][0])) for each in found)


def _system_proxy(scheme: str, host: str) -> str | None:
    """Return the address of the system's proxy for a target."""
    proxies = urllib.request.getproxies()
    url = proxies.get(scheme) or proxies.get("all")
    if not url or urllib.request.proxy_bypass(host):
        return None
    return url if "://" in url else f"http://{url}"


def _usable(url: str) -> Proxy:
    """Read the address of a proxy; that of the system's may carry a login."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if parts.scheme != "http" or not host:
            raise ProxyNotUsable("it is of a kind that is not supported")
        proxy = Proxy(plain_host(host).strip("[]"), port or _USUAL_PORT)
    except (AddressNotUsable, ValueError) as error:
        raise ProxyNotUsable("its address cannot be read") from error
    if parts.username is None:
        return proxy
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return replace(proxy, login=Secret(login))


class ProxyConnections:
    """Connects to proxies, which may stand in a private network, and through them to servers."""

    def __init__(self, settings: NetworkSettings, connect: Connect) -> None:
        self._settings = settings
        self._connect = connect

    async def to_proxy(
        self, host: str, port: int, timeout: float | None
    ) -> httpcore.AsyncNetworkStream:
        """:raises ProxyUnreachable: there is no connection to it."""
        try:
            return await self._connect(host, port, timeout)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise ProxyUnreachable("no connection to the proxy") from error

    async def to_server(
        self, host: str, port: int, timeout: float | None
    ) -> httpcore.AsyncNetworkStream:
        """:raises ProxyRefused: the proxy does not connect to the server."""
        proxy = await proxy_for(self._settings, "https", host)
        if proxy is None:
            raise ProxyRefused("the proxy of the system's settings has gone")
        stream = await self.to_proxy(proxy.host, proxy.port, timeout)
        try:
            async with asyncio.timeout(timeout):
                await _open_tunnel(stream, proxy, host, port)
        except TimeoutError as error:
            await stream.aclose()
            raise ProxyUnreachable("the proxy fell silent") from error
        except BaseException:
            await stream.aclose()
            raise
        return stream


async def _open_tunnel(
    stream: httpcore.AsyncNetworkStream, proxy: Proxy, host: str, port: int
) -> None:
    """:raises ProxyRefused: the proxy refuses, or its answer is not understood."""
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    head = [(b"Host", target.encode()), *proxy.authorization]
    lines = [b"CONNECT %s HTTP/1.1" % target.encode(), *(b"%s: %s" % each for each in head)]
    try:
        await stream.write(b"\r\n".join([*lines, b"", b""]))
        status = _status_in(await _answer_of(stream))
    except httpcore.NetworkError as error:
        raise ProxyRefused("the proxy broke off") from error
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        raise ProxyWantsLogin("the proxy wants a login")
    if not 200 <= status < 300:
        raise ProxyRefused(f"the proxy answered with HTTP {status}")


async def _answer_of(stream: httpcore.AsyncNetworkStream) -> bytes:
    """Read the head of the proxy's answer. Nothing follows it: in TLS the client speaks first."""
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        piece = await stream.read(_MAX_HEAD_BYTES)
        answer += piece
        if not piece or len(answer) > _MAX_HEAD_BYTES:
            return answer[:_MAX_HEAD_BYTES]
    return answer


def _status_in(answer: bytes) -> int:
    """Return the status of an answer; 0 where it is none."""
    first = answer.partition(b"\r\n")[0].split()
    is_http = len(first) > 1 and first[0].startswith(b"HTTP/1.") and len(first[1]) == 3
    return int(first[1]) if is_http and first[1].isdigit() else 0
