"""Opens connections to https servers through a proxy, by ``CONNECT``.

httpcore could do this too, but there the ``CONNECT`` counts as the request: the intent of a paid
call would be recorded, and the call count as sent, before the proxy has let anything through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import httpcore

from enhance_gui.core.settings.network import NetworkSettings
from enhance_gui.transport.error_mapping import ProxyRefused, ProxyUnreachable, ProxyWantsLogin
from enhance_gui.transport.proxies import Proxy, proxy_for

_MAX_HEAD_BYTES: Final = 16 * 1024

Connect = Callable[[str, int, float | None], Awaitable[httpcore.AsyncNetworkStream]]
"""Opens a connection to a host and port within so many seconds."""


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
