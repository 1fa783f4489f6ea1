"""Opens connections only to addresses that the policy allows.

A host is resolved once, each of its addresses is checked, and the connection goes to a checked
address: between check and use there is no second question to the name server whose answer could
differ. The guard sits below TLS and HTTP, so the host's name, its certificate and the ``Host``
header are what they would be without it, and no spelling of a host can get around it.

Where a proxy is wanted it resolves the host itself; what can still be checked then stands in
:mod:`enhance_gui.transport.proxies`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

# httpcore would load anyio's and sniffio in the midst of the first request.
import anyio._backends._asyncio  # noqa: F401
import httpcore
import httpx
import sniffio  # noqa: F401

from enhance_gui.core.picture_errors import PrivateAddress
from enhance_gui.core.settings.network import DIRECT, NetworkSettings
from enhance_gui.transport.error_mapping import CaFileNotUsable
from enhance_gui.transport.host_lookup import AddressPolicy, Resolver, resolve
from enhance_gui.transport.proxies import Connect, ProxyConnections, proxy_for
from enhance_gui.transport.tls import shared_tls_context

_LOOK_UP_S: Final = 2.0
"""Timeout of the local name server for a host that a proxy will look up itself."""


class GuardedTransport(httpx.AsyncBaseTransport):
    """The transport of every HTTP client here. Its errors are httpcore's: see
    ``map_http_errors``."""

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        max_connections: int,
        max_idle: int,
        resolver: Resolver = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
        settings: NetworkSettings = DIRECT,
    ) -> None:
        """
        :param max_connections: maximum number open at once; httpcore's cost grows with its square.
        :param max_idle: maximum number kept for a later request.
        :param network: what opens a connection to a checked address; by default this computer.
        """
        plain = (network or httpcore.AnyIOBackend()).connect_tcp
        self._guard = _Guard(policy, resolver, plain)
        self._settings = settings
        self._active = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._retired = False

        def pool(connect: Connect) -> httpcore.AsyncConnectionPool:
            return httpcore.AsyncConnectionPool(
                # It trusts nobody: no connection may fall back to it.
                ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                max_connections=max_connections,
                max_keepalive_connections=max_idle,
                keepalive_expiry=5.0,
                network_backend=_Backend(connect, settings.ca_file),
            )

        proxies = ProxyConnections(settings, plain)
        self._direct = pool(self._guard.connect)
        self._tunnelled = pool(proxies.to_server)
        self._forwarded = pool(proxies.to_proxy)
        self._pools = (self._direct, self._tunnelled, self._forwarded)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._active += 1
        self._idle.clear()
        try:
            return await self._answer(request)
        # Whatever it is, there will be no body whose end would mark the end of the request.
        except BaseException:
            await self._ended()
            raise

    async def close_when_idle(self) -> None:
        """Close when the last request has ended; return then.

        A later request is still carried out, by a connection of its own.
        """
        self._retired = True
        while self._active:
            await self._idle.wait()
        await self._close_idle()

    async def _ended(self) -> None:
        self._active -= 1
        if not self._active:
            self._idle.set()
            if self._retired:
                await self._close_idle()

    async def _close_idle(self) -> None:
        for pool in self._pools:
            if not self._active:  # or a request has come meanwhile, whose end closes
                await pool.aclose()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        pool, url, headers = await self._route_to(url)
        answer = await pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=url,
                headers=[*request.headers.raw, *headers],
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return _Answer(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, self._ended),
            extensions=answer.extensions,
        )

    async def _route_to(
        self, url: httpcore.URL
    ) -> tuple[httpcore.AsyncConnectionPool, httpcore.URL, list[tuple[bytes, bytes]]]:
        """Return the pool to use, the address to ask it for, and further headers."""
        scheme, host = url.scheme.decode(), url.host.decode()
        proxy = await proxy_for(self._settings, scheme, host)
        if proxy is None:
            return self._direct, url, []
        await self._guard.refuse_known_private(host, url.origin.port)
        if scheme == "https":
            return self._tunnelled, url, []
        by_proxy = httpcore.URL(
            scheme=b"http", host=proxy.host.encode(), port=proxy.port, target=bytes(url)
        )
        return self._forwarded, by_proxy, proxy.authorization

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.aclose()


class _Answer(httpx.Response):
    """A response with a redirect, from which httpx does not build the next request.

    httpx reads the target even when it does not follow it, and raises where it is hostile.
    """

    @property
    def has_redirect_location(self) -> bool:
        return False


class _Body(httpx.AsyncByteStream):
    """An answer's body, as httpx wants it."""

    def __init__(self, answer: httpcore.Response, ended: Callable[[], Awaitable[None]]) -> None:
        self._answer = answer
        self._ended = ended

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._answer.stream, AsyncIterable)  # noqa: S101  an async pool's answer
        async for chunk in self._answer.stream:
            yield chunk

    async def aclose(self) -> None:
        try:
            await self._answer.aclose()
        finally:
            await self._ended()


