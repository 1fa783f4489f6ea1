"""Opens connections to https servers through a proxy, by ``CONNECT``.

httpcore could do this too, but there the ``CONNECT`` counts as the request: the intent of a paid
call would be recorded, and the call count as sent, before the proxy has let anything through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

import httpcore

from enhance_gui.transport.error_mapping import ProxyRefused, ProxyUnreachable, ProxyWantsLogin
from enhance_gui.transport.proxies import Proxies, Proxy

_MAX_HEAD_BYTES: Final = 16 * 1024


class ProxyBackend(httpcore.AsyncNetworkBackend):
    """Connects to a proxy itself, which may stand in a private network."""

    def __init__(self, network: httpcore.AsyncNetworkBackend) -> None:
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """:raises ProxyUnreachable: there is no connection to it."""
        try:
            return await self._network.connect_tcp(host, port, timeout)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise ProxyUnreachable("no connection to the proxy") from error

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class TunnelBackend(ProxyBackend):
    """Connects to servers through a proxy."""

    def __init__(self, proxies: Proxies, network: httpcore.AsyncNetworkBackend) -> None:
        super().__init__(network)
        self._proxies = proxies

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """:raises ProxyRefused: the proxy does not connect to the server."""
        proxy = await self._proxies.proxy_for("https", host)
        if proxy is None:
            raise ProxyRefused("the proxy of the system's settings has gone")
        stream = await super().connect_tcp(proxy.host, proxy.port, timeout)
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