class _Guard:
    """Opens the connections to servers: resolve, check, connect."""

    def __init__(self, policy: AddressPolicy, resolver: Resolver, connect: Connect) -> None:
        self._policy = policy
        self._resolver = resolver
        self._connect = connect

    async def connect(
        self, host: str, port: int, timeout: float | None
    ) -> httpcore.AsyncNetworkStream:
        """:raises PrivateAddress: one of the host's addresses is not allowed."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._allowed_addresses(host, port)
                return await self._first_that_connects(addresses, port, timeout)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("no connection in time") from error

    async def refuse_known_private(self, host: str, port: int) -> None:
        """Check a host that a proxy will look up, as far as it is known here.

        :raises PrivateAddress: one of its addresses is not allowed.
        """
        if self._policy is AddressPolicy.ANY:
            return
        with suppress(httpcore.ConnectError, TimeoutError):
            async with asyncio.timeout(_LOOK_UP_S):
                await self._allowed_addresses(host, port)

    async def _allowed_addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = list(await self._resolver(host, port))
        except OSError as error:
            raise httpcore.ConnectError("the host is not known") from error
        if not addresses:
            raise httpcore.ConnectError("the host has no address")
        for ip in addresses:
            if not self._policy.allows(ip):
                raise PrivateAddress(
                    "{host} leads to {address}, which is not on the public internet",
                    host=host,
                    address=ip,
                )
        return addresses

    async def _first_that_connects(
        self, addresses: list[str], port: int, timeout: float | None
    ) -> httpcore.AsyncNetworkStream:
        share_s = None if timeout is None else timeout / len(addresses)
        for ip in addresses[:-1]:
            try:
                return await self._connect(ip, port, share_s)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._connect(addresses[-1], port, share_s)


class _Backend(httpcore.AsyncNetworkBackend):
    """Opens the connections of a pool, which ask for their TLS context only when TLS is wanted."""

    def __init__(self, connect: Connect, ca_file: Path | None) -> None:
        self._connect = connect
        self._ca_file = ca_file

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _LazyTlsStream(await self._connect(host, port, timeout), self._ca_file)


class _LazyTlsStream(httpcore.AsyncNetworkStream):
    """A connection that asks for its TLS context only when TLS is wanted."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, ca_file: Path | None) -> None:
        self._stream = stream
        self._ca_file = ca_file

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            context = await shared_tls_context(self._ca_file)
            return await self._stream.start_tls(context, server_hostname, timeout)
        except ValueError as error:
            await self.aclose()
            # A name that can stand in an address and not in a certificate.
            raise httpcore.ConnectError("the host's name cannot be verified") from error
        except CaFileNotUsable:
            await self.aclose()
            raise
        except asyncio.CancelledError:
            # httpcore closes after errors alone: a deadline in the handshake would leak the socket.
            await self.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
